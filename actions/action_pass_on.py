"""Notes a question for the clinic's team when the visitor accepts the offer."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import set_field
from actions.turn import Event, end_turn, introduce, left_open, warn_if_unclear
from bot.handoff.open_questions import note_question
from bot.privacy.redaction import redact

NO_QUESTION = frozenset({"affirm", "deny", "thanks", "greet", "more_detail", "repeat_clarify", "skip", "cancel"})
"""Intents of messages that may stand between the question and the "yes": "say that again", "none of these"."""


class ActionPassOn(Action):
    """Notes the question before the "yes", without anything personal in it."""

    def name(self) -> str:
        """Returns the name that the stories use."""
        return "action_pass_on"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Says honestly whether the question was noted."""
        introduce(dispatcher, tracker)
        warn_if_unclear(dispatcher, tracker)
        question = _question_before(tracker)
        noted = note_question(question, "passed_on")
        if not noted:
            dispatcher.utter_message(response="utter_pass_on_failed")
            return end_turn(tracker, left_open(None), SlotSet("misses", 0.0))
        dispatcher.utter_message(response="utter_passed_on")
        dispatcher.utter_message(response="utter_offer_answer", buttons=[{"title": "Yes, please", "payload": "/affirm"}])
        wanted = [set_field("kind", "question"), set_field("question", redact(question))]
        return end_turn(tracker, left_open("enquiry"), SlotSet("misses", 0.0), *wanted)


def _question_before(tracker: Tracker) -> str:
    """Returns the visitor's last message before the "yes" that asked something."""
    said = [event for event in tracker.events if event["event"] == "user"]
    for event in reversed(said[:-1]):
        intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
        if intent not in NO_QUESTION:
            return str(event.get("text") or "")
    return ""
