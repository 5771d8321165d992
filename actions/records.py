"""What the actions of the records form share: its slots, its end, and when a message is about something sent before."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.turn import Event, in_form, intent_of, is_urgent, text_of
from bot.handoff.codes import find_code
from bot.handoff.records_form import FIELDS, RECORDS_PERSONAL, wants_to_withdraw
from bot.knowledge.questions import BY_INTENT

FORM = "records_form"
SLOTS = (*FIELDS, *(name for name in RECORDS_PERSONAL if name not in FIELDS), "lookup_wish", "lookup_proof", "lookup_tries")
Values = Dict[str, Any]


def records_of(tracker: Tracker) -> Values:
    """Returns the form's slots."""
    return {name: tracker.get_slot(name) for name in SLOTS}


def slots_set(values: Mapping[str, Any]) -> List[Event]:
    """Returns the events that set slots of the form."""
    return [SlotSet(name, value) for name, value in values.items()]


def forget_records(but_code: bool = False) -> List[Event]:
    """Returns the events that empty the form's slots.

    Args:
        but_code: keep the code that is spoken of, so that "withdraw it" is clear.
    """
    return [SlotSet(name, None) for name in SLOTS if not (but_code and name == "lookup_code")]


def is_about_records(tracker: Tracker) -> bool:
    """Is a message outside any form about an enquiry that was sent: does it hold a code, or ask to withdraw it?"""
    if in_form(tracker) or is_urgent(tracker):
        return False
    text = text_of(tracker)
    if find_code(text):
        return True
    intent = intent_of(tracker)  # "cancel my appointment request" has an answer of its own
    return intent not in BY_INTENT and wants_to_withdraw(text, bool(tracker.get_slot("lookup_code")))
