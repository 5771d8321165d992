"""Forgets what the records form was told, when it is over."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import forget_all
from actions.records import forget_records
from actions.turn import Event, end_turn, left_open


class ActionCloseRecords(Action):
    """Says nothing: that was done on the way. A code that was found stays, so that "withdraw it" is clear."""

    def name(self) -> str:
        """Returns the name that the rule uses."""
        return "action_close_records"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Empties the slots of this form, and what an enquiry may have left."""
        return end_turn(tracker, *forget_records(but_code=True), *forget_all(), left_open(None))
