"""Stops the enquiry form and forgets what it was told."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import forget_all
from actions.turn import Event, left_open, listen


class ActionCancelEnquiry(Action):
    """Leaves the form without sending anything."""

    def name(self) -> str:
        """Returns the name that the rule uses."""
        return "action_cancel_enquiry"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Says that nothing was sent."""
        dispatcher.utter_message(response="utter_enquiry_cancelled")
        return listen(*forget_all(), left_open(None), ActiveLoop(None), SlotSet("requested_slot", None))
