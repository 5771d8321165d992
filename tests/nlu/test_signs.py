"""Red flags: the signs that a text names, and the words around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.red_flags import COLUMNS, Flags, columns, flags_in
from bot.nlu.text import tidy


def read(text: str) -> Flags:
    return flags_in(tidy(text).lower())


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I can't breathe", "breath"),
        ("i cant breath properly", "breath"),
        ("sharp pain in my chest", "chest"),
        ("my face is drooping", "stroke"),
        ("I can't feel my leg", "nerve"),
        ("it won't stop bleeding", "bleeding"),
        ("my throat is closing", "allergy"),
        ("he passed out", "collapse"),
        ("red streaks going up my arm", "infection"),
        ("the needle broke off", "object"),
        ("my jaw hurts and my left arm too", "chest"),
        ("I want to die", "self_harm"),
        ("before I do something to myself", "self_harm"),
        ("no puedo respirar", "other_language"),
    ],
)
def test_a_sign_is_seen(text: str, sign: str) -> None:
    assert sign in read(text).signs


@pytest.mark.parametrize(
    "text",
    ["Is it safe?", "How much does it cost?", "hello", "", "what are your hours", "thanks a lot", "my treatment is covered"],
)
def test_an_ordinary_question_names_no_sign(text: str) -> None:
    assert read(text).signs == []


def test_a_denied_sign_looks_different_from_a_plain_one() -> None:
    plain, denied = columns([read("I have chest pain"), read("I have no chest pain")])
    assert plain[-1] == 1
    assert denied[-1] == 0


@given(st.lists(st.text(alphabet=st.characters(), max_size=80), min_size=1, max_size=4))
def test_every_text_gets_one_row_of_the_same_width(texts: list[str]) -> None:
    assert columns([read(text) for text in texts]).shape == (len(texts), COLUMNS)
