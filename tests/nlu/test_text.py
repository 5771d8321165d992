"""How text is tidied before it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.text import tidy


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("  two   words ", "two words"),
        ("it’s “fine” – ok…", 'it\'s "fine" - ok...'),
        ("pls tell me abt it", "please tell me about it"),
        ("i cant breathe", "i can't breathe"),
        ("heeeelp", "help"),
        ("book", "book"),
        ("ＡＢＣ", "ABC"),
        ("yes 👍", "yes yes"),
        ("🚑", "ambulance"),
    ],
)
def test_a_text_is_read_as_it_is_meant(typed: str, read: str) -> None:
    assert tidy(typed) == read


@given(st.text(alphabet=st.characters(), max_size=80))
def test_tidying_any_text_leaves_single_spaces_and_no_ends(text: str) -> None:
    tidied = tidy(text)
    assert tidied == " ".join(tidied.split())


@given(st.text(alphabet="abcdefghij ", max_size=60))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
