"""The door: whatever is typed, what comes in is clean and short enough, and the rest is refused with a reason."""

from __future__ import annotations

import unicodedata
from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.buttons import ButtonSigner
from bot.channels.clicks import parse_data_of_click
from bot.channels.door import (
    CONVERSATION_ID,
    Door,
    Let,
    Refused,
    clean,
    conversation_id,
    replies_signed,
)
from bot.knowledge.questions import BY_INTENT, PASS_ON_LABEL

KEY = "k" * 32
LONGEST = 120
PIECES = [
    "/",
    "\\",
    "\x00",
    "\u202e",
    "\u200b",
    "\u200d",
    "\u200c",
    "\ud83d",
    "\ufffe",
    "button:",
    " ",
    "\n",
    "\u2028",
    "a",
    "9",
    "😀",
    "\u0958",
]
ANYTHING = st.one_of(
    st.text(alphabet=st.characters(), max_size=2 * LONGEST),
    st.lists(st.sampled_from(PIECES), max_size=2 * LONGEST).map("".join),
)


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def a_door(burst: int = 1000, per_second: float = 1.0, clock: Clock | None = None) -> Door:
    return Door(ButtonSigner(KEY), LONGEST, burst, per_second, clock or Clock())


def is_forbidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} and character not in "\u200c\u200d"


@given(ANYTHING)
def test_whatever_is_typed_comes_in_clean_or_is_refused(message: str) -> None:
    admitted = a_door().admit("visitor", message)
    if isinstance(admitted, Refused):
        assert admitted.response in {"utter_too_long", "utter_empty", "utter_stale_button"}
        return
    assert admitted.clicked is None
    assert 0 < len(admitted.text) <= LONGEST
    assert not admitted.text.lstrip("\u200c\u200d \\").startswith("/")
    assert not any(is_forbidden(character) for character in admitted.text)


@given(st.text(alphabet="abc é", min_size=1, max_size=LONGEST).filter(lambda text: text.strip()))
def test_ordinary_words_come_in_unchanged(message: str) -> None:
    assert a_door().admit("visitor", message) == Let(" ".join(message.split()), None)


@pytest.mark.parametrize(
    "typed",
    [
        "/restart",
        " /restart",
        "//restart",
        "\\/restart",
        "\x00/restart",
        "\u200b/\u200b/restart",
        "\u200d/restart",
        "\n\t/restart",
    ],
)
def test_a_typed_command_loses_its_slash(typed: str) -> None:
    assert a_door().admit("visitor", typed) == Let("restart", None)


def test_the_limit_of_characters_is_exact() -> None:
    assert a_door().admit("visitor", "x" * LONGEST) == Let("x" * LONGEST, None)
    assert a_door().admit("visitor", "x" * (LONGEST + 1)) == Refused("utter_too_long")


def test_what_grows_beyond_the_limit_when_it_is_normalised_is_refused() -> None:
    assert a_door().admit("visitor", "\u0958" * LONGEST) == Refused("utter_too_long")


@pytest.mark.parametrize("character", ["ﷺ", "😭", "🚑"])
def test_what_grows_to_a_multiple_of_the_limit_when_it_is_read_is_refused(character: str) -> None:
    assert a_door().admit("visitor", character * LONGEST) == Refused("utter_too_long")
    assert isinstance(a_door().admit("visitor", character * 5), Let)


def test_a_million_characters_are_refused_unread() -> None:
    assert a_door().admit("visitor", "\u0958" * 1_000_000) == Refused("utter_too_long")


@pytest.mark.parametrize("message", ["", " ", "\x00\x07", "\u202e\u200b", "\ud83d", "///", "?!", "\u200d", "\u0301"])
def test_a_message_without_words_is_called_empty(message: str) -> None:
    assert a_door().admit("visitor", message) == Refused("utter_empty")


@pytest.mark.parametrize("message", ["👍", "👩‍👩‍👧", "👍🏽", "疼吗", "هل هو آمن؟", "7"])
def test_emoji_other_scripts_and_digits_are_words(message: str) -> None:
    assert a_door().admit("visitor", message) == Let(message, None)


