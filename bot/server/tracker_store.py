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
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, TypeVar

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
from bot.correlation import in_context
from bot.privacy.encryption import KeyProblem
from bot.server.conversation_rows import NEW, ConversationChanged, ConversationRows
from bot.server.forgetting import Kept, forgetting
from bot.server.turn_watch import stage

log = structlog.get_logger(__name__)

TURNS_KEPT = 3
TURNS_BEFORE_SNAPSHOT = 5
SECONDS_IN_A_MINUTE = 60
MOST_AT_ONCE = 4
"""Transactions that wait for the database at the same time."""
Result = TypeVar("Result")


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
        self._kept: OrderedDict[str, Tuple[int, Kept]] = OrderedDict()
        self._limit = conversations_kept
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="conversations")

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores a conversation, shortened when it has grown, and without the visitor's details when they have served.

        Raises:
            ConversationChanged: somebody else has written it since it was read.
            SQLAlchemyError: the database failed. In both cases nothing of the turn is kept.
        """
        version, before = self._kept.get(tracker.sender_id, (NEW, Kept([])))
        version, kept = await self._in_thread(lambda: self._written(tracker, version, before))
        self._remember(tracker.sender_id, version, kept)
        await self.stream_events(tracker)

    def _written(self, tracker: DialogueStateTracker, version: int, before: Kept) -> Tuple[int, Kept]:
        try:
            kept = forgetting(tracker, before)
        except Exception as error:  # noqa: BLE001 - a conversation that cannot be redacted is not kept at all
            log.error("conversation.not_redacted", error=type(error).__name__)
            kept = Kept([])
        kept = kept._replace(events=shortened(tracker, kept.events))
        try:
            return self._rows.write(tracker.sender_id, _as_content(kept), version, now()), kept
        except (ConversationChanged, SQLAlchemyError):
            self._kept.pop(tracker.sender_id, None)  # what stands in the database counts
            raise

    def _remember(self, sender_id: str, version: int, kept: Kept) -> None:
        self._kept[sender_id] = (version, kept)
        self._kept.move_to_end(sender_id)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Returns a conversation, or None when it is unknown or its session has run out.

        Raises:
            SQLAlchemyError: the database failed.
        """
        version, kept = await self._in_thread(lambda: self._read(sender_id))
        if self._has_run_out(kept, time.time()):
            await self.forget(sender_id)
            return None
        self._remember(sender_id, version, kept)
        if not kept.events:
            return None
        tracker = self.init_tracker(sender_id)
        tracker.update_with_events(list(kept.events), self.domain, override_timestamp=False)  # or no session would run out
        return tracker

    def _read(self, sender_id: str) -> Tuple[int, Kept]:
        in_memory = self._kept.get(sender_id)
        if in_memory is not None and in_memory[0] == self._rows.version(sender_id):
            return in_memory
        try:
            stored = self._rows.read(sender_id)
        except KeyProblem as error:
            log.error("conversation.not_opened", error=type(error).__name__)
            self._rows.forget(sender_id)
            stored = None
        return (NEW, Kept([])) if stored is None else (stored.version, _from_content(stored.content))

    async def keys(self) -> Iterable[str]:
        """Returns the ids of the conversations in memory; in the database they cannot be read."""
        return list(self._kept)

    async def forget(self, sender_id: str) -> None:
        """Deletes a conversation.

        Raises:
            SQLAlchemyError: the database failed.
        """
        self._kept.pop(sender_id, None)
        await self._in_thread(lambda: self._rows.forget(sender_id))

    async def forget_idle(self, at: float) -> int:
        """Deletes the conversations whose session has run out, finished or not, and returns how many there were.

        Args:
            at: the time, in seconds since 1970.

        Raises:
            SQLAlchemyError: the database failed.
        """
        idle = []
        for sender_id, (_, kept) in self._kept.items():  # the least recently used first
            if kept.events and not self._has_run_out(kept, at):
                break
            idle.append(sender_id)
        for sender_id in idle:
            del self._kept[sender_id]
        if not self.domain.session_config.are_sessions_enabled():
            return 0
        before = datetime.utcfromtimestamp(at - self._session_seconds())
        return await self._in_thread(lambda: self._rows.forget_before(before))

    async def _in_thread(self, do: Callable[[], Result]) -> Result:
        """The database, and finding the names in a form's turns, take milliseconds: other visitors do not wait for them."""
        with stage("store"):
            return await asyncio.get_running_loop().run_in_executor(self._threads, in_context(do))

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
