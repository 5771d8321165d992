"""Keeps conversations in memory, each at a bounded length, so that turn 120 costs what turn 5 costs.

Rasa replays all events of a conversation on every turn. Here a conversation is stored as a snapshot (session start, slots,
active form) and its last turns. What tells who the visitor is goes when the form that asked for it is over, and everything
when the session has run out.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any, Dict, Iterable, List, Optional

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
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.server.forgetting import Kept, forgetting

log = structlog.get_logger(__name__)

TURNS_KEPT = 3
TURNS_BEFORE_SNAPSHOT = 5
SECONDS_IN_A_MINUTE = 60


class BoundedTrackerStore(TrackerStore):
    """Conversations in memory: the most recently used ones, each with a snapshot and its last turns."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        conversations_kept: int = 10_000,
        **kwargs: Dict[str, Any],
    ) -> None:
        """Takes Rasa's arguments and how many conversations are kept before the least recently used is forgotten."""
        super().__init__(domain, event_broker, **kwargs)
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._limit = conversations_kept

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores a conversation, shortened when it has grown, and without the visitor's details when they have served."""
        await self.stream_events(tracker)
        try:
            kept = await self._to_keep(tracker)
        except Exception as error:  # noqa: BLE001 - a conversation that cannot be redacted is not kept at all
            log.error("conversation.not_redacted", error=type(error).__name__)
            self._kept.pop(tracker.sender_id, None)
            return
        self._kept[tracker.sender_id] = kept._replace(events=shortened(tracker, kept.events))
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    async def _to_keep(self, tracker: DialogueStateTracker) -> Kept:
        before = self._kept.get(tracker.sender_id, Kept([]))
        if not (before.as_written or before.knew_details):
            return forgetting(tracker, before)
        # In a thread: to find the names in a form's turns takes some milliseconds each.
        return await asyncio.get_running_loop().run_in_executor(None, forgetting, tracker, before)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Returns a conversation, or None when it is unknown or its session has run out."""
        stored = self._kept.get(sender_id)
        if stored is None:
            return None
        if self._has_run_out(stored, time.time()):
            await self.forget(sender_id)
            return None
        tracker = self.init_tracker(sender_id)
        events = list(stored.events)
        tracker.update_with_events(events, self.domain, override_timestamp=False)  # or no session would ever run out
        return tracker

    async def keys(self) -> Iterable[str]:
        """Returns the conversation ids."""
        return list(self._kept)

    async def forget(self, sender_id: str) -> None:
        """Deletes a conversation."""
        self._kept.pop(sender_id, None)

    def forget_idle(self, at: float) -> int:
        """Deletes the conversations whose session has run out, finished or not, and returns how many there were.

        Args:
            at: the time, in seconds since 1970.
        """
        idle = []
        for sender_id, stored in self._kept.items():  # the least recently used first
            if not self._has_run_out(stored, at):
                break
            idle.append(sender_id)
        for sender_id in idle:
            del self._kept[sender_id]
        return len(idle)

    def _has_run_out(self, stored: Kept, at: float) -> bool:
        session = self.domain.session_config
        seconds = session.session_expiration_time * SECONDS_IN_A_MINUTE
        return session.are_sessions_enabled() and bool(stored.events) and at - stored.events[-1].timestamp > seconds


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
