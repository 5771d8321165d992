"""Keeps conversations in memory, each at a bounded length, so that turn 120 costs what turn 5 costs.

Rasa replays all events of a conversation on every turn. Here a conversation is stored as a snapshot (session start, slots,
active form) and its last turns.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Dict, Iterable, List, Optional

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

TURNS_KEPT = 3
TURNS_BEFORE_SNAPSHOT = 5


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
        self._kept: OrderedDict[str, List[Event]] = OrderedDict()
        self._limit = conversations_kept

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores a conversation, shortened when it has grown."""
        await self.stream_events(tracker)
        self._kept[tracker.sender_id] = shortened(tracker)
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Returns a conversation, or None when it is unknown."""
        stored = self._kept.get(sender_id)
        if stored is None:
            return None
        tracker = self.init_tracker(sender_id)
        events = list(stored)
        tracker.update_with_events(events, self.domain, override_timestamp=False)  # or no session would ever expire
        return tracker

    async def keys(self) -> Iterable[str]:
        """Returns the conversation ids."""
        return list(self._kept)

    async def forget(self, sender_id: str) -> None:
        """Deletes a conversation."""
        self._kept.pop(sender_id, None)


def shortened(tracker: DialogueStateTracker) -> List[Event]:
    """Returns the events of a conversation; of a long one, a snapshot of what stands and the last turns."""
    events = list(tracker.events)
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
