"""A tracker that goes through its past once.

To predict an action Rasa's policies look at all states that a conversation has been in; for each look Rasa replays it from
the start, five times a turn. Here the moments of the past are kept, and only what has happened since is replayed.
"""

from __future__ import annotations

import copy
from typing import Any, Generator, List, Optional, Tuple

from rasa.shared.core.events import ActionExecuted, AllSlotsReset, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

Moment = Tuple[DialogueStateTracker, bool]
"""What stood before an action, and whether that action is hidden from the policies that learn."""


class ConversationTracker(DialogueStateTracker):
    """Behaves as Rasa's own; see the base class."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Takes what the base class takes."""
        super().__init__(*args, **kwargs)
        self._replayed: List[Event] = []
        self._replay: Optional[DialogueStateTracker] = None
        self._moments: List[Moment] = []
        self._shown: Optional[List[Moment]] = None

    def with_last_states(self, states: int) -> ConversationTracker:
        """Returns this tracker as it stands, for one look at no more than its last states."""
        view = copy.copy(self)
        view._shown = self._look_back()[-states:]
        return view

    def generate_all_prior_trackers(self) -> Generator[Moment, None, None]:
        """Yields what stood before each action, and what stands now (see the base class); none of it may be changed."""
        yield from self._look_back() if self._shown is None else self._shown

    def _look_back(self) -> List[Moment]:
        """Replays what has been added to the applied events; all of them when it is not only added."""
        applied, done, replay = self.applied_events(), len(self._replayed), self._replay
        added = done <= len(applied) and all(old is event for old, event in zip(self._replayed, applied))
        if replay is None or not added:
            replay, done, self._moments = self.init_copy(), 0, []
        for event in applied[done:]:
            if isinstance(event, ActionExecuted):
                self._moments.append((_as_it_stands(replay), event.hide_rule_turn))
            _keep_old_slots(replay, event)
            replay.update(event)
        self._replay, self._replayed = replay, applied
        return [*self._moments, (_as_it_stands(replay), False)]


def _as_it_stands(replay: DialogueStateTracker) -> DialogueStateTracker:
    """Returns a tracker without the slots that no policy sees: most of a state's cost is to look at each slot."""
    moment = copy.copy(replay)
    moment.slots = {name: slot for name, slot in replay.slots.items() if slot.influence_conversation}
    return moment


def _keep_old_slots(replay: DialogueStateTracker, event: Event) -> None:
    """Puts copies in the place of the slots that an event changes, which earlier moments hold too."""
    changed = list(replay.slots) if isinstance(event, AllSlotsReset) else []
    if isinstance(event, SlotSet) and event.key in replay.slots:
        changed = [event.key]
    for name in changed:
        replay.slots[name] = copy.copy(replay.slots[name])
