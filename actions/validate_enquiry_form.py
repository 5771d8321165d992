"""Reads a visitor's message for the enquiry form: details, corrections, choices, consent."""

from __future__ import annotations

import secrets
from typing import Any, Dict, List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import FORM, answer_questions, offered_of, requested_field, said_of, set_field, values_of
from actions.offers import settled
from actions.turn import Event, intent_of, interrupts, text_of, was_answered
from bot.handoff.asking import STOPS
from bot.handoff.choices import TEAM
from bot.handoff.enquiry_form import TRIES_BEFORE_A_PERSON, WITHOUT, Heard, hear, missing
from bot.handoff.form_questions import ABOUT_THE_FORM

LEAVING = frozenset({"cancel", "goodbye", "erase_data", "enquiry_status"})
REFUSED = "consent_refused"


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
        if was_answered(tracker, FORM) or interrupts(tracker):
            return []
        heard = hear(said_of(tracker, field), field, values, offered_of(values))
        if heard.elsewhere or _leaves(tracker, heard, field):
            return []
        return _taken(dispatcher, tracker, heard, field, values)


def _begin(dispatcher: CollectingDispatcher, tracker: Tracker, values: Dict[str, Any]) -> List[Event]:
    """The message that starts the form may hold details already; what this kind does not need is filled in."""
    heard = hear(said_of(tracker, None), None, values)
    if heard.health and values["key"] is None:
        dispatcher.utter_message(response="utter_no_health_details")
    unneeded = missing(values["kind"] or "cosmetic", values)
    fresh = {"key": values["key"] or secrets.token_hex(16), "tries": 0, "consent": None}
    time = {name: value for name, value in heard.values.items() if name == "best_time"}  # every summary shows it
    filled = {**settled(None, values, {**heard.values, **unneeded, **time}), **fresh}
    return [set_field(name, value) for name, value in filled.items()]


def _leaves(tracker: Tracker, heard: Heard, field: str) -> bool:
    """Does the visitor leave the form? "Tomorrow" and "I don't mind, whoever" are answers; "go back" is no wish to stop."""
    intent = intent_of(tracker)
    may_answer = intent in ("goodbye", "cancel") and heard.values.get(field) not in (None, TEAM)
    is_answer = may_answer and not STOPS.search(text_of(tracker))
    return intent in LEAVING and not is_answer and heard.problem not in ABOUT_THE_FORM


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
        buttons = [{"title": "No, forget it", "payload": "/cancel"}] if heard.problem == REFUSED else []
        dispatcher.utter_message(response=_words_for(heard.problem), buttons=buttons)
    filled = {**settled(field, values, heard.values), "tries": tries}
    return [set_field(name, value) for name, value in filled.items()]


def _words_for(problem: str) -> str:
    kind, _, field = problem.partition("_")
    return f"utter_{kind}_enquiry_{field}" if kind in ("wrong", "why") else f"utter_enquiry_{problem}"
