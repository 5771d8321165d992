"""Starts the records form: how an enquiry stands, withdrawing it, or what is held of the visitor."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import FORM as ENQUIRY_FORM
from actions.form import answer_questions, said_of
from actions.records import FORM, forget_records
from actions.turn import Event, end_turn, in_form, introduce, left_open, warn_if_unclear
from bot.handoff.records_form import ERASE, OWN_INTENTS, wish_of


class ActionStartRecords(Action):
    """Says what will be needed; the form then asks."""

    def name(self) -> str:
        """Returns the name that the rule uses."""
        return "action_start_records"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """While an enquiry is being told nothing of it is stored, which is all there is to say."""
        introduce(dispatcher, tracker)
        warn_if_unclear(dispatcher, tracker)
        said = said_of(tracker, "contact")
        wish = wish_of(said, knows_which=bool(tracker.get_slot("lookup_code")))
        if in_form(tracker):
            _say_what_is_unsent(dispatcher, tracker, wish)
            return end_turn(tracker)
        answer_questions(dispatcher, tracker, but=OWN_INTENTS)
        if wish == ERASE:
            dispatcher.utter_message(response="utter_records_start_erase")
        again = forget_records(but_code=True)
        return [*again, SlotSet("lookup_wish", wish), left_open(None), FollowupAction(FORM)]


def _say_what_is_unsent(dispatcher: CollectingDispatcher, tracker: Tracker, wish: str) -> None:
    if tracker.active_loop.get("name") == ENQUIRY_FORM:
        response = "utter_records_unsent_erase" if wish == ERASE else "utter_records_unsent"
        dispatcher.utter_message(response=response, buttons=[{"title": "Stop and forget it", "payload": "/cancel"}])
