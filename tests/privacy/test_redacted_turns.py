"""Stored turns: nothing of the visitor's details is left, and the events can still be replayed."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.privacy.known_details import KnownDetails, folded
from bot.privacy.turns import redact_turns

SLOTS = ("first_name", "contact")


def user(text: str, entities: list[dict[str, Any]] | None = None, intent: str = "inform", **more: Any) -> dict[str, Any]:
    read = {"name": intent, "confidence": 0.9}
    return {
        "event": "user",
        "timestamp": 1795370007.3770952,
        "metadata": {"model_id": "2a19fb0696a4464ea56631f459f657dd"},
        "text": text,
        "parse_data": {
            "intent": read,
            "entities": entities or [],
            "text": text,
            "message_id": "f672645e102643ad9148d6434300d4d9",
            "metadata": {},
            "intent_ranking": [read],
            "questions": ["safety", "scars"],
            "trace": [{"text": text, "role": "whole", "intent": intent, "nearest": "what about scars?", "signs": []}],
        },
        "input_channel": "rest",
        "message_id": "f672645e102643ad9148d6434300d4d9",
        **more,
    }


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "timestamp": 1.5, "name": name, "value": value}


def bot(text: str | None, **data: Any) -> dict[str, Any]:
    return {"event": "bot", "timestamp": 2.5, "metadata": {"utter_action": "utter_summary"}, "text": text, "data": data}


def entity(name: str, value: str, text: str) -> dict[str, Any]:
    start = text.index(value)
    return {"entity": name, "value": value, "start": start, "end": start + len(value), "extractor": "ContactDetails"}


ALL_AT_ONCE = "I'm dana, text me on 780-555-0143 after five, it's about acne scars"
FORM = [
    {"event": "action", "name": "action_session_start", "policy": None, "confidence": 1.0, "action_text": None},
    {"event": "session_started", "timestamp": 1.0},
    {"event": "active_loop", "name": "enquiry_form"},
    slot("requested_slot", "first_name"),
    user(ALL_AT_ONCE, [entity("first_name", "dana", ALL_AT_ONCE), entity("phone", "780-555-0143", ALL_AT_ONCE)]),
    slot("first_name", "Dana"),
    slot("contact", "+17805550143"),
    slot("concern", "scars"),
    bot("Dana, I send this: your first name, 780 555 0143, acne scars. All right?", buttons=[{"title": "Yes, I am Dana"}]),
    user("no, the email is Dana.Lee@Example.com", intent="correct_detail"),
    slot("contact", "dana.lee@example.com"),
    bot("So dana.lee@example.com then, Dana."),
    {"event": "action", "name": "action_send", "policy": "RulePolicy", "confidence": 1.0, "action_text": "for Dana"},
    {"event": "user_featurization", "use_text_for_featurization": False},
]


def test_a_form_leaves_nothing_of_the_visitor() -> None:
    left = json.dumps(redact_turns(FORM, SLOTS)).lower()
    for personal in ("dana", "0143", "555", "lee", "example.com"):
        assert personal not in left


def test_what_the_turns_were_about_stays() -> None:
    redacted = redact_turns(FORM, SLOTS)
    assert redacted[4]["text"] == "I'm [name], text me on [phone] after five, it's about acne scars"
    assert redacted[5:8] == [slot("first_name", "[name]"), slot("contact", "[phone]"), slot("concern", "scars")]
    assert redacted[8]["text"] == "[name], I send this: your first name, [phone], acne scars. All right?"
    assert redacted[9]["text"] == "no, the email is [email]"
    assert [found["value"] for found in redacted[4]["parse_data"]["entities"]] == ["[name]", "[phone]"]


def test_what_a_replay_needs_is_untouched() -> None:
    def skeleton(events: list[dict[str, Any]]) -> list[Any]:
        return [
            (
                event["event"],
                event.get("name"),
                event.get("timestamp"),
                event.get("parse_data", {}).get("intent"),
                event.get("parse_data", {}).get("questions"),
                event.get("message_id"),
                event.get("metadata"),
            )
            for event in events
        ]

    assert skeleton(redact_turns(FORM, SLOTS)) == skeleton(FORM)


def test_the_given_events_are_not_changed() -> None:
    before = copy.deepcopy(FORM)
    redact_turns(FORM, SLOTS)
    assert before == FORM


def test_again_changes_nothing() -> None:
    once = redact_turns(FORM, SLOTS)
    assert redact_turns(once, SLOTS) == once


def test_a_correction_takes_the_older_value_out_of_everything_too() -> None:
    events = [bot("Is it 780.555.0199?"), user("no"), slot("contact", "780 555 0199"), slot("contact", "dana@example.com")]
    assert redact_turns(events, SLOTS)[0]["text"] == "Is it [phone]?"


@pytest.mark.parametrize(
    "spelt",
    [
        "+1 (780) 555-0143",
        "17805550143",
        "780.555.0143",
        "7 8 0 5 5 5 0 1 4 3",
        "555 0143",
        "seven eight zero five five five oh one four three",
        "seven-eight-zero, 555, 0143",
        "٧٨٠٥٥٥٠١٤٣",
        "７８０ ５５５ ０１４３",
    ],
)
def test_a_number_goes_in_every_spelling(spelt: str) -> None:
    text = redact_turns([slot("contact", "+17805550143"), user(f"reach me at {spelt} please")], SLOTS)[1]["text"]
    assert re.fullmatch(r"reach me at \+?\[phone\] please", text)


@pytest.mark.parametrize("spelt", ["DANA.LEE@EXAMPLE.COM", "dana.lee at example.com", "dana dot lee (at) example dot com"])
def test_an_address_goes_in_every_spelling(spelt: str) -> None:
    events = [slot("contact", "dana.lee@example.com"), user(f"mail {spelt} please")]
    assert redact_turns(events, SLOTS)[1]["text"] == "mail [email] please"


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("José", "jose here, José's skin", "[name] here, [name]'s skin"),
        ("Zoë", "Zoe\u0308 and zoe", "[name] and [name]"),
        ("Dana Lee", "thanks, lee", "thanks, [name]"),
        ("Anne-Marie", "it is anne  marie, Marie", "it is [name]  [name], [name]"),
        ("Al", "also Al's scar", "also [name]'s scar"),
        ("the Dana", "the scar of dana", "the scar of [name]"),
        ("d'Arc (Jo)", "ask Jo d'arc", "ask [name] d'[name]"),
    ],
)
def test_a_name_goes_as_a_whole_word_in_any_case_with_or_without_accents(name: str, text: str, left: str) -> None:
    assert redact_turns([slot("first_name", name), bot(text)], SLOTS)[1]["text"] == left


def test_a_name_that_nobody_asked_for_goes_from_the_message_and_its_parts() -> None:
    event = user("Hello, my name is Priya Sharma. Does Priya need a referral?")
    assert "priya" not in json.dumps(redact_turns([event], SLOTS)).lower()


def test_an_answer_to_what_is_your_name_goes_although_the_form_refused_it() -> None:
    events = [slot("requested_slot", "first_name"), user("zq xw"), slot("first_name", None)]
    assert "zq" not in json.dumps(redact_turns(events, SLOTS))


def test_a_question_in_the_middle_of_the_form_stays() -> None:
    events = [slot("requested_slot", "first_name"), user("is it safe?", intent="safety")]
    assert redact_turns(events, SLOTS)[1]["text"] == "is it safe?"


@pytest.mark.parametrize("ends", [slot("requested_slot", None), {"event": "active_loop", "name": None}])
def test_after_the_form_short_messages_stay(ends: dict[str, Any]) -> None:
    events = [slot("requested_slot", "first_name"), ends, user("tell me about scars", intent="scars")]
    assert redact_turns(events, SLOTS)[2]["text"] == "tell me about scars"


def test_a_wrongly_understood_name_does_not_change_intents_or_actions() -> None:
    events = [slot("first_name", "inform"), user("inform me"), {"event": "action", "name": "inform"}]
    redacted = redact_turns(events, SLOTS)
    assert redacted[1]["parse_data"]["intent"]["name"] == "inform"
    assert redacted[1]["text"] == "[name] me"
    assert redacted[2]["name"] == "inform"


def test_public_numbers_stay_in_answers_but_not_those_of_the_visitor() -> None:
    events = [
        bot("Call 780-555-0100, or I call 780-555-0143.", buttons=[{"payload": "button:safety:000000000000000000012345"}])
    ]
    redacted = redact_turns(events, SLOTS, public=["780-555-0100"])[0]
    assert redacted["text"] == "Call 780-555-0100, or I call [number]."
    assert redacted["data"] == events[0]["data"]


def test_who_a_channel_says_that_the_visitor_is_goes() -> None:
    metadata = {
        "ProfileName": "Dana Lee",
        "profile_name": "Dana Lee",
        "from": {"Phone Number": 17805550143},
        "ids": [7805550143],
    }
    left = json.dumps(redact_turns([user("hello", metadata=metadata), bot("Hello Dana")], SLOTS))
    assert "Lee" not in left
    assert "0143" not in left
    assert "Dana" not in left


@pytest.mark.parametrize("name", ["[name]", "", "  ", "¨", "(", "\\", "[a-z]", "٣", "@", "a@", "１"])
def test_an_odd_value_breaks_nothing(name: str) -> None:
    events = [slot("first_name", name), bot("What would you like to know?")]
    assert redact_turns(events, SLOTS)[1]["text"] == "What would you like to know?"


UNKNOWN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["event", "name", "value", "text", "entities", "start", "parse_data", "x"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.lists(UNKNOWN, max_size=4))
def test_events_of_any_shape_come_back_one_for_one(events: list[Any]) -> None:
    assert len(redact_turns(events, SLOTS)) == len(events)


NAMES = st.text(st.sampled_from("bcdfgjkqvwxzBCDFGJKQVWXZéüńŠ"), min_size=4, max_size=10)
PHONES = st.builds("{}{:07d}".format, st.sampled_from(["780", "587", "403", "604"]), st.integers(2_000_000, 9_999_999))
EMAILS = st.builds("{}.{}@{}.example".format, NAMES, NAMES, st.from_regex(r"[a-z]{3,8}", fullmatch=True)).map(str.lower)
SENTENCES = st.sampled_from(
    [
        "I'm {name}, text me on {phone} after five, it's about acne scars",
        "{name} here. {email} is best, or {phone}",
        "no, the email is {email}",
        "my mail:{email};tel:{phone}",
        "({name}) - {phone}?",
        "is it safe, {name} asks",
        "{name}/{phone}/{email}",
    ]
)
GROUPS = st.sampled_from(["{0}{1}{2}", "{0}-{1}-{2}", "({0}) {1}-{2}", "+1 {0} {1} {2}", "1.{0}.{1}.{2}", "{0}/{1}/{2}"])


@settings(deadline=None, max_examples=150)
@given(NAMES, PHONES, EMAILS, st.lists(st.tuples(SENTENCES, GROUPS, st.booleans()), min_size=1, max_size=4))
def test_planted_details_are_never_left(name: str, phone: str, email: str, said: list[tuple[str, str, bool]]) -> None:
    events: list[dict[str, Any]] = [slot("first_name", name), slot("contact", f"+1{phone}"), slot("contact", email)]
    for number, (sentence, grouping, shouted) in enumerate(said):
        spelt = grouping.format(phone[:3], phone[3:6], phone[6:])
        text = sentence.format(name=name, phone=spelt, email=email)
        text = text.upper() if shouted else text
        events += [
            user(text),
            bot(f"You said {text}", buttons=[{"title": name}], custom={"n": number, "raw": [text, {"t": text}]}),
        ]
    left = json.dumps(redact_turns(events, SLOTS), ensure_ascii=False)
    letters = left.casefold()
    assert name.casefold() not in letters
    assert email.casefold() not in letters
    assert phone[3:] not in re.sub(r"\D", "", left.replace("1795370007.3770952", ""))


@given(NAMES, st.text(max_size=30))
def test_a_text_without_the_details_is_left_as_it_is(name: str, text: str) -> None:
    assume(folded(name) not in folded(text))
    assert KnownDetails([name, "+17805550143", "dana@example.com"]).take_out(text) == text
