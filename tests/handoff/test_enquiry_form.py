"""What one message means for the enquiry form: tables of what people type, and properties of any text at all."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.evaluation.enquiry_samples import sample_enquiry
from bot.handoff.asking import begins_with_yes, needs_time
from bot.handoff.checks import accepted
from bot.handoff.choices import ANY, TEAM, Offer, another_in, choice_in
from bot.handoff.clear_yes import has_clear_yes, is_yes_alone, is_yes_with_thanks, tells_to_send
from bot.handoff.concerns import CONCERNS
from bot.handoff.enquiry_form import DECIDES, FIELDS, NEEDED, NOT_GIVEN, WITHOUT, Heard, Said, hear, missing
from bot.handoff.form_corrections import fields_named
from bot.handoff.form_questions import ABOUT_THE_FORM, about_the_form
from bot.handoff.spelled_digits import with_digits
from bot.knowledge.questions import QUESTIONS

ONE = Offer(11, "Sample Provider One", "physiotherapist", "Sample Practice North", "Grande Prairie")
TWO = Offer(12, "Sample Provider Two", "acupuncturist", "Sample Acupuncture Studio", "Grande Prairie")
THREE = Offer(13, "Sample Provider Three", "nurse practitioner", "Sample Skin Clinic", "Edmonton")
FOUR = Offer(14, "Sample Provider Four", "physiotherapist", "Sample Physiotherapy West", "Beaverlodge")
ALL = (TWO, ONE, THREE)
"""As shown: the place in the list is not the word in the name."""
NOTHING: dict[str, Any] = dict.fromkeys((*FIELDS, "contact_kind", "language", "question", "offered", "consent_text"))
TOLD = {
    **NOTHING,
    "concern": "scars",
    "town": "Grande Prairie",
    "first_name": "Dana",
    "contact": "dana@example.com",
    "contact_kind": "email",
    "best_time": "",
    "offered": [offer._asdict() for offer in ALL],
}
PICKED = {**TOLD, "provider": "11", "consent_text": "Shall I send it?"}
INTENTS = (
    *("affirm", "deny", "skip", "cancel", "goodbye", "greet", "thanks", "inform", "correct_detail", "nlu_fallback"),
    *("more_detail", "repeat_clarify", "out_of_scope", "enquire_cosmetic", "human_handoff", "privacy_data"),
    *("complaint_feedback", "safety", "scars", "urgent_symptom", "language_switch", "bot_challenge", "erase_data"),
)


def said(text: str, intent: str = "nlu_fallback", *asked: str, **more: Any) -> Said:
    return Said(text, intent, frozenset(asked), **more)


def at_consent(text: str, intent: str = "affirm", **more: Any) -> Heard:
    return hear(said(text, intent, **more), "consent", PICKED, ALL)


# ---- What is asked for ----


@pytest.mark.parametrize("kind", NEEDED)
def test_what_a_kind_does_not_need_is_filled_in(kind: str) -> None:
    filled = missing(kind, NOTHING)
    assert set(filled) | set(NEEDED[kind]) == set(FIELDS)
    assert not set(filled) & set(NEEDED[kind])
    assert "contact" not in filled
    assert "consent" not in filled


def test_what_is_known_is_not_overwritten() -> None:
    assert "town" not in missing("question", {**NOTHING, "town": "Edmonton"})
    assert missing("question", {**NOTHING, "town": "Edmonton"})["provider"] == TEAM


# ---- Answers ----


@pytest.mark.parametrize(
    ("field", "text", "intent", "expected"),
    [
        ("concern", "my scars", "inform", {"concern": "scars"}),
        ("concern", "not sure", "nlu_fallback", {"concern": "general"}),
        ("concern", "no", "deny", {"concern": "general"}),
        ("town", "GP", "nlu_fallback", {"town": "Grande Prairie"}),
        ("town", "skip", "skip", {"town": ""}),
        ("town", "anywhere is fine", "nlu_fallback", {"town": ""}),
        ("first_name", "Dana", "nlu_fallback", {"first_name": "Dana"}),
        ("first_name", "dana here", "inform", {"first_name": "Dana"}),
        ("first_name", "rather not", "skip", {"first_name": NOT_GIVEN}),
        ("first_name", "anonymous", "privacy_data", {"first_name": NOT_GIVEN}),
        ("first_name", "no name", "deny", {"first_name": NOT_GIVEN}),
        ("first_name", "Darcy with a y", "nlu_fallback", {"first_name": "Darcy"}),
        ("first_name", "Leanne with two n's in the middle", "inform", {"first_name": "Leanne"}),
        ("first_name", "Bonaventure, but kindly use Bon", "inform", {"first_name": "Bon"}),
        ("contact", "780-555-0143", "inform", {"contact": "+17805550143", "contact_kind": "phone"}),
        ("contact", "text me on 780-555-0143", "inform", {"contact": "+17805550143", "contact_kind": "text"}),
        ("contact", "Dana@Example.com", "inform", {"contact": "dana@example.com", "contact_kind": "email"}),
        ("contact", "seven eight zero double five five oh one four three", "out_of_scope", {"contact": "+17805550143"}),
        ("best_time", "after five", "inform", {"best_time": "after five"}),
        ("best_time", "tomorrow", "goodbye", {"best_time": "tomorrow"}),
        ("best_time", "3 o clock to 5 o clock", "out_of_scope", {"best_time": "3 o clock to 5 o clock"}),
        ("best_time", "any", "nlu_fallback", {"best_time": ""}),
        ("best_time", "I don't mind", "nlu_fallback", {"best_time": ""}),
    ],
)
def test_an_answer_fills_its_field(field: str, text: str, intent: str, expected: dict[str, str]) -> None:
    heard = hear(said(text, intent), field, NOTHING)
    assert {name: heard.values.get(name) for name in expected} == expected
    assert (heard.problem, heard.counts, heard.elsewhere) == (None, False, False)


def test_several_details_at_once_in_any_order() -> None:
    text = "I'm Dana, text me on 780-555-0143 after five, it's about acne scars"
    heard = hear(said(text, "enquire_cosmetic"), None, NOTHING)
    assert heard.values == {
        "first_name": "Dana",
        "contact": "+17805550143",
        "contact_kind": "text",
        "concern": "scars",
        "best_time": "after five",
    }
    assert not heard.corrected


@pytest.mark.parametrize("text", ["is there somebody in Edmonton for scars?", "could a provider in Edmonton see my scars"])
def test_a_wish_worded_as_a_question_tells_as_much(text: str) -> None:
    heard = hear(said(text, "enquire_cosmetic"), None, NOTHING)
    assert heard.values == {"concern": "scars", "town": "Edmonton"}


def test_what_is_asked_about_in_the_middle_is_not_told() -> None:
    heard = hear(said("does it work for wrinkles?", "wrinkles", "wrinkles"), "first_name", TOLD)
    assert heard.elsewhere
    assert heard.values == {}


def test_a_detail_beside_the_question_is_noted() -> None:
    heard = hear(said("780-555-0143", "inform"), "first_name", NOTHING)
    assert heard.values["contact"] == "+17805550143"
    assert heard.problem == "noted"


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("town", "12345", "wrong_town"),
        ("first_name", "<script>alert(1)</script>", "wrong_first_name"),
        ("first_name", "=cmd|' /C calc'!A0", "wrong_first_name"),
        ("first_name", "asdfgh", "wrong_first_name"),
        ("contact", "555-0143", "wrong_contact_area_code"),
        ("contact", "+44 7700 900123", "wrong_contact_abroad"),
        ("contact", "dana@example", "wrong_contact"),
        ("contact", "qwerty", "wrong_contact"),
        ("best_time", "yes", "wrong_best_time"),
    ],
)
def test_what_cannot_be_used_is_a_failed_try(field: str, text: str, problem: str) -> None:
    heard = hear(said(text), field, NOTHING)
    assert (heard.problem, heard.counts) == (problem, True)
    assert field not in heard.values


@pytest.mark.parametrize("text", ["skip", "no"])
def test_the_contact_cannot_be_left_out(text: str) -> None:
    assert hear(said(text, "skip"), "contact", NOTHING) == Heard(problem="no_contact", counts=True)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "text", ["why do you need that?", "why", "do I have to", "what does it matter", "what happens with it"]
)
def test_why_is_answered_at_every_step(field: str, text: str) -> None:
    assert hear(said(text), field, PICKED if field == "consent" else TOLD, ALL).problem == f"why_{field}"


def test_why_together_with_the_answer_is_answered_and_taken() -> None:
    heard = hear(said("why do you need it? dana@example.com", "inform"), "contact", NOTHING)
    assert heard.values["contact"] == "dana@example.com"
    assert heard.problem == "why_contact"


@pytest.mark.parametrize("text", ["hmm", "wait", "let me think", "hold on a sec", "ok, one moment please"])
def test_somebody_who_needs_time_has_it(text: str) -> None:
    assert needs_time(text)
    assert at_consent(text) == Heard(problem="take_your_time")


@pytest.mark.parametrize("text", ["wait, is it safe", "second", "the second one", "hold the number", "yes"])
def test_other_things_are_no_request_for_time(text: str) -> None:
    assert not needs_time(text) or text == "second"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *[("go back", "what_to_change"), ("can we go back a step", "what_to_change"), ("start over", "over_again")],
        *[("how long until they answer?", "what_next"), ("when will i hear back", "what_next")],
        *[("what happens next", "what_next"), ("what if nobody answers?", "what_next")],
        ("can i withdraw later", "can_withdraw"),
        *[("what if I change my mind", "can_withdraw"), ("what exactly do you send", "before_sending")],
        *[("what did I tell you so far", "before_sending"), ("is my number right", "before_sending")],
    ],
)
def test_what_is_asked_about_the_enquiry_itself(text: str, problem: str) -> None:
    assert hear(said(text, "enquiry_status"), "contact", NOTHING).problem == problem
    assert problem in ABOUT_THE_FORM


@pytest.mark.parametrize(
    "text",
    [
        *["how long does a session take?", "when can i get back to the gym", "what happens after needling", "is it safe"],
        *["can i stop taking ibuprofen before", "can I cancel my appointment", "what do you think of botox"],
    ],
)
def test_other_questions_are_not_about_the_enquiry(text: str) -> None:
    assert about_the_form(said(text), "contact", TOLD) is None


@pytest.mark.parametrize("text", ["who's best?", "which one is closer?", "can you recommend one", "who would you choose"])
def test_nobody_is_favoured(text: str) -> None:
    assert hear(said(text), "provider", TOLD, ALL) == Heard(problem="no_favourite")


@pytest.mark.parametrize("text", ["are they all women?", "is the first one nice", "how experienced is she"])
def test_of_the_providers_only_what_is_listed_is_known(text: str) -> None:
    assert hear(said(text, "bot_challenge", "bot_challenge"), "provider", TOLD, ALL) == Heard(problem="only_listed")


def test_starting_over_empties_what_is_asked_for() -> None:
    heard = hear(said("start over", "cancel"), "consent", {**PICKED, "kind": "call_back"}, ALL)
    assert {name for name, value in heard.values.items() if value is None} >= set(NEEDED["call_back"])
    assert "concern" not in heard.values


# ---- Corrections ----


def test_a_correction_replaces_and_keeps_the_rest() -> None:
    heard = at_consent("no, the email is dana.b@example.com", "correct_detail")
    assert heard.values == {"contact": "dana.b@example.com"}
    assert heard.corrected


@pytest.mark.parametrize(
    ("text", "decisive"),
    [("it's about my jaw", "concern"), ("I live in Edmonton", "town"), ("call me: 780-555-0143", "contact_kind")],
)
def test_what_decides_who_is_offered_asks_for_the_provider_again(text: str, decisive: str) -> None:
    heard = at_consent(text, "inform")
    assert decisive in DECIDES
    assert heard.values[decisive]
    assert heard.values["provider"] is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        *[("the number is wrong", "contact"), ("can I change the time", "best_time")],
        *[("there's a typo in my name", "first_name"), ("the town isn't right", "town")],
        ("change the provider please", "provider"),
    ],
)
def test_what_is_wrong_is_asked_again(text: str, field: str) -> None:
    heard = at_consent(text, "nlu_fallback")
    assert heard.values.get(field, "kept") is None
    assert field in fields_named(text)


def test_something_is_wrong_but_what() -> None:
    assert at_consent("I made a mistake", "correct_detail").problem == "what_to_change"


@pytest.mark.parametrize("text", ["yes that's correct", "correct", "all correct, send it"])
def test_correct_is_also_a_yes(text: str) -> None:
    assert at_consent(text).values == {"consent": "yes"}


# ---- Whom it should go to ----


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[("1", "1"), ("2 please", "2"), ("number three", "3"), ("#2", "2"), ("the first i guess", "1")],
        *[("Two please", "2"), ("I'd like the 3rd", "3"), ("the last one", "3"), ("option 1", "1")],
        *[("the second looks good", "2"), ("Sample Provider Two", "1"), ("provider two please", "1")],
        *[("the acupuncturist", "1"), ("acupuncture", "1")],
        *[("the physio", "2"), ("a physiotherapist", "2"), ("the nurse", "3"), ("the one in Edmonton", "3")],
        *[("Edmonton", "3"), ("Sample Practice North", "2"), ("nearest", "1"), ("i don't mind, the second one", "2")],
        *[("whoever can answer first", ANY), ("whoever", ANY), ("either", ANY), ("idc", ANY), ("any of them", ANY)],
        *[("both", ANY), ("first available", ANY), ("you choose", ANY), ("no preference", ANY), ("all", ANY)],
        *[("uhh 1", "1"), ("eeny meeny... 2!", "2"), ("3 kids and no time", None)],
        *[("the first... no actually, whoever can answer first", ANY), ("2, no wait, 1", "1")],
        *[("2, or 1 if there's only the one", "2"), ("second please, if is not second then first", "2")],
        *[("if you can, the third", "3"), ("dont matter to me", ANY), ("it do not matter", ANY)],
        *[("whoevr is first", ANY), ("the one who can answer the first, no matter", ANY), ("who is faster", ANY)],
        *[("nobody in particular", ANY), ("1, 2 or 3", ANY), ("none", TEAM), ("none of them", TEAM)],
        *[("nobody", TEAM), ("someone else", TEAM), ("not any of them", TEAM)],
        *[("1 or 2", ""), ("not the nurse", ""), ("the first or the second", "")],
        *[("ok", None), ("that one is fine", None), ("hm", None), ("Dana", None), ("the one", None)],
        *[("I live in Edmonton", None), ("is it far", None)],
    ],
)
def test_choices(text: str, expected: str | None) -> None:
    assert choice_in(text, ALL) == expected


def test_of_two_the_other_one_is_left_and_both_are_whoever() -> None:
    assert choice_in("1 or 2", (ONE, THREE)) == ANY
    assert choice_in("not the first one", (ONE, THREE)) == "2"


@pytest.mark.parametrize("text", ["the third one please", "number 3", "3"])
def test_a_place_that_is_not_on_the_list_is_asked_about_again(text: str) -> None:
    assert choice_in(text, (ONE, TWO)) == ""


@pytest.mark.parametrize("text", ["um the first one?", "number one, i guess?", "1?"])
def test_a_pick_may_be_worded_as_a_question(text: str) -> None:
    assert hear(said(text, "nlu_fallback"), "provider", TOLD, ALL).values == {"provider": str(ALL[0].id)}


@pytest.mark.parametrize("text", ["that one is fine", "ok", "yes", "him", "the one you have"])
def test_where_there_is_one_it_is_that_one(text: str) -> None:
    assert choice_in(text, (ONE,)) == "1"


def test_that_one_is_the_only_one_in_the_visitors_town() -> None:
    assert choice_in("that one is fine", (THREE, ONE), "Edmonton") == "1"
    assert choice_in("that one is fine", (TWO, ONE), "Grande Prairie") is None


def test_two_of_a_profession_are_told_apart() -> None:
    assert choice_in("the physio", (ONE, FOUR)) == ""
    assert choice_in("physiotherapist please", (ONE, FOUR, THREE)) == ""
    assert choice_in("the physio in Beaverlodge", (ONE, FOUR)) == "2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[("the first one instead", "12"), ("rather the nurse", "13"), ("actually provider two", "12")],
        *[("someone else", None), ("none of them", TEAM), ("can it go to Sample Provider Three instead?", "13")],
    ],
)
def test_another_choice_at_the_last_step(text: str, expected: str | None) -> None:
    heard = at_consent(text, "nlu_fallback")
    assert heard.values["provider"] == expected
    assert heard.values.get("consent") is None


def test_the_other_one_of_two() -> None:
    assert another_in("the other one", (ONE, TWO), 1) == "2"
    assert another_in("someone else", (ONE,), 1) == TEAM
    assert another_in("yes send it", (ONE, TWO), 1) is None


@pytest.mark.parametrize("choice", ["99", "1", "next", "send", "english"])
def test_a_button_of_another_list_picks_nobody(choice: str) -> None:
    heard = hear(said(choice, "inform", choice=choice, clicked=True), "provider", TOLD, ALL)
    assert (heard.values, heard.problem) == ({}, "wrong_provider")


def test_nobody_found_and_english_will_do() -> None:
    nobody = {**TOLD, "language": "cr", "offered": []}
    assert hear(said("english is fine", "language_switch"), "provider", nobody).values == {"language": "en"}


@pytest.mark.parametrize("text", ["yes, let it wait", "keep it please", "i'll wait, no rush", "sure, hold on to it"])
def test_nobody_found_and_the_enquiry_is_kept(text: str) -> None:
    assert hear(said(text, "inform"), "provider", {**TOLD, "offered": []}).values == {"provider": TEAM}


@pytest.mark.parametrize("text", ["why would you keep it?", "don't keep it", "forget it"])
def test_nobody_found_and_the_enquiry_is_not_kept_unasked(text: str) -> None:
    assert hear(said(text, "nlu_fallback"), "provider", {**TOLD, "offered": []}).values == {}


# ---- Consent ----


@pytest.mark.parametrize(
    "text",
    [
        *["yes", "ok", "sure, why not", "yep send it", "looks good", "yes no problem", "yes yes no mistake", "👍", "oui"],
        *["you bet", "for sure", "works for me"],
        "that is right, go ahead",
    ],
)
def test_a_clear_yes(text: str) -> None:
    assert has_clear_yes(text)
    assert at_consent(text).values == {"consent": "yes"}


@pytest.mark.parametrize(
    "text",
    [
        *["hmm", "let me think", "ok i guess", "bet", "yes?", "yes but not him", "yes, if it is free", "not yet"],
        *["don't send it", "ok wait", "yes no", "maybe", "thanks", "affirm.send", "yes, later", "sure, who is she"],
        *["", "   ", "!!!"],
    ],
)
def test_no_clear_yes_even_if_it_is_taken_for_one(text: str) -> None:
    assert not has_clear_yes(text)
    assert at_consent(text).values.get("consent") is None


@pytest.mark.parametrize("text", ["you can send it", "please send", "confirmed", "yes yes send it now please, thank you"])
def test_a_yes_that_needs_no_reading(text: str) -> None:
    assert is_yes_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        *["Everything is in order. You may send it.", "looks good, fire it off", "send er", "all correct, please send"],
        *["perfect, pass it on", "go ahead my dear", "yes yes no mistake, send it", "I think so... yes, send it"],
        *["I have read the summary and I consent.", "Approved.", "i do agree", "Agreed, thank you", "I'm agree"],
    ],
)
def test_who_says_to_send_it_says_yes(text: str) -> None:
    assert tells_to_send(text)
    assert at_consent(text, "affirm").values == {"consent": "yes"}


@pytest.mark.parametrize(
    "text",
    ["don't send it", "when do you send it", "send it to me first", "send it later", "please send me a copy", "fire him"],
)
def test_other_talk_of_sending_is_no_yes(text: str) -> None:
    assert not tells_to_send(text)


def test_thanks_with_a_yes_is_one_and_thanks_alone_is_none() -> None:
    assert is_yes_with_thanks("YES THANK YOU DEAR")
    assert not is_yes_with_thanks("thank you dear")
    assert not is_yes_with_thanks("yes thanks, but not now")


@pytest.mark.parametrize(
    "text",
    [
        *["Ok interesting. Yes please pass me on to someone", "Yes please, I'd rather ask someone qualified"],
        *["oh yeah that would be great", "sure thing"],
    ],
)
def test_an_offer_is_accepted_in_a_whole_sentence(text: str) -> None:
    assert begins_with_yes(text)


@pytest.mark.parametrize(
    "text", ["yes but later", "yes, is it safe?", "yeah no", "ok thanks", "I said yes to my wife", "yes don't"]
)
def test_what_takes_a_yes_back_or_asks_accepts_nothing(text: str) -> None:
    assert not begins_with_yes(text)


def test_a_time_in_unknown_words_is_taken_when_it_was_asked_for_again() -> None:
    first = hear(said("After dark, were seeding", "inform"), "best_time", TOLD | {"best_time": None})
    again = hear(said("After dark, were seeding", "inform"), "best_time", TOLD | {"best_time": None, "tries": 1})
    assert (first.values, first.problem) == ({}, "wrong_best_time")
    assert again.values == {"best_time": "After dark, were seeding"}


@pytest.mark.parametrize(
    ("text", "name"),
    [("Sky", "Sky"), ("it's Mo", "Mo"), ("wren please", "Wren"), ("Mother named me Russell but Russ'll do", "Russell")],
)
def test_an_unusual_name_is_taken_when_it_was_asked_for_again(text: str, name: str) -> None:
    assert hear(said(text, "inform"), "first_name", NOTHING | {"tries": 1}).values == {"first_name": name}


@pytest.mark.parametrize("text", ["asdf", "what for", "no", "12", "<b>x</b>", "who are you", "I would never tell you that"])
def test_what_is_no_name_is_not_taken_even_then(text: str) -> None:
    assert hear(said(text, "inform"), "first_name", NOTHING | {"tries": 1}).values.get("first_name") is None


@pytest.mark.parametrize("text", ["my diabetes is bad", "why so many questions", "forget about it", "hm"])
def test_what_is_no_time_is_not_taken_even_then(text: str) -> None:
    again = hear(said(text, "inform"), "best_time", TOLD | {"best_time": None, "tries": 1})
    assert again.values.get("best_time") is None


def test_of_a_number_and_an_address_the_later_one_counts_where_the_first_is_taken_back() -> None:
    taken_back = hear(said("780 555 0161.. actually no i never pick up, use dana@example.com", "inform"), "contact", NOTHING)
    both = hear(said("780 555 0161 or dana@example.com", "inform"), "contact", NOTHING)
    assert taken_back.values["contact"] == "dana@example.com"
    assert both.values["contact"] == "+17805550161"


def test_what_an_answer_means_counts_where_its_words_are_unknown() -> None:
    assert hear(said("rynkels mostly", concern="wrinkles"), "concern", NOTHING).values == {"concern": "wrinkles"}
    assert hear(said("are rynkels ok?", concern="wrinkles"), "concern", NOTHING).values == {}


@pytest.mark.parametrize("text", ["ok thanks", "great", "send it to my sister", "send me a sandwich", "fine", "yes and no"])
def test_what_needs_reading(text: str) -> None:
    assert not is_yes_alone(text)


def test_or_the_next_one_only_where_one_was_picked() -> None:
    assert at_consent("yes, or the next one").values == {"consent": "next"}
    assert at_consent("next", choice="next", clicked=True).values == {"consent": "next"}
    for provider in (ANY, TEAM):
        heard = hear(said("next", "affirm", choice="next", clicked=True), "consent", {**PICKED, "provider": provider}, ALL)
        assert heard.values == {"consent": "yes"}


def test_a_yes_button_from_earlier_on_is_none() -> None:
    assert at_consent("Yes, pass it on", clicked=True).values == {}


def test_no_sends_nothing_and_asks_what_to_change() -> None:
    assert at_consent("no", "deny") == Heard(problem="consent_refused")


# ---- Any text ----

WORDS = st.sampled_from(
    [
        *["yes", "no", "ok", "sure", "send", "it", "the", "first", "second", "one", "two", "none", "whoever", "number"],
        *["email", "name", "town", "time", "is", "wrong", "change", "my", "not", "but", "dana@example.com", "780-555-0143"],
        *["555-0143", "Dana", "I'm", "about", "scars", "wrinkles", "jaw", "Edmonton", "GP", "after", "five", "any", "skip"],
        *["seven", "eight", "zero", "double", "hmm", "wait", "someone else", "other", "provider", "physio", "nurse"],
        *["english", "why", "?", ",", "=", "<b>", "{x}", "\u202e", "\x00", "\n", "911", ".", "!"],
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join))
FORMS = st.sampled_from([(NOTHING, ()), (TOLD, ALL), (PICKED, ALL), ({**TOLD, "offered": []}, ()), (PICKED, (ONE,))])
CHOICES = st.sampled_from([None, None, None, "send", "next", "any", "team", "11", "99"])
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(
    text=TEXTS,
    intent=st.sampled_from(INTENTS),
    field=st.sampled_from([None, *FIELDS]),
    form=FORMS,
    asked=st.frozensets(st.sampled_from([question.intent for question in QUESTIONS]), max_size=2),
    choice=CHOICES,
    clicked=st.booleans(),
)
@example("yes", "affirm", "consent", (PICKED, ALL), frozenset(), None, True)
@example("", "nlu_fallback", None, (NOTHING, ()), frozenset(), None, False)
@example("¯", "inform", "first_name", (NOTHING, ()), frozenset(), None, False)
@example("प्रिया", "inform", "first_name", (NOTHING, ()), frozenset(), None, False)
def test_any_message_has_a_meaning_that_an_enquiry_can_hold(
    text: str, intent: str, field: str | None, form: Any, asked: Any, choice: str | None, clicked: bool
) -> None:
    values, offered = form
    heard = hear(Said(text, intent, asked, choice, (), clicked), field, values, offered)
    assert set(heard.values) <= {*FIELDS, "contact_kind", "language", "offered", "consent_text"}
    assert not (heard.elsewhere and heard.values)
    assert not (heard.counts and field in heard.values)
    _can_be_held(heard.values)
    _is_picked_from(heard.values.get("provider"), offered)
    _is_a_clear_yes(heard.values.get("consent"), text, intent, choice, clicked)


def _can_be_held(values: Any) -> None:
    held = ("first_name", "town", "best_time", "contact_kind")
    told = {name: value for name, value in values.items() if value and name in held}
    contact = values.get("contact")
    if contact:
        told["contact"] = contact
    elif told.get("contact_kind") != "email":
        told.pop("contact_kind", None)
    assert accepted(sample_enquiry(**told))
    assert values.get("concern") in (None, *CONCERNS)


def _is_picked_from(provider: str | None, offered: Any) -> None:
    assert provider in (None, ANY, TEAM, *(str(offer.id) for offer in offered))
    assert provider != ANY or offered


def _is_a_clear_yes(consent: str | None, text: str, intent: str, choice: str | None, clicked: bool) -> None:
    if consent not in ("yes", "next"):
        return
    says_so = has_clear_yes(with_digits(text)) or tells_to_send(with_digits(text))
    assert choice in ("send", "next") or (intent == "affirm" and not clicked and says_so)


@MANY
@given(text=TEXTS, intent=st.sampled_from(INTENTS), field=st.sampled_from([None, *FIELDS[:-1]]))
def test_only_the_last_question_can_be_answered_with_consent(text: str, intent: str, field: str | None) -> None:
    heard = hear(said(text, intent), field, TOLD, ALL)
    assert heard.values.get("consent") in (None, "no")


@given(text=TEXTS, count=st.integers(0, 3), town=st.sampled_from(["", "Edmonton", "Grande Prairie"]))
@settings(max_examples=400, deadline=None)
def test_a_choice_is_one_of_those_offered(text: str, count: int, town: str) -> None:
    offered = ALL[:count]
    places = [str(place) for place in range(1, count + 1)]
    assert choice_in(text, offered, town) in (None, "", ANY, TEAM, *places)
    assert another_in(text, offered, 0) in (None, "", TEAM, *places)


@given(digits=st.text("0123456789", min_size=7, max_size=15))
def test_digits_in_words_are_the_same_digits(digits: str) -> None:
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    spoken = " ".join(names[int(digit)] for digit in digits)
    assert with_digits(spoken) == digits
    assert with_digits(f"it's {spoken}, thanks") == f"it's {digits}, thanks"


@given(text=st.text(max_size=60))
def test_a_text_without_such_words_is_left_alone(text: str) -> None:
    left = "".join(letter for letter in text if not letter.isalpha())
    assert with_digits(left) == left


@pytest.mark.parametrize(
    "part", ["ok ", "yes ", "any ", "its ", "hm", "wait ", "seven ", "not the ", "send it, ", "o", "double ", "the first "]
)
@pytest.mark.parametrize("end", ["", "x", "!", "?"])
def test_long_messages_take_no_time(part: str, end: str) -> None:
    text = (part * 1000)[:1000] + end
    start = time.perf_counter()
    for field in ("best_time", "provider", "consent"):
        hear(said(text, "affirm"), field, PICKED if field == "consent" else TOLD, ALL)
    assert time.perf_counter() - start < 30


def test_what_can_be_left_out_is_never_the_contact() -> None:
    assert set(WITHOUT) == {"concern", "town", "first_name", "best_time"}
