"""Takes out of a conversation who the visitor is, once nobody needs to know it any more.

While a form is under way its turns are kept as they are: it still has to read them. When it is over, sent or not, they are
redacted; and so is any later message that holds an address or a number.
"""

from __future__ import annotations

from typing import List, NamedTuple, Sequence, Tuple

from rasa.shared.core.events import Event, SlotSet, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

from bot.handoff.enquiry_form import NOT_GIVEN, PERSONAL_SLOTS
from bot.privacy.redaction import redact_patterns
from bot.privacy.turns import redact_turns

RECORDS = "records_"
"""Starts the names of the slots of the dialogue about what is held of a visitor."""


class Kept(NamedTuple):
    """What is kept of a conversation."""

    events: List[Event]
    as_written: bool = False
    """A form is under way, and its turns hold the visitor's details."""
    knew_details: bool = False
    """It held details before, so names are looked for in what is said afterwards too."""


def is_personal(slot: str) -> bool:
    """Does a slot tell who the visitor is?"""
    return slot in PERSONAL_SLOTS or slot.startswith(RECORDS)


def forgetting(tracker: DialogueStateTracker, before: Kept) -> Kept:
    """Returns what may be kept of a conversation.

    Args:
        tracker: as it is after the turn.
        before: what was kept until now; the tracker was made from it.
    """
    events = list(tracker.events)
    if tracker.active_loop_name or any(slot.value for name, slot in tracker.slots.items() if is_personal(name)):
        return Kept(events, as_written=True, knew_details=before.knew_details)
    old, new = events[: len(before.events)], events[len(before.events) :]
    if before.as_written or any(_tells(event) for event in new):
        return Kept(_redacted(events, tracker), knew_details=True)
    if before.knew_details or any(_looks_personal(event) for event in new):
        new = _redacted(new, tracker)
    return Kept([*old, *new], knew_details=before.knew_details)


def _redacted(events: Sequence[Event], tracker: DialogueStateTracker) -> List[Event]:
    slots: Tuple[str, ...] = tuple(filter(is_personal, tracker.slots))
    redacted = redact_turns([event.as_dict() for event in events], slots, public=[NOT_GIVEN])
    return deserialise_events(redacted)


def _tells(event: Event) -> bool:
    return isinstance(event, SlotSet) and is_personal(event.key) and bool(event.value)


def _looks_personal(event: Event) -> bool:
    return isinstance(event, UserUttered) and bool(event.text) and redact_patterns(event.text) != event.text
