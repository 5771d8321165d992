"""Reads a visitor's message for the enquiry form: details, corrections, choices, consent."""

from __future__ import annotations

import secrets
from typing import Any, Dict, List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import FORM, answer_questions, offered_of, requested_field, said_of, set_field, values_of
from actions.turn import Event, emergency_before, intent_of
from bot.handoff.enquiry_form import TRIES_BEFORE_A_PERSON, WITHOUT, Heard, hear, missing

LEAVING = frozenset({"cancel", "goodbye", "erase_data", "enquiry_status"})
UNSURE_AFTER_AN_EMERGENCY = frozenset({"affirm", "deny", "thanks", "skip"})


class ValidateEnquiryForm(Action):
    """Fills slots, or fills none: then the form lets go of the message and the rules answer it."""

    def name(self) -> str:
        """Returns the name that Rasa looks for beside the form."""
        return "validate_enquiry_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Reads the message once, although Rasa calls this again when it comes back from a question in between."""
        values = values_of(tracker)
        field = requested_field(tracker)
        if field is None:
            return _begin(dispatcher, tracker, values)
        if _was_answered(tracker) or _is_not_for_the_form(tracker):
            return []
        heard = hear(said_of(tracker, field), field, values, offered_of(values))
        return [] if heard.elsewhere else _taken(dispatcher, tracker, heard, field, values)


def _begin(dispatcher: CollectingDispatcher, tracker: Tracker, values: Dict[str, Any]) -> List[Event]:
    """The message that starts the form may hold details already; what this kind does not need is filled in."""
    heard = hear(said_of(tracker, None), None, values)
    if heard.health and values["key"] is None:
        dispatcher.utter_message(response="utter_no_health_details")
    unneeded = missing(values["kind"] or "cosmetic", values)
    filled = {**heard.values, **unneeded, "key": values["key"] or secrets.token_hex(16), "tries": 0, "consent": None}
    return [set_field(name, value) for name, value in filled.items()]


def _was_answered(tracker: Tracker) -> bool:
    """Has another action dealt with the message, after which the form only asks on?"""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action" and event["name"] != FORM:
            return True
    return False


def _is_not_for_the_form(tracker: Tracker) -> bool:
    if tracker.latest_message.get("urgency") not in (None, "none"):
        return True
    if intent_of(tracker) in LEAVING:
        return True
    return emergency_before(tracker) is not None and intent_of(tracker) in UNSURE_AFTER_AN_EMERGENCY


def _taken(
    dispatcher: CollectingDispatcher, tracker: Tracker, heard: Heard, field: Optional[str], values: Dict[str, Any]
) -> List[Event]:
    if heard.health:
        dispatcher.utter_message(response="utter_no_health_details")
    if heard.corrected:
        dispatcher.utter_message(response="utter_enquiry_changed")
    if heard.also_asks:
        answer_questions(dispatcher, tracker)
    tries = int(values["tries"] or 0) + 1 if heard.counts else 0
    if tries >= TRIES_BEFORE_A_PERSON:
        dispatcher.utter_message(response=f"utter_enquiry_third_try{'' if field in WITHOUT else '_contact'}")
        tries = 0
    elif heard.problem:
        dispatcher.utter_message(response=_words_for(heard.problem))
    return [*(set_field(name, value) for name, value in heard.values.items()), set_field("tries", tries)]


def _words_for(problem: str) -> str:
    kind, _, field = problem.partition("_")
    return f"utter_{kind}_enquiry_{field}" if kind in ("wrong", "why") else f"utter_enquiry_{problem}"

