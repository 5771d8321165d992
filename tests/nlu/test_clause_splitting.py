"""Clauses: what is asked together is taken apart, what belongs together stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from bot.nlu.clauses import LONGEST_PIECE, QUESTION, STATEMENT, load_english, split
from bot.nlu.text import tidy

ENGLISH = load_english()


@pytest.fixture(scope="module")
def english() -> Language:
    return ENGLISH


def questions_in(text: str, english: Language) -> list[str]:
    return [part.text for part in split(text, english) if part.role == QUESTION]


@pytest.mark.parametrize(
    ("message", "questions"),
    [
        ("Is it safe, and what about scars?", ["Is it safe", "what about scars?"]),
        ("Does it hurt? How much does it cost?", ["Does it hurt?", "How much does it cost?"]),
        ("What is it and how does it work?", ["What is it", "how does it work?"]),
        ("How much is it, does it hurt", ["How much is it", "does it hurt"]),
        ("Where are you? Also do you take insurance?", ["Where are you?", "do you take insurance?"]),
        ("can i book online & what are your hours", ["can i book online", "what are your hours"]),
    ],
)
def test_questions_asked_together_are_taken_apart(message: str, questions: list[str], english: Language) -> None:
    assert [text.rstrip("?") for text in questions_in(message, english)] == [text.rstrip("?") for text in questions]


@pytest.mark.parametrize(
    "message",
    [
        "Is it safe?",
        "hello",
        "",
        "does it help with wrinkles and scars",
        "what is the difference between it and botox",
        "????",
        "👍",
    ],
)
def test_one_question_stays_whole(message: str, english: Language) -> None:
    assert len(questions_in(message, english)) < 2


def test_have_and_had_after_a_short_form_start_nothing(english: Language) -> None:
    parts = split("I've had these frown lines since I was thirty, can someone call me?", english)
    assert "I've" not in [part.text for part in parts]


def test_a_statement_belongs_to_the_question_after_it(english: Language) -> None:
    parts = split("I'm on blood thinners. Is that ok? What about scars?", english)
    asked = [part.text for part in parts if part.role == QUESTION]
    assert "blood thinners" in asked[0]
    assert any(part.role == STATEMENT and "blood thinners" in part.text for part in parts)


def test_a_long_story_is_also_read_in_windows(english: Language) -> None:
    story = "so then we walked along the river and " * 20
    pieces = split(story, english)
    assert len(pieces) > 1
    assert all(len(part.text) <= LONGEST_PIECE for part in pieces if part.role == STATEMENT)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["is it safe", "and", ",", "?", "what about scars", "\n", "/", "'", "😀", "ﷺ", "x", "I'm ill"]),
        max_size=12,
    )
)
def test_any_message_can_be_taken_apart(pieces: list[str]) -> None:
    for part in split(tidy(" ".join(pieces)), ENGLISH):
        assert part.text.strip() == part.text != ""
