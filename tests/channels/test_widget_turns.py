"""Messages of the widget: what is one, and that each that was taken is answered once, whatever fails."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Set, Tuple

import pytest
from databases import empty_database
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from test_conversation import conversations_of

from bot.channels import widget_turns
from bot.channels.widget_log import Entry, WidgetLog
from bot.channels.widget_turns import LONGEST_PAYLOAD, WidgetTurns, WrongMessage, read, reply
from bot.clock import now
from bot.correlation import correlated, current_id
from bot.settings import clinic
from bot.storage.database import migrate

if TYPE_CHECKING:
    from bot.shell.session import Assistant

LONGEST = 1000
ID = "message-1"
PATIENCE = 20.0
CANARY = "marmalade canary"
BUTTON = "button:scars:0123456789abcdef01234567"

NOT_KEPT, TOO_LONG, STALE = "utter_message_not_kept", "utter_too_long", "utter_stale_button"


def refused(message: Any) -> Optional[str]:
    try:
        read(message, LONGEST)
    except WrongMessage as wrong:
        return str(wrong)
    return None


@pytest.mark.parametrize("text", ["", " ", "Is it safe?", "疼吗", "\ud83d", "\x00", "/restart", "x" * LONGEST])
def test_any_text_up_to_the_limit_is_a_message(text: str) -> None:
    assert read({"id": ID, "text": text}, LONGEST) == (ID, {"text": text})


def test_what_else_a_client_sends_along_is_left_out() -> None:
    more = {"seq": 7, "from": "assistant", "reply_to": "x", "kind": "urgent", "metadata": {"a": 1}, "payload": None}
    assert read({"id": ID, "text": "hello", **more}, LONGEST) == (ID, {"text": "hello"})


def test_a_click_says_what_stands_on_the_button_and_carries_its_payload() -> None:
    assert read({"id": ID, "text": "Scars", "payload": BUTTON}, LONGEST) == (ID, {"text": "Scars", "payload": BUTTON})


@pytest.mark.parametrize(
    "message", [None, True, 0, 1.5, "Is it safe?", b"hello", [], [ID, "hello"], [{"id": ID}], {}], ids=repr
)
def test_what_is_no_message_is_refused(message: Any) -> None:
    assert refused(message) == NOT_KEPT


ODD_IDS: List[Any] = [
    None,
    "",
    "short-1",
    "x" * 65,
    12345678,
    True,
    ["message-1"],
    {"id": "message-1"},
    b"message-1",
    "message 1",
    "message-1\n",
    "message-é",
    "message.1",
    "message-\x00",
    "message-\ud83d",
    "message-١",
    "x" * 900_000,
]


@pytest.mark.parametrize("message_id", ODD_IDS, ids=range(len(ODD_IDS)))
def test_a_message_needs_an_id_as_the_widget_makes_them(message_id: Any) -> None:
    assert refused({"id": message_id, "text": "hello"}) == NOT_KEPT


@pytest.mark.parametrize("message_id", ["12345678", "x" * 64, "5f0c3b52-2f2b-4a53-9d5d-0f5b8a3c7e11", "_-AZaz09"])
def test_an_id_of_that_form_is_taken(message_id: str) -> None:
    assert read({"id": message_id, "text": "hello"}, LONGEST)[0] == message_id


def test_a_message_without_an_id_or_a_text_is_refused() -> None:
    assert refused({"text": "hello"}) == NOT_KEPT
    assert refused({"id": ID}) == NOT_KEPT


@pytest.mark.parametrize("text", [None, True, 5, 1.5, ["hello"], {"text": "hello"}, b"hello"], ids=repr)
def test_a_text_that_is_none_is_refused(text: Any) -> None:
    assert refused({"id": ID, "text": text}) == NOT_KEPT


@pytest.mark.parametrize("length", [LONGEST + 1, 900_000])
def test_a_text_beyond_the_limit_is_refused_as_too_long(length: int) -> None:
    assert refused({"id": ID, "text": "x" * length}) == TOO_LONG
    assert refused({"id": ID, "text": "x" * length, "payload": BUTTON}) == TOO_LONG


@pytest.mark.parametrize(
    "payload", ["", "scars", "/scars", "affirm", 5, True, ["button:scars"], {}, b"button:scars", "button:" + "x" * 900_000]
)
def test_a_payload_that_is_no_button_is_refused_as_one_that_no_longer_works(payload: Any) -> None:
    assert refused({"id": ID, "text": "Scars", "payload": payload}) == STALE


def test_the_longest_payload_of_a_real_button_has_room() -> None:
    from bot.channels.buttons import ButtonSigner

    longest = ButtonSigner("k" * 32).sign("widget-1", "a" * 40 + "." + "b" * 10)
    assert len(longest) <= LONGEST_PAYLOAD
    assert refused({"id": ID, "text": "Scars", "payload": longest}) is None


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(alphabet=st.characters()), st.binary()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


@given(
    st.one_of(JSON, st.fixed_dictionaries({}, optional={"id": st.one_of(st.just(ID), JSON), "text": JSON, "payload": JSON}))
)
def test_whatever_comes_is_a_message_or_refused_in_words_and_what_is_taken_can_be_kept(message: Any) -> None:
    name = refused(message)
    if name is not None:
        assert name in {NOT_KEPT, TOO_LONG, STALE}
        return
    message_id, content = read(message, LONGEST)
    assert message_id == message["id"]
    assert content["text"] == message["text"]
    assert json.loads(json.dumps(content)) == content
    assert set(content) <= {"text", "payload"}


def test_a_plain_reply_has_all_fields_and_no_conversation_id() -> None:
    assert reply({"recipient_id": "widget-1", "text": "Hello."}) == {
        "text": "Hello.",
        "quick_replies": [],
        "citations": [],
        "kind": "text",
    }


def test_a_reply_brings_its_buttons_its_sources_and_its_kind() -> None:
    buttons = [{"title": "Scars", "payload": BUTTON}]
    sources = [{"section": "Safety"}, {"section": "Scars", "url": "https://clinic.example.com/article", "more": 1}]
    found = reply({"text": "Yes.", "buttons": buttons, "custom": {"sources": sources, "kind": "urgent"}})
    assert found["quick_replies"] == buttons
    assert found["citations"] == [
        {"section": "Safety", "url": None},
        {"section": "Scars", "url": "https://clinic.example.com/article"},
    ]
    assert found["kind"] == "urgent"


class Told(NamedTuple):
    """What the windows of a conversation were told."""

    event: str
    conversation: str
    content: Any
    but: Optional[str]


class House:
    """The real turns, the real assistant and a real database; only the wire is missing."""

    def __init__(self, assistant: Assistant, log: WidgetLog, **settings: Any) -> None:
        self.here = f"widget-{uuid.uuid4().hex}"
        self.log = log
        self.told: List[Told] = []
        self.ids: Dict[str, Set[Optional[str]]] = {}
        """The ids that the log lines of each message would carry."""
        self._more = asyncio.Condition()
        limit = settings.get("waiting_per_conversation", 8)
        conversations = conversations_of(assistant, **settings)
        self.places = conversations.places
        self.turns = WidgetTurns(conversations, log, self._tell, LONGEST, limit)

    async def _tell(self, name: str, conversation: str, content: Any, but: Optional[str]) -> None:
        async with self._more:
            self.told.append(Told(name, conversation, content, but))
            if name in ("user_uttered", "turn_end"):
                self.ids.setdefault(content["id"], set()).add(current_id())
            self._more.notify_all()

    async def take(
        self, text: str = "Is it safe?", message_id: str = ID, window: Optional[str] = "window"
    ) -> Dict[str, Any]:
        return await self.turns.take(self.here, {"id": message_id, "text": text}, window)

    async def ends(self, *messages: str) -> None:
        """Waits until these messages have been answered."""
        async with self._more:
            await asyncio.wait_for(self._more.wait_for(lambda: set(messages) <= self._ended()), PATIENCE)

    def _ended(self) -> set[str]:
        return {content["id"] for content in self.contents("turn_end")}

    def contents(self, name: str) -> List[Any]:
        return [told.content for told in self.told if told.event == name]

    def kept(self) -> List[Tuple[str, Optional[str]]]:
        """Who said what is kept: ids of the visitor's messages, and what replies reply to."""
        return [(entry["from"], entry.get("reply_to") or entry["id"]) for entry in self.log.after(self.here, 0)]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WidgetLog]:
    with empty_database("sqlite", tmp_path) as database:
        migrate(database)
        yield WidgetLog(database, 60.0)


