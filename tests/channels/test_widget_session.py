"""Sessions of the widget: whoever has the token comes back, and whoever has less gets nothing."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.door import conversation_id
from bot.channels.widget_session import WidgetSessions

KEY = "k" * 32
OTHER_KEY = "o" * 32
DAY = 24 * 3600
AT = 1_800_000_000.5

TOKEN = WidgetSessions(KEY, DAY).start(AT).token
ID, EXPIRES, TAG = TOKEN.split(".")


def sessions(key: str = KEY, lifetime: int = DAY) -> WidgetSessions:
    return WidgetSessions(key, lifetime)


def test_a_token_opens_the_conversation_that_it_was_given_out_for() -> None:
    started = sessions().start(AT)
    resumed = sessions().resume(started.token, AT + 60)
    assert resumed is not None
    assert resumed.conversation == started.conversation


def test_every_session_has_a_conversation_of_its_own() -> None:
    started = [sessions().start(AT) for _ in range(50)]
    assert len({session.conversation for session in started}) == 50
    assert len({session.token for session in started}) == 50


def test_the_conversation_has_an_id_that_a_channel_may_use() -> None:
    conversation = sessions().start(AT).conversation
    assert conversation_id(conversation) == conversation
    assert re.fullmatch(r"widget-[0-9a-f]{32}", conversation)


def test_another_process_with_the_same_key_knows_the_token() -> None:
    started = sessions().start(AT)
    resumed = WidgetSessions(KEY, DAY).resume(started.token, AT)
    assert resumed is not None
    assert resumed.conversation == started.conversation


def test_a_token_lives_as_long_as_it_says_and_no_longer() -> None:
    started = sessions().start(AT)
    assert started.expires == int(AT) + DAY
    assert sessions().resume(started.token, started.expires - 0.01) is not None
    assert sessions().resume(started.token, started.expires) is None
    assert sessions().resume(started.token, started.expires + 1_000_000) is None


def test_every_return_gives_a_token_that_lives_on_from_then() -> None:
    session = started = sessions().start(AT)
    for day in range(1, 8):
        later = AT + day * (DAY - 60)
        resumed = sessions().resume(session.token, later)
        assert resumed is not None
        assert resumed.conversation == started.conversation
        assert resumed.expires == int(later) + DAY
        session = resumed
    assert sessions().resume(started.token, AT + 7 * (DAY - 60)) is None, "the first token has long run out"


def test_the_id_alone_opens_nothing() -> None:
    for token in (ID, f"{ID}.", f"{ID}.{EXPIRES}", f"{ID}.{EXPIRES}.", f"{ID}..{TAG}", f".{EXPIRES}.{TAG}"):
        assert sessions().resume(token, AT) is None


def test_the_id_of_the_conversation_opens_nothing() -> None:
    conversation = sessions().start(AT).conversation
    assert sessions().resume(conversation, AT) is None
    assert sessions().resume(f"{conversation.removeprefix('widget-')[:22]}.{EXPIRES}.{TAG}", AT) is None


def test_a_token_cannot_be_made_to_live_longer() -> None:
    assert sessions().resume(f"{ID}.{int(EXPIRES) + 1}.{TAG}", AT) is None
    assert sessions().resume(f"{ID}.9999999999.{TAG}", AT) is None


def test_the_tag_of_one_session_does_not_open_another() -> None:
    other = sessions().start(AT).token.split(".")[0]
    assert sessions().resume(f"{other}.{EXPIRES}.{TAG}", AT) is None


def test_a_token_of_another_key_opens_nothing() -> None:
    assert sessions().resume(sessions(OTHER_KEY).start(AT).token, AT) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_a_token_that_differs_in_one_character_opens_nothing(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert (sessions().resume(changed, AT) is not None) == (changed == TOKEN)


ODD: List[Any] = [
    None,
    True,
    0,
    1.5,
    [],
    [TOKEN],
    {},
    {"token": TOKEN},
    TOKEN.encode(),
    "",
    "..",
    TOKEN + "\n",
    " " + TOKEN,
    TOKEN.upper(),
    TOKEN + "0",
    TOKEN + "\x00",
    TOKEN.replace(EXPIRES, EXPIRES.translate({ord("0") + n: 0x0660 + n for n in range(10)})),
    "\ud83d" * 98,
    "x" * 1_000_000,
]


@pytest.mark.parametrize("token", ODD, ids=range(len(ODD)))
def test_what_is_no_token_opens_nothing(token: Any) -> None:
    assert sessions().resume(TOKEN, AT) is not None, "what the others are spoilt from is good"
    assert sessions().resume(token, AT) is None


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]{22}\.\d{10}\.[0-9a-f]{64}", fullmatch=True)))
def test_no_guessed_text_opens_a_session(token: str) -> None:
    assert sessions().resume(token, 0.0) is None


def test_the_conversation_cannot_be_told_from_the_token_without_the_key() -> None:
    started = sessions().start(AT)
    conversation = started.conversation.removeprefix("widget-")
    session_id, expires, tag = started.token.split(".")
    assert conversation not in started.token
    assert tag not in conversation
    for known in (session_id, expires, tag, f"{session_id}.{expires}", started.token):
        for text in (known, f"widget conversation\n{known}"):
            assert not hashlib.sha256(text.encode()).hexdigest().startswith(conversation)
            for key in (session_id, tag, OTHER_KEY):
                assert not hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest().startswith(conversation)
    guessed = [WidgetSessions(key, DAY)._conversation(session_id) for key in ("", OTHER_KEY, KEY[:-1])]
    assert started.conversation not in guessed
    assert WidgetSessions(KEY, DAY)._conversation(session_id) == started.conversation, "with the key it can"
