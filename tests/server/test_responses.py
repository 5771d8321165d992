"""Responses: the clinic's facts are filled in, honest where they are missing, short where only text is shown."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.knowledge.consistency import ENQUIRY_PLACEHOLDERS
from bot.server.responses import TEXT_ONLY, ClinicResponses, UnknownResponse
from bot.settings import ROOT, Clinic

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Rasa warns of its own slots
    DOMAIN = Domain.load(str(ROOT / "domain"))
NAMES = sorted(DOMAIN.responses)
FULL = Clinic(
    name="Test Clinic",
    town="Testville",
    phone="780-555-0100",
    address="1 Test Street",
    hours="Monday 8:00 to 16:00",
    booking_link="https://clinic.example.com/book",
)
EMPTY = Clinic(name="Test Clinic", town="Testville")
LIMIT = {"limit": 1000}
VALUES = {**dict.fromkeys(ENQUIRY_PLACEHOLDERS, "sample"), **LIMIT}


def responses_of(clinic: Clinic) -> ClinicResponses:
    return ClinicResponses(domain=DOMAIN, facts_of=clinic)


def tracker_after(*texts: str) -> DialogueStateTracker:
    events: list[Any] = [UserUttered("hi")]
    events += [BotUttered(text) for text in texts]
    return DialogueStateTracker.from_events("visitor", events, DOMAIN.slots)


@pytest.mark.parametrize("channel", ["rest", TEXT_ONLY])
@pytest.mark.parametrize("clinic", [FULL, EMPTY], ids=["full", "empty"])
@pytest.mark.parametrize("name", NAMES)
def test_no_response_has_a_hole_in_it(name: str, clinic: Clinic, channel: str) -> None:
    text = responses_of(clinic).render(name, channel, values=VALUES)["text"]
    assert text.strip()
    assert not re.search(r"[{}]|\bNone\b(?! of)|\bnull\b", text)


def test_what_the_clinic_filled_in_is_said() -> None:
    responses = responses_of(FULL)
    assert "780-555-0100" in responses.render("utter_human_handoff", "rest")["text"]
    assert "Monday 8:00 to 16:00" in responses.render("utter_booking_hours_location_hours", "rest")["text"]
    assert "1 Test Street" in responses.render("utter_booking_hours_location_location", "rest")["text"]
    assert "https://clinic.example.com/book" in responses.render("utter_booking_hours_location_booking", "rest")["text"]


@pytest.mark.parametrize("part", ["hours", "location", "booking"])
def test_what_the_clinic_did_not_fill_in_is_said_to_be_missing(part: str) -> None:
    text = responses_of(EMPTY).render(f"utter_booking_hours_location_{part}", "rest")["text"]
    assert "I don't have" in text


def test_without_a_phone_number_the_front_desk_is_named() -> None:
    text = responses_of(EMPTY).render("utter_human_handoff", "rest")["text"]
    assert "front desk of Test Clinic" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_text_only_form_is_no_longer_than_the_other(name: str) -> None:
    responses = responses_of(FULL)
    short = responses.render(name, TEXT_ONLY, values=VALUES)["text"]
    assert len(short) <= max(len(responses._fill(v, "rest", VALUES)["text"]) for v in responses._variations(name, "rest"))


async def test_an_action_can_ask_for_the_short_form() -> None:
    responses = responses_of(FULL)
    short = await responses.generate("utter_safety", tracker_after(), "rest", form="short")
    plain = await responses.generate("utter_safety", tracker_after(), "rest")
    assert short is not None
    assert plain is not None
    assert short["text"] == responses.render("utter_safety", TEXT_ONLY)["text"]
    assert len(short["text"]) < len(plain["text"])


async def test_no_variation_is_said_twice_while_there_is_another() -> None:
    responses, said = responses_of(FULL), []
    for _ in range(3):
        answer = await responses.generate("utter_greet", tracker_after(*said), "rest")
        assert answer is not None
        said.append(answer["text"])
    assert len(set(said)) == 3


async def test_when_all_variations_were_said_the_oldest_comes_again() -> None:
    responses = responses_of(FULL)
    variations = [variation["text"] for variation in DOMAIN.responses["utter_greet"]]
    answer = await responses.generate("utter_greet", tracker_after(*variations), "rest")
    assert answer is not None
    assert answer["text"] == variations[0]


async def test_the_metadata_of_a_response_comes_along_and_its_conditions_do_not() -> None:
    answer = await responses_of(FULL).generate("utter_scars", tracker_after(), "rest", buttons=None)
    assert answer is not None
    assert answer["metadata"] == {"source": "scars"}
    assert set(answer) == {"text", "metadata"}


async def test_an_unknown_response_is_none_for_rasa_and_an_error_for_the_house() -> None:
    responses = responses_of(FULL)
    assert await responses.generate("utter_nonsense", tracker_after(), "rest") is None
    with pytest.raises(UnknownResponse, match="utter_nonsense"):
        responses.render("utter_nonsense", "rest")


def test_braces_in_a_clinics_fact_stay_braces() -> None:
    odd = FULL.copy(update={"hours": "8 {to} 4"})
    assert "8 {to} 4" in responses_of(odd).render("utter_booking_hours_location_hours", "rest")["text"]
