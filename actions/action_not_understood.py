"""Asks again when a message was not understood: first with suggestions, then by offering to pass it on, then a person."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import leaves_contact, offer_enquiry
from actions.records import is_about_records
from actions.turn import (
    Button,
    Event,
    accepted,
    end_turn,
    in_form,
    intent_of,
    introduce,
    left_open,
    text_of,
    warn_if_unclear,
)
from bot.handoff.concerns_in_text import concern_of_looks
from bot.handoff.open_questions import note_question
from bot.knowledge.questions import BY_INTENT, PASS_ON_LABEL

MOST_SUGGESTIONS = 3
ACCEPTS: Button = {"title": PASS_ON_LABEL, "payload": "/affirm"}
LEAST_SHARE = 0.04
"""A suggestion below this share of the classifier's belief is a guess, not a likely meaning."""


class ActionNotUnderstood(Action):
    """Never silent, never the same way twice in a row; the question is noted for staff."""

    def name(self) -> str:
        """Returns the name that rules, stories and the policy's fallback use."""
        return "action_not_understood"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Counts the misses in a row and answers accordingly."""
        introduce(dispatcher, tracker)
        if warn_if_unclear(dispatcher, tracker):
            return end_turn(tracker, left_open(None))
        if is_about_records(tracker):
            return [FollowupAction("action_start_records")]
        followed = accepted(tracker)
        if followed or leaves_contact(tracker):
            return [FollowupAction(followed or "action_start_enquiry")]
        misses = int(tracker.get_slot("misses") or 0) + 1
        if intent_of(tracker) == "nlu_fallback":
            note_question(text_of(tracker), "not_understood")
        looks = concern_of_looks(text_of(tracker))
        if misses == 1 and looks and not in_form(tracker) and not tracker.get_slot("enquiry_was_offered"):
            buttons = [ACCEPTS, *_suggestions(tracker)][:MOST_SUGGESTIONS]
            dispatcher.utter_message(response="utter_offer_enquiry_unsure", buttons=buttons)
            return end_turn(tracker, SlotSet("misses", 1.0), *offer_enquiry(looks))
        return end_turn(tracker, SlotSet("misses", float(misses)), left_open(_ask_again(dispatcher, tracker, misses)))


def _ask_again(dispatcher: CollectingDispatcher, tracker: Tracker, misses: int) -> str | None:
    suggestions = _suggestions(tracker)
    if misses == 1 and suggestions:
        dispatcher.utter_message(response="utter_did_you_mean", buttons=suggestions)
        return "choice"
    if misses == 1:
        dispatcher.utter_message(response="utter_not_understood")
        return None
    if misses % 2 == 0:
        dispatcher.utter_message(response="utter_not_understood_again", buttons=[ACCEPTS])
        return "offer"
    dispatcher.utter_message(response="utter_not_understood_person")
    return None


def _suggestions(tracker: Tracker) -> List[Button]:
    """Returns the likeliest questions as buttons in human words; none when the message was steering ("none of these")."""
    if intent_of(tracker) != "nlu_fallback":
        return []
    likely = [
        entry["name"]
        for entry in tracker.latest_message.get("intent_ranking", [])
        if entry["confidence"] >= LEAST_SHARE
    ]
    known = [intent for intent in likely if intent in BY_INTENT][:MOST_SUGGESTIONS]
    return [{"title": BY_INTENT[intent].label, "payload": f"/{intent}"} for intent in known]
