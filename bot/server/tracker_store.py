"""Keeps conversations in the database, each at a bounded length, so that turn 120 costs what turn 5 costs.

Rasa replays all events of a conversation on every turn. Here a conversation is stored as a snapshot (session start, slots,
active form) and its last turns. What tells who the visitor is goes when the form that asked for it is over, and everything
when the session has run out. A turn is written in one transaction or not at all: then it has not happened, and whoever asks
for the conversation gets an error rather than an empty one.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from datetime import datetime
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, TypeVar

import structlog
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import now
from bot.privacy.encryption import KeyProblem
from bot.server.conversation_rows import NEW, ConversationChanged, ConversationRows, Writing, new_version
from bot.server.conversation_tracker import ConversationTracker
from bot.server.forgetting import Kept, forgetting
from bot.server.turn_watch import stage
from bot.threads import Threads

log = structlog.get_logger(__name__)

TURNS_KEPT = 3
TURNS_BEFORE_SNAPSHOT = 5
SECONDS_IN_A_MINUTE = 60
MOST_AT_ONCE = 4
"""Transactions that wait for the database at the same time."""
Result = TypeVar("Result")


class _Held(NamedTuple):
    """A conversation in memory."""

    version: int = NEW
    """That it was read or written at."""
    kept: Kept = Kept([])
    denied: FrozenSet[int] = frozenset()
    """Versions that follow, of turns that were reported as not kept: it is as if they had not been written, if they were."""


class BoundedTrackerStore(TrackerStore):
    """Conversations in the database; those used last also in memory, as long as nobody else has written them."""

    def __init__(
        self,
        rows: ConversationRows,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        conversations_kept: int = 10_000,
        **kwargs: Dict[str, Any],
    ) -> None:
        """Takes the rows, Rasa's arguments, and how many conversations are kept in memory besides."""
        super().__init__(domain, event_broker, **kwargs)
        self._rows = rows
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._limit = conversations_kept
        self._threads = Threads(MOST_AT_ONCE, "conversations")

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """Returns an empty conversation."""
        return ConversationTracker(sender_id, self.domain.slots, self.max_event_history)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores a conversation, shortened when it has grown, and without the visitor's details when they have served.

        Raises:
            ConversationChanged: somebody else has written it since it was read.
            SQLAlchemyError: the database failed. In both cases nothing of the turn is kept; should it turn out to be written
                all the same, this store does not see it.
        """
        held, version = self._held.get(tracker.sender_id, _Held()), new_version()
        try:
            kept = await self._in_thread(lambda: self._written(tracker, held, version))
        except (ConversationChanged, SQLAlchemyError, asyncio.CancelledError):  # cancelled: it took too long
            self._hold(tracker.sender_id, held._replace(denied=held.denied | {version}))
            raise
        self._hold(tracker.sender_id, _Held(version, kept))
        await self.stream_events(tracker)

    def _written(self, tracker: DialogueStateTracker, held: _Held, version: int) -> Kept:
        try:
            kept = forgetting(tracker, held.kept)
        except Exception as error:  # noqa: BLE001 - a conversation that cannot be redacted is not kept at all
            log.error("conversation.not_redacted", error=type(error).__name__)
            kept = Kept([])
        kept = kept._replace(events=shortened(tracker, kept.events))
        self._rows.write(tracker.sender_id, _as_content(kept), Writing(held.version, version, held.denied), now())
        return kept

    def _hold(self, sender_id: str, held: _Held) -> None:
        self._held[sender_id] = held
        self._held.move_to_end(sender_id)
        while len(self._held) > self._limit:
            self._held.popitem(last=False)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Returns a conversation, or None when it is unknown or its session has run out.

        Raises:
            SQLAlchemyError: the database failed.
        """
        held = await self._in_thread(lambda: self._read(sender_id))
        if self._has_run_out(held.kept, time.time()):
            await self.forget(sender_id)
            return None
        self._hold(sender_id, held)
        events = list(held.kept.events)
        if not events:
            return None
        tracker = self.init_tracker(sender_id)
        tracker.update_with_events(events, self.domain, override_timestamp=False)  # or no session would run out
        return tracker

    def _read(self, sender_id: str) -> _Held:
        held = self._held.get(sender_id)
        if held is not None and held.version == self._rows.version(sender_id):
            return held
        denied = frozenset() if held is None else held.denied
        try:
            stored = self._rows.read(sender_id)
        except KeyProblem as error:
            log.error("conversation.not_opened", error=type(error).__name__)
            self._rows.forget(sender_id)
            stored = None
        if stored is None:
            return _Held(denied=denied)
        if held is not None and stored.version in denied:
            return held._replace(version=stored.version)
        return _Held(stored.version, _from_content(stored.content), denied)

    async def keys(self) -> Iterable[str]:
        """Returns the ids of the conversations in memory; in the database they cannot be read."""
        return list(self._held)

    async def forget(self, sender_id: str) -> None:
        """Deletes a conversation.

        Raises:
            SQLAlchemyError: the database failed.
        """
        held = self._held.pop(sender_id, _Held())
        if held.denied:
            self._hold(sender_id, _Held(denied=held.denied))
        await self._in_thread(lambda: self._rows.forget(sender_id))

    async def forget_idle(self, at: float) -> int:
        """Deletes the conversations whose session has run out, finished or not, and returns how many there were.

        Args:
            at: the time, in seconds since 1970.

        Raises:
            SQLAlchemyError: the database failed.
        """
        idle = []
        for sender_id, held in self._held.items():  # the least recently used first
            if held.kept.events and not self._has_run_out(held.kept, at):
                break
            idle.append(sender_id)
        for sender_id in idle:
            del self._held[sender_id]
        if not self.domain.session_config.are_sessions_enabled():
            return 0
        before = datetime.utcfromtimestamp(at - self._session_seconds())
        return await self._in_thread(lambda: self._rows.forget_before(before))

    async def _in_thread(self, do: Callable[[], Result]) -> Result:
        """The database, and finding the names in a form's turns, take milliseconds: other visitors do not wait for them."""
        with stage("store"):
            return await self._threads.run(do)

    def _session_seconds(self) -> float:
        return float(self.domain.session_config.session_expiration_time * SECONDS_IN_A_MINUTE)

    def _has_run_out(self, kept: Kept, at: float) -> bool:
        enabled = self.domain.session_config.are_sessions_enabled()
        return enabled and bool(kept.events) and at - kept.events[-1].timestamp > self._session_seconds()


