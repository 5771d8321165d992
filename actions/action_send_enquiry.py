"""Sends the enquiry when the form is complete, and forgets the visitor's details."""

from __future__ import annotations

from typing import Any, Dict, List

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import SQLAlchemyError

from actions.action_ask_enquiry_consent import receiver_of
from actions.form import FORM, forget_all, set_field, values_of
from actions.turn import Event, end_turn, left_open
from bot.errors import AssistantError
from bot.handoff.choices import ANY, TEAM
from bot.handoff.enquiries import NewEnquiry, NotOffered, Submitted, TooMany, submit_enquiry
from bot.handoff.enquiry_form import CONSENT_VERSION
from bot.handoff.languages import ENGLISH
from bot.handoff.name_words import without_family_name

log = structlog.get_logger(__name__)


class ActionSendEnquiry(Action):
    """Writes enquiry, consent and outbox in one transaction."""

    def name(self) -> str:
        """Returns the name that the rule uses."""
        return "action_send_enquiry"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Sends after a clear yes only; says honestly what became of it."""
        values = values_of(tracker)
        if values["consent"] not in ("yes", "next"):
            dispatcher.utter_message(response="utter_enquiry_cancelled")
            return _over(tracker)
        try:
            sent = submit_enquiry(_new(tracker.sender_id, values))
        except TooMany:
            dispatcher.utter_message(response="utter_enquiry_too_many")
            return _over(tracker)
        except NotOffered:
            dispatcher.utter_message(response="utter_enquiry_gone")
            again = [set_field(name, None) for name in ("provider", "offered", "consent", "consent_text")]
            return [*again, left_open(None), FollowupAction(FORM)]
        except (SQLAlchemyError, AssistantError) as error:
            log.error("enquiry.not_kept", error=type(error).__name__)
            dispatcher.utter_message(
                response="utter_enquiry_not_kept", buttons=[{"title": "Try again", "payload": "/affirm"}]
            )
            return end_turn(tracker, left_open("enquiry"), set_field("consent", None))
        _confirm(dispatcher, sent, values)
        return [SlotSet("lookup_code", sent.code), *_over(tracker)]


def _over(tracker: Tracker) -> List[Event]:
    return end_turn(tracker, *forget_all(), left_open(None))


def _new(conversation: str, values: Dict[str, Any]) -> NewEnquiry:
    picked = values["provider"]
    return NewEnquiry(
        idempotency_key=values["key"],
        kind=values["kind"],
        conversation=conversation,
        first_name=without_family_name(values["first_name"]),
        contact=values["contact"],
        contact_kind=values["contact_kind"],
        concern=values["concern"],
        town=values["town"],
        language=values["language"] or ENGLISH,
        best_time=values["best_time"],
        question=values["question"] or "",
        provider_id=None if picked in (ANY, TEAM) else int(picked),
        may_pass_on=picked == ANY or (picked != TEAM and values["consent"] == "next"),
        consent_text=values["consent_text"],
        consent_version=CONSENT_VERSION,
    )


def _confirm(dispatcher: CollectingDispatcher, sent: Submitted, values: Dict[str, Any]) -> None:
    is_call_back = values["kind"] == "call_back"
    if sent.repeated:
        again = "utter_enquiry_repeated_call_back" if is_call_back else "utter_enquiry_repeated"
        dispatcher.utter_message(response=again, code=sent.code)
    elif sent.state == "waiting" and not values["offered"]:
        dispatcher.utter_message(response="utter_enquiry_waiting", code=sent.code)
    elif is_call_back:
        dispatcher.utter_message(response="utter_enquiry_sent_call_back", code=sent.code)
    elif values["provider"] == TEAM:
        dispatcher.utter_message(response="utter_enquiry_sent_team", code=sent.code)
    else:
        dispatcher.utter_message(response="utter_enquiry_sent", code=sent.code, receiver=receiver_of(values))
