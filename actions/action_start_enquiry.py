"""Starts the enquiry form: for a provider, for a question to the team, or for a call back."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import FORM, answer_questions, set_field
from actions.turn import (
    Event,
    accepted,
    end_turn,
    in_form,
    intent_of,
    introduce,
    left_open,
    questions_of,
    text_of,
    warn_if_unclear,
)
from bot.handoff.concerns_in_text import is_cosmetic

KINDS = {"enquire_cosmetic": "cosmetic", "human_handoff": "call_back"}


class ActionStartEnquiry(Action):
    """Says what will happen; the form then asks."""

    def name(self) -> str:
        """Returns the name that rules and stories use."""
        return "action_start_enquiry"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Takes the kind from the wish, or from the offer that was accepted."""
        introduce(dispatcher, tracker)
        warn_if_unclear(dispatcher, tracker)
        followed = accepted(tracker)
        if followed not in (None, self.name()) and intent_of(tracker) == "human_handoff":
            return [FollowupAction(followed)]  # "fine, go ahead; I'd like to hear from somebody trained"
        if in_form(tracker):
            for_later = intent_of(tracker) == "enquire_cosmetic"  # the enquiry form takes that for an answer
            dispatcher.utter_message(response="utter_records_first" if for_later else "utter_enquiry_person")
            return end_turn(tracker)
        if not followed:
            answer_questions(dispatcher, tracker, but=frozenset(KINDS))
        kind = _kind(tracker, followed is not None)
        start = {"cosmetic": "utter_enquiry_start", "question": "utter_question_start", "call_back": "utter_call_back_start"}
        dispatcher.utter_message(response=start[kind])
        return [set_field("kind", kind), left_open(None), FollowupAction(FORM)]


def _kind(tracker: Tracker, accepts: bool) -> str:
    """Returns what kind of enquiry is wanted; who wants a call about wrinkles wants a provider, and not the front desk."""
    said = [intent_of(tracker), *questions_of(tracker)]
    wished = [KINDS[intent] for intent in said if intent in KINDS and not (accepts and intent == "human_handoff")]
    kind = wished[0] if wished else tracker.get_slot("enquiry_kind") or "cosmetic"
    return "cosmetic" if kind == "call_back" and is_cosmetic(text_of(tracker)) else kind
