"""Reference codes: hard to guess, easy to read out, and understood however they are typed."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.codes import ALPHABET, LENGTH, find_code, new_code, normal_code
from bot.privacy.redaction import redact_patterns


def test_a_code_has_three_groups_and_at_least_45_bits() -> None:
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{2}}", new_code())
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert LENGTH * math.log2(len(ALPHABET)) >= 45


def test_no_two_characters_look_alike() -> None:
    for pair in ("8B", "5S", "2Z", "UV", "0O", "OQ", "1I", "IL", "1L"):
        assert len(set(pair) & set(ALPHABET)) <= 1


def test_codes_differ_and_hold_letters_and_digits() -> None:
    made = {new_code() for _ in range(2000)}
    assert len(made) == 2000
    assert all(re.search(r"\d", code) and re.search(r"[A-Z]", code) for code in made)


@pytest.mark.parametrize("like_a_number", ["W2J7777226", "4444497NW7"])
def test_no_code_is_taken_for_a_phone_number(monkeypatch: pytest.MonkeyPatch, like_a_number: str) -> None:
    drawn = iter(like_a_number + "K7QM4XWP2H")
    monkeypatch.setattr("bot.handoff.codes.secrets.choice", lambda _: next(drawn))
    code = new_code()
    assert redact_patterns(code) == code == "K7QM-4XWP-2H"


@pytest.mark.parametrize(
    "typed",
    [
        "K7QM-4XWP-2H",
        "k7qm4xwp2h",
        " k7qm 4xwp 2h ",
        "K7QM–4XWP—2H",
        "k7qm.4xwp.2h",
        "K70M-4XWP-ZH",
        "K7OM-4XWP-2H",
        "Ｋ７ＱＭ-４ＸＷＰ-２Ｈ",
    ],
)
def test_what_people_type_is_understood(typed: str) -> None:
    assert normal_code(typed) == "K7QM-4XWP-2H"


@pytest.mark.parametrize(
    "typed", ["", "K7QM-4XWP-2", "K7QM-4XWP-2HH", "K7QM-4XWP-2E", "hello there", "'; DROP TABLE", "٣٤٥٦٧٨٩٢٣K"]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert normal_code(typed) is None


@given(st.data())
def test_every_code_survives_being_typed_otherwise(data: st.DataObject) -> None:
    code = new_code()
    bare = code.replace("-", "")
    cut = data.draw(st.integers(0, LENGTH))
    between = data.draw(st.sampled_from(["", " ", "-", "–", "  ", "."]))
    typed = (bare[:cut] + between + bare[cut:]).swapcase()
    swaps = str.maketrans({"8": "b", "5": "s", "2": "z", "v": "u", "q": "0"})
    assert normal_code(typed) == normal_code(typed.lower().translate(swaps)) == code


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    for code in (normal_code(text), find_code(text)):
        assert code is None or normal_code(code) == code


@pytest.mark.parametrize(
    "text",
    [
        "K7QM-4XWP-2H",
        "where is my enquiry k7qm 4xwp 2h?",
        "Hi, the reference is K7QM-4XWP-2H, any news?",
        "code:k7qm4xwp2h.",
        "call 780-555-0143 about K7QM-4XWP-2H",
    ],
)
def test_a_code_is_found_in_a_message(text: str) -> None:
    assert find_code(text) == "K7QM-4XWP-2H"


@pytest.mark.parametrize(
    "text",
    ["where is my enquiry?", "call me on 780-555-0143", "7805550143", "text me after 10", "What time is 5 pm?", ""],
)
def test_words_and_phone_numbers_are_no_codes(text: str) -> None:
    assert find_code(text) is None
