"""Merge: what several readings of one message come to, with readings made by hand."""

from __future__ import annotations

from typing import Any, Dict, Sequence

import pytest
import yaml
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.clauses import PIECE, QUESTION, ROLE, STATEMENT, WHOLE
from bot.nlu.merge import FALLBACK, Merge
from bot.nlu.reading import READING, Reading
from bot.nlu.urgency import ALARM, Alarm
from bot.settings import ROOT

MERGE = Merge(Merge.get_default_config())
CALM, LOUD = -9.0, 6.0


def part(
    role: str,
    intent: str,
    confidence: float = 0.9,
    facet: str | None = None,
    text: str = "some words",
    symptom: float = CALM,
    crisis: float = CALM,
    amber: float = CALM,
    signs: Sequence[str] = (),
    share: float = 0.8,
) -> Message:
    ranking = [(intent, share), ("safety", 0.06), ("scars", 0.05), ("evidence", 0.04), ("greet", 0.03), ("deny", 0.02)]
    reading = Reading(intent, confidence, ranking, facet, "an example", 0.8)
    return Message({TEXT: text, ROLE: role, READING: reading, ALARM: Alarm(symptom, crisis, amber, list(signs))})


def merged(*parts: Message) -> Dict[str, Any]:
    (message,) = MERGE.process(list(parts))
    return {
        key: message.get(key) for key in ("intent", "intent_ranking", "questions", "facets", "urgency", "distress", "trace")
    }


def test_one_question_is_one_intent() -> None:
    result = merged(part(WHOLE, "cost_insurance"))
    assert result["intent"] == {"name": "cost_insurance", "confidence": 0.9}
    assert result["questions"] == []
    assert result["urgency"] == "none"
    assert len(result["intent_ranking"]) == 5


def test_two_questions_become_a_list_in_order() -> None:
    result = merged(part(WHOLE, "scars", 0.6), part(QUESTION, "pain_discomfort", 0.8), part(QUESTION, "cost_insurance", 0.7))
    assert result["questions"] == ["pain_discomfort", "cost_insurance"]
    assert result["intent"] == {"name": "pain_discomfort", "confidence": 0.8}


def test_small_talk_before_a_question_does_not_blur_it() -> None:
    talk, asked = part(STATEMENT, "affirm"), part(QUESTION, "jaw_tmj", 0.45)
    blurred = merged(part(WHOLE, "jaw_tmj", 0.45), talk, asked, part(PIECE, "jaw_tmj", 0.66))
    assert blurred["intent"] == {"name": "jaw_tmj", "confidence": 0.66}
    lead = part(STATEMENT, "wrinkles")
    told = merged(part(WHOLE, "scars", 0.6), lead, part(QUESTION, "scars"), part(PIECE, "jaw_tmj", 0.9))
    assert told["intent"]["name"] == "scars"


@pytest.mark.parametrize("wish", ["enquire_cosmetic", "human_handoff"])
def test_a_wish_beside_questions_is_what_the_message_is_for(wish: str) -> None:
    sure = merged(part(WHOLE, "scars", 0.6), part(QUESTION, "scars"), part(QUESTION, wish, 0.7))
    unsure = merged(part(WHOLE, "scars", 0.6), part(QUESTION, "scars"), part(QUESTION, wish, 0.4, share=0.4))
    as_a_whole = merged(part(WHOLE, wish, 0.6), part(QUESTION, "cosmetic_use"), part(QUESTION, "human_handoff", 0.4))
    assert [found["intent"]["name"] for found in (sure, unsure, as_a_whole)] == [wish, "scars", wish]


def test_a_wish_in_a_story_that_is_not_understood_as_a_whole_is_heard() -> None:
    story, wish = part(STATEMENT, "clinic_offer", 0.5), part(STATEMENT, "human_handoff", 0.8)
    told = merged(part(WHOLE, "clinic_offer", 0.4), story, wish)
    assert told["intent"]["name"] == "human_handoff"
    assert merged(part(WHOLE, "clinic_offer", 0.4), part(STATEMENT, "human_handoff", 0.7))["intent"]["name"] == FALLBACK


def test_a_story_around_a_question_is_about_the_question() -> None:
    about = merged(part(WHOLE, "wrinkles", 0.4), part(STATEMENT, "greet"), part(STATEMENT, "wrinkles", 0.8, facet="lips"))
    assert (about["intent"]["name"], about["facets"]) == ("wrinkles", ["lips"])
    assert merged(part(WHOLE, "scars", 0.4), part(STATEMENT, "wrinkles", 0.8))["intent"]["name"] == FALLBACK


def test_a_clause_without_a_sign_does_not_alarm_a_calm_message() -> None:
    """ "…or he will write to me?" alone resembled a crisis."""
    clause = part(QUESTION, "enquire_cosmetic", crisis=0.4)
    assert merged(part(WHOLE, "enquire_cosmetic"), clause)["urgency"] == "none"
    assert merged(part(WHOLE, "enquire_cosmetic", crisis=-2.0), clause)["urgency"] == "urgent_crisis"
    named = part(STATEMENT, "scars", crisis=0.4, signs=["self_harm"])
    assert merged(part(WHOLE, "scars"), named)["urgency"] == "urgent_crisis"


def test_the_same_question_twice_is_one() -> None:
    result = merged(part(WHOLE, "scars"), part(QUESTION, "scars"), part(QUESTION, "scars"))
    assert result["questions"] == []
    assert result["intent"]["name"] == "scars"


@pytest.mark.parametrize("steering", ["greet", "thanks", "affirm", "out_of_scope"])
def test_small_talk_beside_a_question_is_no_second_question(steering: str) -> None:
    result = merged(part(WHOLE, "scars"), part(QUESTION, steering), part(QUESTION, "scars"))
    assert result["questions"] == []


