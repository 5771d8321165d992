"""Email addresses as people type them, spelled out or with slips."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.details import read_details

DANA = "dana@example.com"

ADDRESSES = [
    "dana@example.com",
    "dana@example.com.",
    "dana@example.com,",
    "dana@example.com!",
    "dana@example.com?",
    "(dana@example.com)",
    "<dana@example.com>",
    "'dana@example.com'",
    '"dana@example.com"',
    "mailto:dana@example.com",
    "email:dana@example.com",
    "Dana@Example.com",
    "DANA@EXAMPLE.COM",
    "dana @ example.com",
    "dana@ example.com",
    "dana @example.com",
    "dana@example .com",
    "dana@example. com",
    "dana@example,com",
    "dana (at) example.com",
    "dana(at)example.com",
    "dana [at] example [dot] com",
    "dana (at) example dot com",
    "dana at example dot com",
    "dana AT example DOT com",
    "=dana@example.com",
]

IN_SENTENCES = [
    "email me at dana@example.com please",
    "ok. dana@example.com, email is better for me",
    "780-555-0188 or dana@example.com, email preferred.",
    "dana@example.com. me and my sister",
    "im dana, dana@example.com, evenings",
    "my email is dana@example.com thanks",
    "dana@example.com or 780-555-0143",
    "no, the email is dana@example.com",
    "oops its gmial no wait, dana@example.com",
    "not dana@example.org, dana@example.com",
    "dana@example.org sorry i mean dana@example.com",
    "wrong email, use dana@example.com instead",
    "my email is dana at example.com",
    "see you @ five, dana@example.com",
    "dana@example.com\nBcc: everyone@example.org",
    "email is best dana@example.com po",
]

PROBLEMS = [
    ("dana@", "syntax"),
    ("dana@example", "syntax"),
    ("my email is dana@example", "syntax"),
    ("dana@example..com", "syntax"),
    ("dana@.com", "syntax"),
    ("dana@-example.com", "syntax"),
    ("dana..smith@example.com", "syntax"),
    ("dana@localhost", "syntax"),
    ("dana@example.invalid", "syntax"),
    ("josé@example.com", "syntax"),
    ("da%0anabcc@example.com", "syntax"),
    (f"{'d' * 80}@example.com", "syntax"),
    ("dana@gmial.com", "mistyped"),
    ("dana@gmail.con", "mistyped"),
    ("dana@hotmial.com", "mistyped"),
    ("dana@example.cmo", "mistyped"),
]


@pytest.mark.parametrize("typed", ADDRESSES)
@pytest.mark.parametrize("around", ["{}", "email me {}", "I'm Dana, {}"])
def test_every_usual_spelling_is_read(typed: str, around: str) -> None:
    read = read_details(around.format(typed))
    assert read.email == DANA
    assert "example" not in read.rest.lower()


@pytest.mark.parametrize("text", IN_SENTENCES)
def test_the_address_that_is_meant_is_found_in_a_sentence(text: str) -> None:
    assert read_details(text).email == DANA


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("dana.smith@example.co.uk", "dana.smith@example.co.uk"),
        ("dana_s-99@mail.example.com", "dana_s-99@mail.example.com"),
        ("dana+clinic@example.com", "dana+clinic@example.com"),
        ("dana dot smith at example dot com", "dana.smith@example.com"),
        ("dana [dot] k @ example.com", "dana.k@example.com"),
        ("dana underscore smith at example dot com", "dana_smith@example.com"),
        ("7805550143@example.com", "7805550143@example.com"),
        ("dana@exämple.com", "dana@xn--exmple-cua.com"),
        ("jm@example.com,kd@example.com", "jm@example.com"),
    ],
)
def test_less_usual_addresses_are_read(text: str, address: str) -> None:
    read = read_details(text)
    assert read.email == address
    assert read.phone is None


@pytest.mark.parametrize(("text", "problem"), PROBLEMS)
def test_an_address_that_cannot_be_used_is_told_why(text: str, problem: str) -> None:
    for expected in (None, "contact"):
        read = read_details(text, expected)
        assert read.email is None
        assert read.problems["email"] == problem


@pytest.mark.parametrize(
    "text",
    [
        "see you @ 5pm",
        "2@50 dollars",
        "meet me @ home",
        "look at example.com",
        "I work at example.com",
        "@ the clinic",
        "look at me dot dot dot",
    ],
)
def test_what_is_no_address_is_no_mistake(text: str) -> None:
    read = read_details(text)
    assert read.email is None
    assert "email" not in read.problems


@pytest.mark.parametrize("text", ["@dana", "@dana_lopez on insta"])
def test_a_handle_is_a_mistake_only_when_an_address_was_asked_for(text: str) -> None:
    assert read_details(text).problems == {}
    assert read_details(text, "contact").problems == {"email": "syntax"}


letters = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
locals_ = st.lists(letters, min_size=1, max_size=3).flatmap(
    lambda parts: st.sampled_from("._-+").map(lambda sign: sign.join(parts))
)
domains = st.tuples(
    letters.filter(lambda part: part not in {"gmial", "gmai"}), st.sampled_from(["com", "ca", "org", "net", "co.uk", "edu"])
).map(".".join)
sentences = st.sampled_from(
    [
        "{}",
        "email me at {} please",
        "im dana, {}, evenings",
        "Dana {}",
        "my email is {}.",
        "({})",
        "call 780-555-0143 or {}!",
        "contact: {}\nthanks",
    ]
)


@given(locals_, domains, sentences)
def test_any_simple_address_inside_any_sentence_is_found(local: str, domain: str, sentence: str) -> None:
    read = read_details(sentence.format(f"{local}@{domain}"))
    assert read.email == f"{local}@{domain}" or read.problems["email"] == "mistyped"
    assert "@" not in read.rest


@given(st.text(alphabet="ab@.,= <>\n()'%dotat", max_size=80), st.sampled_from([None, "contact"]))
def test_what_is_found_in_any_signs_can_stand_in_a_header(text: str, expected: str | None) -> None:
    address = read_details(text, expected).email
    assert address is None or (address.count("@") == 1 and address[0].isalnum() and not set(address) & set("\n\r <>=,%"))
