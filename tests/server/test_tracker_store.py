"""The conversation store: state comes back as it was, and a long conversation stays short."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Dict, List

import pytest
from databases import KINDS, empty_database
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from sqlalchemy import select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from bot.clock import now
from bot.privacy.encryption import vault
from bot.server.conversation_rows import ConversationChanged, ConversationRows
from bot.server.tracker_store import TURNS_BEFORE_SNAPSHOT, TURNS_KEPT, BoundedTrackerStore
from bot.settings import settings
from bot.storage.database import make_engine, migrate, transaction
from bot.storage.models import Conversation

if TYPE_CHECKING:
    from bot.shell.session import Assistant

DOMAIN_YAML = """
version: "3.1"
intents: [ask]
slots:
  topic: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  count: {type: float, initial_value: 0.0, min_value: 0.0, max_value: 1000.0, mappings: [{type: custom}]}
  gone: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  requested_slot: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  enquiry_first_name: {type: any, mappings: [{type: custom}]}
  enquiry_contact: {type: any, mappings: [{type: custom}]}
forms:
  details: {required_slots: [topic]}
actions: [action_answer]
"""
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Rasa warns of its own slots
    DOMAIN = Domain.from_yaml(DOMAIN_YAML)


def rows() -> ConversationRows:
    """A database of its own."""
    made = make_engine(f"sqlite:///{Path(mkdtemp(dir=settings().data_folder)) / 'assistant.db'}")
    migrate(made)
    return ConversationRows(made)


def a_store(conversations_kept: int = 100, on: ConversationRows | None = None) -> BoundedTrackerStore:
    return BoundedTrackerStore(on or rows(), DOMAIN, conversations_kept=conversations_kept)


def a_turn(number: int) -> List[Event]:
    return [
        UserUttered(f"message {number}", intent={"name": "ask", "confidence": 1.0}),
        ActionExecuted("action_answer"),
        BotUttered(f"answer {number}"),
        SlotSet("count", float(number)),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


async def talk(store: BoundedTrackerStore, conversation: str, turns: int, first: List[Event] | None = None) -> None:
    for number in range(turns):
        tracker = await store.get_or_create_tracker(conversation)
        for event in [*((first or []) if number == 0 else []), *a_turn(number)]:
            tracker.update(event, DOMAIN)
        await store.save(tracker)


async def retrieved(store: BoundedTrackerStore, conversation: str) -> DialogueStateTracker:
    tracker = await store.retrieve(conversation)
    assert tracker is not None
    return tracker


def set_time(tracker: DialogueStateTracker, timestamp: float) -> None:
    for event in tracker.events:
        event.timestamp = timestamp


def said(tracker: DialogueStateTracker) -> List[str]:
    return [str(event.text) for event in tracker.events if isinstance(event, UserUttered)]


@pytest.mark.parametrize("turns", [1, 2, TURNS_BEFORE_SNAPSHOT, TURNS_BEFORE_SNAPSHOT + 1, 40])
async def test_what_was_saved_comes_back_the_same(turns: int) -> None:
    store = a_store()
    await talk(store, "a", turns, [SlotSet("topic", "scars"), ActiveLoop("details")])
    once = await retrieved(store, "a")
    await store.save(once)
    twice = await retrieved(store, "a")
    states: List[Dict[str, Any]] = [tracker.current_state(EventVerbosity.ALL) for tracker in (once, twice)]
    assert states[0] == states[1]
    assert once.latest_message is not None
    assert once.latest_message.text == f"message {turns - 1}"


async def test_two_hundred_turns_stay_bounded_and_keep_what_stands() -> None:
    store = a_store()
    first = [
        SlotSet("topic", "scars"),
        SlotSet("gone", "x"),
        SlotSet("gone", None),
        ActiveLoop("details"),
        SlotSet("requested_slot", "topic"),
    ]
    await talk(store, "a", 200, first)
    tracker = await retrieved(store, "a")
    assert len(tracker.events) <= 6 * (TURNS_BEFORE_SNAPSHOT + 2)
    assert tracker.get_slot("topic") == "scars"
    assert tracker.get_slot("gone") is None
    assert tracker.get_slot("count") == 199.0
    assert tracker.get_slot("requested_slot") == "topic"
    assert tracker.active_loop_name == "details"
    assert said(tracker)[-TURNS_KEPT:] == [f"message {number}" for number in range(200 - TURNS_KEPT, 200)]
    assert tracker.latest_action_name == ACTION_LISTEN_NAME


async def test_turn_two_hundred_is_no_longer_than_the_longest_before_it() -> None:
    store, lengths = a_store(), []
    for _ in range(200):
        await talk(store, "a", 1)
        lengths.append(len((await retrieved(store, "a")).events))
    assert max(lengths[50:]) <= max(lengths[:50])
    assert max(lengths) < 6 * (TURNS_BEFORE_SNAPSHOT + 1)


async def test_a_turn_that_is_not_saved_leaves_no_trace() -> None:
    store = a_store()
    await talk(store, "a", 2)
    unsaved = await retrieved(store, "a")
    for event in a_turn(99):
        unsaved.update(event, DOMAIN)
    kept = await retrieved(store, "a")
    assert said(kept) == ["message 0", "message 1"]
    assert kept.get_slot("count") == 1.0


async def test_the_time_of_a_message_survives_so_that_sessions_can_end() -> None:
    store = a_store()
    await talk(store, "a", 1)
    tracker = await retrieved(store, "a")
    earlier = int(time.time()) - 1000.0
    set_time(tracker, earlier)
    await store.save(tracker)
    assert {event.timestamp for event in (await retrieved(store, "a")).events} == {earlier}


async def test_a_conversation_whose_session_has_run_out_is_not_there_any_more() -> None:
    store = a_store()
    await talk(store, "a", 1)
    tracker = await retrieved(store, "a")
    set_time(tracker, 1000.0)
    await store.save(tracker)
    assert await store.retrieve("a") is None
    assert list(await store.keys()) == []


async def test_idle_conversations_are_deleted_without_anybody_coming_back(database: Engine) -> None:
    store = a_store(on=ConversationRows(database))
    await talk(store, "idle", 1, [SlotSet("enquiry_contact", "dana@example.com"), ActiveLoop("details")])
    await talk(store, "fresh", 1)
    hour_ago = now() - timedelta(minutes=61)
    with transaction(database) as session:
        session.execute(
            update(Conversation).where(Conversation.mark == vault().mark("idle")).values(used_at=hour_ago),
            execution_options={"synchronize_session": False},
        )
    assert await store.forget_idle(time.time() - 120) == 0
    assert await store.forget_idle(time.time()) == 1
    assert await a_store(on=ConversationRows(database)).retrieve("idle") is None
    assert await store.retrieve("fresh") is not None


async def test_only_the_last_ones_are_in_memory_and_the_others_still_there() -> None:
    store = a_store(conversations_kept=2)
    await talk(store, "a", 1)
    await talk(store, "b", 1)
    await talk(store, "a", 1)
    await talk(store, "c", 1)
    assert list(await store.keys()) == ["a", "c"]
    assert said(await retrieved(store, "b")) == ["message 0"]


# --- in the database


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


async def test_a_conversation_goes_on_in_another_process(database: Engine) -> None:
    first, second = a_store(on=ConversationRows(database)), a_store(on=ConversationRows(database))
    await talk(first, "a", 3, [SlotSet("topic", "scars"), ActiveLoop("details")])
    states = [
        (await retrieved(store, "a")).current_state(EventVerbosity.ALL) for store in (first, second)
    ]
    assert states[0] == states[1]
    await talk(second, "a", 1)
    await talk(first, "a", 1)
    assert said(await retrieved(second, "a")) == ["message 0", "message 1", "message 2", "message 0", "message 0"]


async def test_of_two_writers_at_once_the_second_is_told_and_loses_nothing_of_the_first(database: Engine) -> None:
    first, second = a_store(on=ConversationRows(database)), a_store(on=ConversationRows(database))
    await talk(first, "a", 1)
    late = await retrieved(first, "a")
    await talk(second, "a", 1, [SlotSet("topic", "jaw")])
    for event in a_turn(99):
        late.update(event, DOMAIN)
    with pytest.raises(ConversationChanged):
        await first.save(late)
    kept = await retrieved(first, "a")
    assert kept.get_slot("topic") == "jaw"
    assert said(kept) == ["message 0", "message 0"]


async def test_two_who_begin_the_same_conversation_at_once(database: Engine) -> None:
    first, second = a_store(on=ConversationRows(database)), a_store(on=ConversationRows(database))
    late = await first.get_or_create_tracker("a")
    await talk(second, "a", 1)
    with pytest.raises(ConversationChanged):
        await first.save(late)
    assert said(await retrieved(first, "a")) == ["message 0"]


async def test_what_was_erased_while_it_was_answered_goes_on_afresh(database: Engine) -> None:
    rows = ConversationRows(database)
    store = a_store(on=rows)
    await talk(store, "a", 2)
    tracker = await retrieved(store, "a")
    rows.forget("a")
    for event in a_turn(3):
        tracker.update(event, DOMAIN)
    await store.save(tracker)
    assert said(await retrieved(a_store(on=rows), "a"))[-1] == "message 3"


async def test_a_turn_that_cannot_be_written_has_not_happened(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    store = a_store(on=ConversationRows(database))
    await talk(store, "a", 1)
    with monkeypatch.context() as broken:
        broken.setattr("bot.server.conversation_rows.transaction", no_database)
        with pytest.raises(OperationalError):
            await talk(store, "a", 1)
    assert said(await retrieved(store, "a")) == ["message 0"]


def no_database(on: Engine) -> Any:
    raise OperationalError("SELECT 1", {}, OSError("the database is away"))


async def test_nothing_that_was_said_can_be_read_in_the_database(database: Engine) -> None:
    store = a_store(on=ConversationRows(database))
    await talk(store, "a", 2, [SlotSet("enquiry_contact", "dana@example.com"), ActiveLoop("details")])
    with database.connect() as connection:
        rows = connection.execute(select(Conversation.__table__)).all()
    assert len(rows) == 1
    assert "message" not in str(rows)
    assert "dana" not in str(rows)


async def test_a_conversation_can_be_forgotten_and_an_unknown_one_too() -> None:
    store = a_store()
    await talk(store, "a", 1)
    await store.forget("a")
    await store.forget("nobody")
    assert await store.retrieve("a") is None
    assert await store.retrieve("nobody") is None


async def test_conversations_do_not_mix() -> None:
    store = a_store()
    await talk(store, "a", 3)
    await talk(store, "b", 1)
    assert len(said(await retrieved(store, "a"))) == 3
    assert len(said(await retrieved(store, "b"))) == 1


async def test_a_real_conversation_of_forty_turns_still_knows_its_last_answer(assistant: Assistant) -> None:
    conversation = assistant.conversation()
    for _ in range(20):
        await conversation.say("hello")
        await conversation.say("thanks")
    await conversation.say("Is it good for scars?")
    tracker = await conversation.tracker()
    assert len(said(tracker)) <= TURNS_BEFORE_SNAPSHOT + 1
    assert tracker.get_slot("last_answer") == "utter_scars"
    more = await conversation.say("tell me more")
    assert more.names == ["utter_scars_more"]
    await assistant.forget(conversation.id)
