"""Reads a visitor's message for the records form, does what can be done, and says what to ask next."""

from __future__ import annotations

from typing import List, Optional

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import SQLAlchemyError

from actions.form import answer_questions, said_of
from actions.records import FORM, Values, records_of, slots_set
from actions.records_steps import RecordsSteps
from actions.turn import Event, intent_of, interrupts, was_answered
from bot.errors import AssistantError
from bot.handoff.enquiry_form import TRIES_BEFORE_A_PERSON
from bot.handoff.limits import TooMany
from bot.handoff.records_form import OWN_INTENTS, Meant, meant

LEAVING = frozenset({"cancel", "goodbye"})
PROOFS = ("lookup_code", "records_contact")
log = structlog.get_logger(__name__)


class ValidateRecordsForm(Action):
    """Fills slots and names the next; or fills none: then the form lets go of the message and the rules answer it."""

    def name(self) -> str:
        """Returns the name that Rasa looks for beside the form."""
        return "validate_records_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Reads the message once, although Rasa calls this again when it comes back from a question in between."""
        values = records_of(tracker)
        field: Optional[str] = tracker.get_slot("requested_slot")
        if field and was_answered(tracker, FORM):
            return [SlotSet("requested_slot", field)]
        if field and interrupts(tracker):
            return []
        read = meant(said_of(tracker, "contact"), field, values["lookup_wish"])
        if read.elsewhere or (field and intent_of(tracker) in LEAVING and not read.values):
            return []
        if read.also_asks and field:
            answer_questions(dispatcher, tracker, but=OWN_INTENTS)
        return _stepped(dispatcher, tracker.sender_id, values, read, field)


def _stepped(
    dispatcher: CollectingDispatcher, conversation: str, values: Values, read: Meant, field: Optional[str]
) -> List[Event]:
    values["lookup_tries"] = int(values["lookup_tries"] or 0)
    if read.gives_up or read.problem:
        ask = _asked_again(dispatcher, values, read, str(field))
    else:
        if {"lookup_code", "records_contact", "lookup_wish"} & set(read.values):
            values["lookup_proof"] = None
        values.update(read.values)
        ask = _go_on(dispatcher, conversation, values)
        if field and ask != field:
            values["lookup_tries"] = 0
    return [*slots_set(values), SlotSet("requested_slot", ask)]


def _asked_again(dispatcher: CollectingDispatcher, values: Values, read: Meant, field: str) -> Optional[str]:
    """Says what is wrong or why it is asked for; ends what has no way on."""
    values["lookup_tries"] = values["lookup_tries"] + 1 if read.counts else 0
    if not read.gives_up and values["lookup_tries"] < TRIES_BEFORE_A_PERSON:
        dispatcher.utter_message(response=f"utter_records_{read.problem}_{field}")
        return field
    if not read.gives_up:
        dispatcher.utter_message(response="utter_records_person")
    elif field in PROOFS:
        dispatcher.utter_message(response=f"utter_records_without_{field}")
    else:
        dispatcher.utter_message(response="utter_records_cancelled")
    _drop_unknown_code(values)
    return None


def _drop_unknown_code(values: Values) -> None:
    """A code that nobody has looked up yet is not kept when the form ends."""
    if values["lookup_proof"] is None:
        values["lookup_code"] = None


def _go_on(dispatcher: CollectingDispatcher, conversation: str, values: Values) -> Optional[str]:
    steps = RecordsSteps(dispatcher, conversation, values)
    try:
        return steps.go_on()
    except TooMany:
        dispatcher.utter_message(response="utter_records_too_many")
    except (SQLAlchemyError, AssistantError, OSError) as error:
        log.error("records.failed", error=type(error).__name__)
        dispatcher.utter_message(response="utter_records_failed")
    _drop_unknown_code(values)
    return None