def _as_content(kept: Kept) -> Dict[str, Any]:
    return {**kept._asdict(), "events": [event.as_dict() for event in kept.events]}


def _from_content(content: Dict[str, Any]) -> Kept:
    return Kept(**{**content, "events": deserialise_events(content["events"])})


def shortened(tracker: DialogueStateTracker, events: List[Event]) -> List[Event]:
    """Returns the events of a conversation; of a long one, a snapshot of what stands and the last turns.

    Args:
        tracker: of the conversation.
        events: that may be kept of it.
    """
    turns = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) <= TURNS_BEFORE_SNAPSHOT:
        return events
    cut = turns[-TURNS_KEPT]
    return [*_snapshot(tracker, events[:cut]), *events[cut:]]


def _snapshot(tracker: DialogueStateTracker, past: List[Event]) -> List[Event]:
    before = DialogueStateTracker.from_events(tracker.sender_id, past, list(tracker.slots.values()))
    started = past[0].timestamp
    snapshot: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME, timestamp=started), SessionStarted(timestamp=started)]
    snapshot += [
        SlotSet(name, slot.value, timestamp=started)
        for name, slot in before.slots.items()
        if slot.value != slot.initial_value
    ]
    if before.active_loop_name:
        snapshot.append(ActiveLoop(before.active_loop_name, timestamp=started))
    return [*snapshot, ActionExecuted(ACTION_LISTEN_NAME, timestamp=started)]