def test_a_part_that_is_unsure_does_not_count() -> None:
    result = merged(part(WHOLE, "scars"), part(QUESTION, "scars"), part(QUESTION, "evidence", 0.1))
    assert result["questions"] == []


def test_a_statement_counts_only_when_it_is_very_sure() -> None:
    unsure = merged(part(WHOLE, "scars"), part(QUESTION, "scars"), part(STATEMENT, "evidence", 0.8))
    sure = merged(part(WHOLE, "scars"), part(QUESTION, "scars"), part(STATEMENT, "evidence", 0.97))
    assert unsure["questions"] == []
    assert sure["questions"] == ["scars", "evidence"]


@pytest.mark.parametrize("role", [WHOLE, QUESTION, STATEMENT, PIECE])
def test_an_emergency_in_any_part_wins_over_everything(role: str) -> None:
    parts = [part(QUESTION, "scars"), part(QUESTION, "cost_insurance")]
    if role == WHOLE:
        result = merged(part(WHOLE, "scars", symptom=LOUD), *parts)
    else:
        result = merged(part(WHOLE, "scars"), *parts, part(role, "safety", symptom=LOUD))
    assert result["intent"]["name"] == "urgent_symptom"
    assert result["urgency"] == "urgent_symptom"
    assert result["questions"] == []
    assert result["intent"]["confidence"] > 0.95


def test_a_word_left_alone_is_no_emergency_unless_it_names_a_sign() -> None:
    """A visitor wrote "I've had these frown lines, …" and got the crisis script for "I've"."""
    whole, rest = part(WHOLE, "enquire_cosmetic"), part(QUESTION, "enquire_cosmetic")
    assert merged(whole, part(STATEMENT, "scars", text="I've", crisis=LOUD), rest)["urgency"] == "none"
    assert merged(whole, part(STATEMENT, "scars", text="stroke", symptom=LOUD, signs=["stroke"]), rest)["urgency"] != "none"
    assert merged(part(WHOLE, "scars", text="dying", crisis=LOUD))["urgency"] == "urgent_crisis"


def test_of_two_emergencies_the_stronger_one_is_answered() -> None:
    assert merged(part(WHOLE, "scars", symptom=2.0, crisis=LOUD))["intent"]["name"] == "urgent_crisis"
    assert merged(part(WHOLE, "scars", symptom=LOUD, crisis=2.0))["intent"]["name"] == "urgent_symptom"


def test_an_unclear_sign_is_amber_and_the_question_is_still_answered() -> None:
    body = merged(part(WHOLE, "scars", amber=3.0, symptom=-3.0, crisis=-6.0))
    mood = merged(part(WHOLE, "scars", amber=3.0, symptom=-6.0, crisis=-3.0))
    assert (body["intent"]["name"], body["urgency"], body["distress"]) == ("scars", "amber", False)
    assert (mood["intent"]["name"], mood["urgency"], mood["distress"]) == ("scars", "amber", True)


def test_an_urgent_reading_without_an_alarm_is_not_understood_rather_than_an_emergency() -> None:
    assert merged(part(WHOLE, "urgent_symptom"))["intent"]["name"] == FALLBACK


def test_what_is_unlike_anything_known_is_not_understood() -> None:
    assert merged(part(WHOLE, "scars", 0.1))["intent"]["name"] == FALLBACK


@pytest.mark.parametrize("text", ["", "?!", "..."])
def test_a_message_without_words_is_not_understood_however_sure_the_reading(text: str) -> None:
    assert merged(part(WHOLE, "scars", 0.99, text=text))["intent"]["name"] == FALLBACK


def test_each_question_keeps_its_facet_and_two_facets_are_two_questions() -> None:
    one = merged(part(WHOLE, "booking_hours_location", facet="hours"))
    two = merged(part(WHOLE, "scars"), part(QUESTION, "booking_hours_location", facet="hours"), part(QUESTION, "scars"))
    assert one["facets"] == ["hours"]
    assert dict(zip(two["questions"], two["facets"])) == {"booking_hours_location": "hours", "scars": None}
    hours, place = (part(QUESTION, "booking_hours_location", facet=facet) for facet in ("hours", "location"))
    both = merged(part(WHOLE, "booking_hours_location"), hours, place)
    assert (both["questions"], both["facets"]) == (["booking_hours_location"] * 2, ["hours", "location"])


def test_several_messages_in_a_batch_stay_apart() -> None:
    batch = [part(WHOLE, "scars"), part(WHOLE, "safety", symptom=LOUD), part(QUESTION, "scars"), part(WHOLE, "evidence")]
    names = [message.get("intent")["name"] for message in MERGE.process(batch)]
    assert names == ["scars", "urgent_symptom", "evidence"]


def test_the_trace_tells_what_was_read_in_every_part() -> None:
    result = merged(part(WHOLE, "scars"), part(QUESTION, "scars", facet="acne"))
    assert [(step["role"], step["intent"]) for step in result["trace"]] == [(WHOLE, "scars"), (QUESTION, "scars/acne")]


def test_a_message_that_surely_means_one_other_thing_is_not_taken_apart() -> None:
    asked = [part(QUESTION, "vs_microneedling", 0.6), part(QUESTION, "sessions_results", 0.6)]
    assert merged(part(WHOLE, "other_treatment", 0.95), *asked)["questions"] == []


def test_the_configuration_and_the_defaults_agree() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    configured = {key: value for key, value in pipeline[-1].items() if key != "name"}
    assert configured == Merge.get_default_config()
