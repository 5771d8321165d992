"""Texts for telephones: cheap characters, parts that fit, and not a word lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.messaging.short_text import BASIC, EXTENSION, plain, segments, split
from bot.channels.messaging.twilio import MOST_SEGMENTS
from bot.knowledge.files import responses

WORDS = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30), max_size=60).map(" ".join)

FEW = settings(max_examples=40, deadline=None)


def fits(text: str) -> bool:
    return segments(text) <= MOST_SEGMENTS


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ê" + "a" * 69, 1),
        ("ê" + "a" * 70, 2),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("ç" * 71, 2),
    ],
)
def test_a_text_is_paid_as_the_carriers_count(text: str, count: int) -> None:
    assert segments(text) == count


def test_typographic_marks_become_those_of_a_telephone_and_letters_stay() -> None:
    assert plain("“It’s safe…”\u00a0– or not — Benoît, 2 × 3 → 6") == '"It\'s safe..." - or not - Benoît, 2 x 3 -> 6'


def test_every_response_is_sent_in_the_cheap_alphabet() -> None:
    cheap = BASIC | EXTENSION
    dear = {
        name: set(plain(v["text"])) - cheap
        for name, variations in responses().items()
        for v in variations
        if v.get("channel") in (None, "text")
    }
    assert {name: found for name, found in dear.items() if found} == {}


@FEW
@given(WORDS)
def test_no_word_is_lost_or_changed_and_every_part_fits(text: str) -> None:
    parts = split(text, fits)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part and fits(part) and part == part.strip() for part in parts)


@FEW
@given(st.lists(st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,9}){0,12}[.!?]", fullmatch=True), min_size=1, max_size=40))
def test_parts_end_where_a_sentence_ends(sentences: list[str]) -> None:
    parts = split(" ".join(sentences), fits)
    assert all(part[-1] in ".!?" for part in parts)
    assert " ".join(parts) == " ".join(sentences)


@FEW
@given(st.text(max_size=50))
def test_a_short_text_stays_whole(text: str) -> None:
    assert split(text, fits) == ([text.strip()] if text.strip() else [])


def test_one_endless_word_is_cut_all_the_same() -> None:
    assert [len(part) for part in split("x" * 1000, lambda part: len(part) <= 400)] == [400, 400, 200]


def test_paragraphs_stay_together_where_they_fill_the_room() -> None:
    text = "First thing. " * 3 + "\n" + "Second thing. " * 3
    assert split(text, lambda part: len(part) <= 50) == [
        "First thing. " * 2 + "First thing.",
        "Second thing. " * 2 + "Second thing.",
    ]