@pytest.fixture
def house(assistant: Assistant, log: WidgetLog) -> House:
    return House(assistant, log)


@pytest.fixture
def failing(log: WidgetLog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Lets the log's database fail some times, after the first transactions went well."""
    monkeypatch.setattr(widget_turns, "SECONDS_BETWEEN_TRIES", 0.0)
    left = {"well": 0, "failures": 0}

    def commit(session: Session) -> None:
        if session.get_bind() is not log._engine:
            return
        if left["well"]:
            left["well"] -= 1
        elif left["failures"]:
            left["failures"] -= 1
            raise SQLAlchemyError(CANARY)

    def fail(failures: int, well: int = 0) -> None:
        left.update(well=well, failures=failures)

    event.listen(Session, "before_commit", commit)
    yield fail
    event.remove(Session, "before_commit", commit)


async def test_a_question_is_told_to_the_other_windows_and_its_answer_to_all(house: House) -> None:
    receipt = await house.take()
    assert receipt == {"status": "taken", "seq": 1}
    await house.ends(ID)
    assert [told.event for told in house.told] == ["user_uttered", "typing", "bot_uttered", "turn_end"]
    asked, typing, answer, end = house.told
    assert asked == Told(
        "user_uttered", house.here, {"seq": 1, "from": "visitor", "id": ID, "text": "Is it safe?"}, "window"
    )
    assert (typing.content, typing.but) == ({"on": True}, None)
    assert answer.content["text"].startswith("Dry needling is usually done by trained")
    assert (answer.content["seq"], answer.content["reply_to"], answer.but) == (2, ID, None)
    assert end.content == {"id": ID}


async def test_the_same_message_again_is_not_answered_again(house: House) -> None:
    receipts = await asyncio.gather(*(house.take() for _ in range(5)))
    assert {receipt["status"] for receipt in receipts} == {"taken"}
    await house.ends(ID)
    assert await house.take() == {"status": "taken", "seq": 1}
    await house.places.close(PATIENCE)
    assert len(house.contents("turn_end")) == 1
    assert house.kept() == [("visitor", ID), ("assistant", ID)]


async def test_messages_are_kept_and_answered_in_the_order_in_which_they_came(house: House) -> None:
    messages = [f"message-{number}" for number in range(6)]
    await asyncio.gather(*(house.take("Is it good for scars?", message) for message in messages))
    await house.ends(*messages)
    assert [entry["id"] for entry in house.log.after(house.here, 0) if entry["from"] == "visitor"] == messages
    assert [content["id"] for content in house.contents("turn_end")] == messages


async def test_an_answer_that_takes_long_to_keep_is_not_overtaken_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, next_one = house.log.answer, threading.Event()

    def slow(conversation: str, message_id: str, replies: Sequence[Entry], at: datetime) -> List[Entry]:
        if message_id == "message-1":
            next_one.wait(0.5)  # time enough to overtake
        made = keep(conversation, message_id, replies, at)
        next_one.set()
        return made

    monkeypatch.setattr(house.log, "answer", slow)
    await asyncio.gather(house.take(message_id="message-1"), house.take("Does it hurt?", "message-2"))
    await house.ends("message-1", "message-2")
    replies = [entry for entry in house.log.after(house.here, 0) if entry["from"] == "assistant"]
    assert [reply["reply_to"] for reply in replies] == sorted(reply["reply_to"] for reply in replies)
    assert house.contents("bot_uttered") == replies


async def test_too_many_at_once_are_refused_for_now_and_taken_later(assistant: Assistant, log: WidgetLog) -> None:
    house = House(assistant, log, waiting_per_conversation=3)
    receipts = await asyncio.gather(*(house.take(message_id=f"message-{number}") for number in range(5)))
    assert [receipt["status"] for receipt in receipts] == ["taken"] * 3 + ["refused"] * 2
    assert receipts[4]["again"] is True
    assert clinic().emergency_number in receipts[4]["text"]
    await house.ends("message-0", "message-1", "message-2")
    assert (await house.take(message_id="message-4"))["status"] == "taken"
    await house.ends("message-4")
    assert ("visitor", "message-3") not in house.kept(), "what is refused is not kept"


async def test_another_conversation_is_not_held_up(assistant: Assistant, log: WidgetLog) -> None:
    house = House(assistant, log, waiting_per_conversation=1)
    first = asyncio.create_task(house.take())
    await asyncio.sleep(0)
    other = await house.turns.take("widget-other", {"id": ID, "text": "Is it safe?"})
    assert (other["status"], (await first)["status"]) == ("taken", "taken")
    await house.places.close(PATIENCE)


@pytest.mark.parametrize(
    ("message", "told"), [(None, "Please send it again"), ({"id": ID, "text": "x" * (LONGEST + 1)}, "too long")]
)
async def test_a_refusal_says_why_and_that_it_would_be_refused_again(house: House, message: Any, told: str) -> None:
    receipt = await house.turns.take(house.here, message)
    assert (receipt["status"], receipt["again"]) == ("refused", False)
    assert told in receipt["text"]
    assert clinic().emergency_number in receipt["text"]
    assert house.told == []
    assert house.kept() == []


async def test_a_message_that_cannot_be_kept_is_refused_and_may_come_again(
    house: House, failing: Callable[..., None]
) -> None:
    failing(1)
    with capture_logs() as logged:
        receipt = await house.take(CANARY)
    assert (receipt["status"], receipt["again"]) == ("refused", True)
    assert clinic().emergency_number in receipt["text"]
    assert [line["event"] for line in logged] == ["widget.not_taken"]
    assert CANARY not in str(logged)
    assert (await house.take())["status"] == "taken"
    await house.ends(ID)
    assert house.kept() == [("visitor", ID), ("assistant", ID)]


async def test_an_answer_that_is_kept_at_the_last_try_is_shown_once(house: House, failing: Callable[..., None]) -> None:
    failing(2, well=1)
    await house.take()
    await house.ends(ID)
    assert [content["seq"] for content in house.contents("bot_uttered")] == [2]
    assert house.kept() == [("visitor", ID), ("assistant", ID)]


async def test_an_answer_that_cannot_be_kept_is_shown_all_the_same(house: House, failing: Callable[..., None]) -> None:
    failing(3, well=1)
    with capture_logs() as logged:
        await house.take()
        await house.ends(ID)
    (shown,) = house.contents("bot_uttered")
    assert shown["text"].startswith("Dry needling is usually done by trained")
    assert (shown["from"], shown["reply_to"], "seq" in shown) == ("assistant", ID, False)
    assert [line["event"] for line in logged].count("widget.answer_not_kept") == 3
    assert CANARY not in str(logged)


async def test_what_is_deleted_while_it_is_answered_is_not_shown_any_more(house: House, assistant: Assistant) -> None:
    await house.take()
    house.log.erase(house.here, now())
    await house.ends(ID)
    assert house.contents("bot_uttered") == []
    assert await house.take(message_id="message-2") == {"status": "ended"}
    assert house.kept() == []
    assert await assistant.agent.tracker_store.retrieve(house.here) is None, "it has not begun anew"


async def test_what_a_process_before_left_is_answered_when_the_visitor_comes_back(
    house: House,
) -> None:
    log = house.log
    log.take(house.here, "message-1", {"text": "Is it safe?"}, now())
    log.take(house.here, "message-2", {"text": "Is it good for scars?"}, now())
    await house.turns.take_up(house.here)
    assert house.told == [], "another process may be answering them"
    log.free()
    await house.turns.take_up(house.here)
    await house.turns.take_up(house.here)
    await house.ends("message-1", "message-2")
    await house.places.close(PATIENCE)
    assert [content["id"] for content in house.contents("turn_end")] == ["message-1", "message-2"]
    replies = house.contents("bot_uttered")
    assert list(dict.fromkeys(reply["reply_to"] for reply in replies)) == ["message-1", "message-2"]
    assert len({reply["text"] for reply in replies}) == len(replies), "each is said once"
    assert log.after(house.here, 2) == replies


async def test_a_click_that_was_left_is_still_a_click(house: House) -> None:
    await house.take()
    await house.ends(ID)
    button = house.contents("bot_uttered")[-1]["quick_replies"][0]
    house.log.take(house.here, "message-2", {"text": "xyzzy", "payload": button["payload"]}, now())
    house.log.free()
    await house.turns.take_up(house.here)
    await house.ends("message-2")
    assert "licensed professional" in house.contents("bot_uttered")[-1]["text"]


async def test_before_it_ends_the_process_lets_the_answers_come_to_their_end(house: House) -> None:
    await asyncio.gather(*(house.take(message_id=f"message-{number}") for number in range(3)))
    await house.places.close(PATIENCE)
    assert [content["id"] for content in house.contents("turn_end")] == ["message-0", "message-1", "message-2"]
    assert house.log.unanswered(house.here, now()) == []


async def test_a_turn_that_fails_ends_with_an_apology_that_is_kept(
    house: House, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(message: Any) -> None:
        raise RuntimeError(message.text)

    monkeypatch.setattr(assistant.agent, "handle_message", fail)
    with capture_logs() as logged:
        await house.take(CANARY)
        await house.ends(ID)
    (shown,) = house.contents("bot_uttered")
    assert clinic().emergency_number in shown["text"]
    assert house.kept() == [("visitor", ID), ("assistant", ID)]
    assert CANARY not in str(logged)


async def test_the_log_lines_of_one_message_share_an_id_of_their_own(house: House) -> None:
    other = "message-0002"
    with correlated("of-the-connection"):
        await house.take()
        await house.take(message_id=other)
        await house.ends(ID, other)
    (first,), (second,) = house.ids[ID], house.ids[other]
    assert len({first, second, "of-the-connection", None}) == 4