def test_a_burst_is_let_in_and_no_more() -> None:
    door = a_door(burst=3)
    answers = [door.admit("visitor", "hello") for _ in range(5)]
    assert answers == [Let("hello", None)] * 3 + [Refused("utter_too_fast")] * 2


def test_waiting_earns_messages_again_but_never_more_than_a_burst() -> None:
    clock = Clock()
    door = a_door(burst=3, per_second=0.5, clock=clock)
    for _ in range(4):
        door.admit("visitor", "hello")
    clock.now += 2.0
    assert isinstance(door.admit("visitor", "hello"), Let)
    assert isinstance(door.admit("visitor", "hello"), Refused)
    clock.now += 1_000_000
    assert [isinstance(door.admit("visitor", "hello"), Let) for _ in range(4)] == [True, True, True, False]


def test_refused_attempts_do_not_put_off_the_next_message() -> None:
    clock = Clock()
    door = a_door(burst=1, per_second=1.0, clock=clock)
    door.admit("visitor", "hello")
    admitted = 0
    for _ in range(40):
        clock.now += 0.25
        admitted += isinstance(door.admit("visitor", "hello"), Let)
    assert admitted == 10


def test_a_flood_of_one_visitor_does_not_use_up_another_ones_messages() -> None:
    door = a_door(burst=2)
    for _ in range(50):
        door.admit("noisy", "hello")
    assert isinstance(door.admit("quiet", "hello"), Let)


def test_the_door_remembers_a_bounded_number_of_visitors() -> None:
    door = a_door()
    for number in range(10_050):
        door.admit(f"visitor-{number}", "hello")
    assert len(door._rate._buckets) == 10_000


def test_a_click_comes_in_as_the_words_on_the_button() -> None:
    payload = ButtonSigner(KEY).sign("visitor", "scars")
    assert a_door().admit("visitor", payload) == Let(BY_INTENT["scars"].label, "scars")
    offer = ButtonSigner(KEY).sign("visitor", "affirm")
    assert a_door().admit("visitor", f" {offer}\n") == Let(PASS_ON_LABEL, "affirm")


def test_a_click_counts_as_a_message() -> None:
    door = a_door(burst=1)
    payload = ButtonSigner(KEY).sign("visitor", "scars")
    assert isinstance(door.admit("visitor", payload), Let)
    assert door.admit("visitor", payload) == Refused("utter_too_fast")


def test_another_visitors_button_is_refused() -> None:
    assert a_door().admit("visitor", ButtonSigner(KEY).sign("other", "scars")) == Refused("utter_stale_button")


def test_a_click_is_taken_for_its_intent_with_full_confidence() -> None:
    data = parse_data_of_click("safety")
    assert data["intent"] == {"name": "safety", "confidence": 1.0}
    assert data["text"] == BY_INTENT["safety"].label
    assert data["urgency"] == "none"


def test_buttons_leave_the_house_signed() -> None:
    buttons = replies_signed([{"title": "Scars", "payload": "/scars"}], "visitor", ButtonSigner(KEY))
    assert buttons[0]["title"] == "Scars"
    assert ButtonSigner(KEY).read("visitor", buttons[0]["payload"]) == "scars"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "a"), ("visitor-1", "visitor-1"), ("+1.a_b:c@d", "+1.a_b:c@d"), (7, "7"), ("x" * 128, "x" * 128)],
)
def test_an_ordinary_conversation_id_is_taken(value: Any, expected: str) -> None:
    assert conversation_id(value) == expected


ODD: List[Any] = [
    None,
    "",
    " ",
    "a b",
    "x" * 129,
    "a/b",
    "a\n",
    "a\x00",
    "é",
    "\ud83d",
    True,
    1.5,
    [],
    {"a": 1},
    10**5000,
    -(10**128),
]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_an_odd_conversation_id_is_refused(value: Any) -> None:
    assert conversation_id(value) is None


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(alphabet=st.characters()), st.lists(st.text()))
)
def test_no_value_gets_past_the_pattern_of_conversation_ids(value: Any) -> None:
    found = conversation_id(value)
    assert found is None or CONVERSATION_ID.fullmatch(found)


@given(ANYTHING)
def test_cleaning_leaves_no_line_breaks_and_no_double_spaces(message: str) -> None:
    cleaned = clean(message)
    assert cleaned == " ".join(cleaned.split())
