"""Numbered choices: what picks one, and what is far from it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.messaging.choices import WORDS, Choice, chosen, numbered

OFFERED = [Choice(1, "Yes, send it", "a"), Choice(2, "Yes, or the next one", "b"), Choice(3, "No", "c")]
TITLES = st.lists(
    st.text(st.characters(codec="ascii", categories=["Lu", "Ll"]), min_size=3, max_size=20),
    min_size=1,
    unique_by=str.casefold,
    max_size=10,
)

FEW = settings(max_examples=40, deadline=None)


def buttons(*titles: str) -> list[dict[str, str]]:
    return [{"title": title, "payload": f"payload of {title}"} for title in titles]


@pytest.mark.parametrize(
    ("said", "payload"),
    [
        ("2", "b"),
        (" 2 ", "b"),
        ("2.", "b"),
        ("2)", "b"),
        ("(2)", "b"),
        ("#2", "b"),
        ("two", "b"),
        ("Two.", "b"),
        ("TWO", "b"),
        ("yes, or the next one", "b"),
        ("Yes, send it!", "a"),
        ("no", "c"),
        ("No.", "c"),
    ],
)
def test_a_bare_number_its_word_or_the_words_pick_a_choice(said: str, payload: str) -> None:
    found = chosen(said, OFFERED)
    assert found is not None
    assert found.payload == payload


@pytest.mark.parametrize(
    "said",
    [
        "4",
        "0",
        "01",
        "1 is fine",
        "1 or 2",
        "1,2",
        "two please",
        "one moment",
        "780-555-0143",
        "7805550143",
        "(780) 555-0143",
        "+1 780 555 0143",
        "T8V 2A3",
        "t8v2a3",
        "1-2-3",
        "1st",
        "1pm",
        "at 2",
        "2:30",
        "½",
        "²",
        "٢",
        "11",
        "1\n2",
        "-1",
        "1/2",
        "$2",
        "911",
        "",
        " ",
        "yes",
        "none",
    ],
)
def test_anything_else_or_more_picks_none(said: str) -> None:
    assert chosen(said, OFFERED) is None


@FEW
@given(TITLES, st.data())
def test_every_choice_is_picked_by_its_number_its_word_and_its_words(titles: list[str], data: st.DataObject) -> None:
    texts, choices = numbered([{"text": "Which?", "buttons": buttons(*titles)}], ["Which?"])
    place = data.draw(st.integers(1, len(titles)))
    for said in (str(place), f"{place}.", WORDS[place - 1], WORDS[place - 1].title()):
        found = chosen(said, choices)
        assert found is not None
        assert found.title == titles[place - 1]
    if titles[place - 1].casefold() not in WORDS:
        assert chosen(titles[place - 1].upper(), choices) == choices[place - 1]
    assert texts == ["\n".join(["Which?", *(f"{number}. {title}" for number, title in enumerate(titles, 1))])]


@FEW
@given(st.from_regex(r"[0-9() +.-]{3,16}", fullmatch=True).filter(lambda said: sum(map(str.isdigit, said)) > 2))
def test_no_telephone_number_picks_a_choice(said: str) -> None:
    assert chosen(said, OFFERED) is None


@FEW
@given(st.from_regex(r"[A-Za-z][0-9][A-Za-z] ?[0-9][A-Za-z][0-9]", fullmatch=True))
def test_no_postal_code_picks_a_choice(said: str) -> None:
    assert chosen(said, OFFERED) is None


@FEW
@given(st.text(), TITLES)
def test_whatever_is_said_only_what_was_offered_is_picked(said: str, titles: list[str]) -> None:
    _, choices = numbered([{"text": "Which?", "buttons": buttons(*titles)}], ["Which?"])
    assert chosen(said, choices) in (None, *choices)
    assert chosen(said, []) is None


def test_only_the_last_message_offers_choices() -> None:
    messages = [{"text": "It is safe.", "buttons": buttons("Side effects")}, {"text": "Your number?"}]
    assert numbered(messages, ["It is safe.", "Your number?"]) == (["It is safe.", "Your number?"], [])


def test_a_button_that_has_a_number_keeps_it() -> None:
    texts, choices = numbered([{"text": "Whom?", "buttons": buttons("2. Sample One", "Whoever can")}], ["Whom?"])
    assert texts == ["Whom?\n2. Sample One\n3. Whoever can"]
    assert [(choice.number, choice.title) for choice in choices] == [(2, "Sample One"), (3, "Whoever can")]


def test_no_message_offers_nothing() -> None:
    assert numbered([], []) == ([], [])
