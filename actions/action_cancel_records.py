"""Stops the records form and forgets what it was told."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.records import forget_records
from actions.turn import Event, left_open, listen


class ActionCancelRecords(Action):
    """Leaves the form with everything as it was."""

    def name(self) -> str:
        """Returns the name that the rule uses."""
        return "action_cancel_records"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Says that nothing was changed."""
        dispatcher.utter_message(response="utter_records_cancelled")
        return listen(*forget_records(), left_open(None), ActiveLoop(None), SlotSet("requested_slot", None))
