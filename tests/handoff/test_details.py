"""Details in any order and several at once; ordinary questions give none; no text breaks or slows the reading."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.concerns import CONCERNS
from bot.handoff.details import Details, read_details

DANA, PHONE = "dana@example.com", "+17805550143"
FIELDS = ("first_name", "contact", "concern", "town", "best_time")
ORDINARY = (Path(__file__).parent / "ordinary_questions.txt").read_text(encoding="utf-8").splitlines()

AT_ONCE = [
    (
        "I'm Dana, text me on 780-555-0143 after five, it's about acne scars",
        {"first_name": "Dana", "phone": PHONE, "contact_kind": "text", "best_time": "after five", "concern": "scars"},
    ),
    (
        "hi its dana from sexsmith 7805550143 evenings pls, forhead lines",
        {"first_name": "Dana", "phone": PHONE, "town": "Sexsmith", "best_time": "evenings", "concern": "wrinkles"},
    ),
    (
        "kiran here. tmj. beaverlodge. mornings. 780 555 0143",
        {"first_name": "Kiran", "phone": PHONE, "town": "Beaverlodge", "best_time": "mornings", "concern": "jaw"},
    ),
    (
        "Dark spots on my cheeks; email is best: dana@example.com. Dana Lopez, Dawson Creek BC.",
        {"first_name": "Dana Lopez", "email": DANA, "contact_kind": "email", "town": "Dawson Creek", "concern": "skin_tone"},
    ),
    (
        "Name: Fatima Noor\nPhone: 780-555-0143\nTown: Valleyview\nBest time: weekends\nConcern: stretch marks",
        {"first_name": "Fatima Noor", "phone": PHONE, "town": "Valleyview", "best_time": "weekends", "concern": "scars"},
    ),
    (
        "fatima noor / 780 555 0143 / valleyview / weekends / stretch marks",
        {"first_name": "Fatima Noor", "phone": PHONE, "town": "Valleyview", "best_time": "weekends", "concern": "scars"},
    ),
    (
        "im olena i live in gp now, my phone is +1 780 555 0143, call me in Ukrainian if u can",
        {"first_name": "Olena", "phone": PHONE, "contact_kind": "phone", "town": "Grande Prairie", "language": "uk"},
    ),
    (
        "Bonjour, je m'appelle Geneviève, 780-555-0143, en français s'il vous plaît",
        {"first_name": "Geneviève", "phone": PHONE, "language": "fr"},
    ),
    (
        "it's Navdeep, I'd prefer a text on 780-555-0143 after 6pm",
        {"first_name": "Navdeep", "phone": PHONE, "contact_kind": "text", "best_time": "after 6pm"},
    ),
    (
        "you can call me at 780.555.0143 between 2 and 4, my name is Gord, jaw clenching",
        {"first_name": "Gord", "phone": PHONE, "contact_kind": "phone", "best_time": "between 2 and 4", "concern": "jaw"},
    ),
    (
        "email dana (at) example dot com, weekday afternoons or sat",
        {"email": DANA, "contact_kind": "email", "best_time": "weekday afternoons or sat"},
    ),
    (
        "Maricel, i work in Clairmont, you can call me at lunch 780-555-0143",
        {"first_name": "Maricel", "phone": PHONE, "contact_kind": "phone", "town": "Clairmont", "best_time": "at lunch"},
    ),
    (
        "Dana 780 555 0143 or dana@example.com, whichever",
        {"first_name": "Dana", "phone": PHONE, "email": DANA},
    ),
    (
        "hello. Maureen Petrovic. I can be reached at (780) 555-0143 most mornings. My concern is the scar on my neck.",
        {"first_name": "Maureen Petrovic", "phone": PHONE, "best_time": "most mornings", "concern": "scars"},
    ),
    (
        "my wife wants this too but im the one asking, sam, 780 555 0143, saggy neck, any time",
        {"first_name": "Sam", "phone": PHONE, "concern": "skin_tone", "best_time": "any time"},
    ),
    (
        "Hythe. Dana. 780 555 0143. Not Tuesday.",
        {"first_name": "Dana", "phone": PHONE, "town": "Hythe", "best_time": "Not Tuesday"},
    ),
]

CORRECTIONS = [
    ("no, the email is dana@example.com", {"email": DANA}),
    ("no the number is 780-555-0143", {"phone": PHONE}),
    ("sorry wrong number, it's 780-555-0143", {"phone": PHONE}),
    ("its spelled Dayna", {"first_name": "Dayna"}),
    ("i said mornings, change it to after 5", {"best_time": "after 5"}),
    ("i live in Sexsmith not Wembley", {"town": "Sexsmith"}),
    ("no not my jaw, my forehead", {"concern": "wrinkles"}),
    ("no email me dont phone", {"contact_kind": "email"}),
    ("use my other email, dana@example.com", {"email": DANA}),
    ("change my phone to 780 555 0143 and the name to Dayna", {"phone": PHONE, "first_name": "Dayna"}),
]


def told(read: Details) -> Dict[str, Any]:
    kept = ("first_name", "phone", "email", "contact_kind", "concern", "town", "best_time", "language")
    return {field: getattr(read, field) for field in kept if getattr(read, field)}


@pytest.mark.parametrize(("text", "expected"), AT_ONCE + CORRECTIONS, ids=[text for text, _ in AT_ONCE + CORRECTIONS])
def test_all_that_is_told_is_read_and_nothing_else(text: str, expected: Dict[str, str]) -> None:
    read = read_details(text)
    assert told(read) == expected
    assert read.problems == {}
    assert not read.health


@pytest.mark.parametrize("asked", FIELDS)
@pytest.mark.parametrize(("text", "expected"), AT_ONCE, ids=[text for text, _ in AT_ONCE])
def test_all_is_read_whatever_was_asked(text: str, expected: Dict[str, str], asked: str) -> None:
    assert told(read_details(text, asked)) == expected


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_question_gives_no_details(text: str) -> None:
    read = read_details(text)
    assert (read.first_name, read.phone, read.email, read.best_time, read.problems) == (None, None, None, None, {})


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_question_instead_of_an_answer_is_no_name_and_no_contact(text: str) -> None:
    for asked in ("first_name", "contact"):
        read = read_details(text, asked)
        assert (read.first_name, read.phone, read.email, read.problems) == (None, None, None, {})


@pytest.mark.parametrize(
    "text",
    [
        "why do you need that?",
        "skip",
        "cancel",
        "rather not say",
        "no",
        "yes",
        "I don't feel well",
        "is it safe?",
        "",
        " ",
        "\n",
        "?",
        "…",
    ],
)
@pytest.mark.parametrize("asked", [None, *FIELDS])
def test_steering_and_safety_give_no_details(text: str, asked: str | None) -> None:
    read = read_details(text, asked)
    assert told(read) == {}
    assert read.problems == {}


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("text me on 780-555-0143 after five", "text me on after five"),
        ("dana@example.com or 780 555 0143 ext 12 please", "or please"),
        ("is it safe? 780-555-0143", "is it safe?"),
        ("my email is dana@example and it hurts", "my email is and it hurts"),
        ("no contact here", "no contact here"),
    ],
)
def test_the_rest_is_without_contacts(text: str, rest: str) -> None:
    assert read_details(text).rest == rest


@pytest.mark.parametrize(
    "text",
    [
        "Dana\u202e 780-555-0143",
        "Da\u200bna 780-555-0143",
        "\x00Dana\x07 780-555-0143\x1b",
        "Ｄａｎａ ７８０-５５５-０１４３",
        "Dana ٧٨٠-٥٥٥-٠١٤٣",
        "Dana 780‑555‑0143",
    ],
)
def test_hidden_and_wide_characters_change_nothing(text: str) -> None:
    read = read_details(text)
    assert (read.first_name, read.phone) == ("Dana", PHONE)


def test_characters_that_stand_for_details_inside_cannot_be_typed() -> None:
    assert read_details("\ue000 \ue001 Dana").first_name is None
    assert read_details("email me \ue001").contact_kind == "email"
    assert read_details("dana \ue000").phone is None


def test_what_comes_after_two_thousand_characters_is_left_out() -> None:
    read = read_details("word " * 500 + "780-555-0143")
    assert read.phone is None
    assert "0143" not in read.rest


@given(st.text(max_size=300), st.sampled_from([None, *FIELDS, "something else"]), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_is_read_without_an_error_and_gives_only_what_may_be_kept(
    text: str, asked: str | None, people: list[str]
) -> None:
    check(read_details(text, asked, people))


JUMBLE = (
    "I'm im my name is Dana dana call me text @ . , ? < > = 780 555 0143 555-0143 +1 dana@example.com at dot com"
    " after 5 evenings not no in Sexsmith GP scar jaw TMJ why skip Mr. O'Brien プリヤ प्रिया 😊 \n \t <script>"
    " =cmd| 0143 it's pregnant French spelled D-A-N-A -"
)
WORDS = st.sampled_from(JUMBLE.split(" "))


@given(st.lists(WORDS, max_size=40).map(" ".join), st.sampled_from([None, *FIELDS]))
def test_any_jumble_of_what_people_type_gives_only_what_may_be_kept(text: str, asked: str | None) -> None:
    check(read_details(text, asked, ["Dana"]))


def check(read: Details) -> None:
    if read.first_name is not None:
        assert 0 < len(read.first_name) <= 40
        assert not re.search(r"[\d<>@\n=+|{}\"]", read.first_name)
        assert read.first_name[0].isalpha()
        assert len(read.first_name.split()) <= 2
    assert read.phone is None or re.fullmatch(r"\+1[2-9]\d{9}", read.phone)
    assert read.email is None or re.fullmatch(r"[a-z0-9][\w.+&'-]*@[a-z0-9.-]+", read.email)
    assert read.contact_kind in (None, "phone", "text", "email")
    assert read.concern is None or read.concern in CONCERNS
    assert read.town is None or (0 < len(read.town) <= 40 and not re.search(r"[\d<>@\n=+|]", read.town))
    assert read.best_time is None or 0 < len(read.best_time) <= 60
    assert set(read.problems) <= {"phone", "email", "first_name", "town"}
    assert "\ue000" not in f"{read}"
    assert "\ue001" not in f"{read}"


SLOW = [
    "a" * 2000,
    "a " * 1000,
    "a." * 1000,
    "a-" * 1000,
    "@" * 2000,
    "a@" * 1000,
    "1" * 2000,
    "1 " * 1000,
    "1-" * 1000,
    "(780) " * 330,
    "780-555-" * 250,
    "+" * 2000,
    " (at) " * 330,
    "a at b dot " * 180,
    " dot" * 500,
    "i'm " * 500,
    "my name is " * 180,
    "call me " * 250,
    "not " * 500,
    "after " * 330,
    "in the " * 280,
    "and, or, " * 220,
    "I live in " * 200,
    "Grande " * 280,
    "not a, not b, " * 140,
    "scar of " * 250,
    "D-A-" * 500,
    "<" * 2000,
    "{" * 2000,
    "éÀ" * 1000,
    "प्" * 1000,
    "\n" * 2000,
    "😊" * 2000,
    "." * 2000,
    "',-" * 660,
    "a'" * 1000,
]


@pytest.mark.parametrize("text", SLOW, ids=[text[:12] for text in SLOW])
@pytest.mark.parametrize("asked", [None, "first_name", "contact", "town"])
def test_no_text_makes_the_reading_slow(text: str, asked: str | None) -> None:
    started = time.process_time()
    read_details(text, asked)
    assert time.process_time() - started < 5, "a pattern that explodes takes minutes"
