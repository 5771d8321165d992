"""What the actions of the enquiry form share: its slots, and the visitor's message as the form reads it."""

from __future__ import annotations

from typing import Any, Collection, Dict, FrozenSet, List, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Event, facets_of, in_form, intent_of, is_urgent, left_open, questions_of, text_of
from bot.handoff.choices import Offer
from bot.handoff.clear_yes import is_yes_alone, is_yes_with_thanks, tells_to_send
from bot.handoff.concerns import ASKED_ABOUT
from bot.handoff.concerns_in_text import VAGUE
from bot.handoff.details import read_details
from bot.handoff.enquiry_form import FIELDS, Said
from bot.knowledge.questions import BY_INTENT, answer_name
from bot.privacy.redaction import names_in

FORM = "enquiry_form"
PREFIX = "enquiry_"
LEAST_SHARE = 0.5
"""Of the classifier's belief, from which on the meaning of an answer counts where its words are unknown: "rinkles"."""
NOT_ASKING = frozenset({"enquire_cosmetic", "privacy_data"})
"""Intents with an answer that, inside the form, ask nothing new."""
WITH_IT = ("kind", "contact_kind", "language", "question", "offered", "consent_text", "key", "tries")
"""What the form remembers besides its fields."""


def values_of(tracker: Tracker) -> Dict[str, Any]:
    """Returns the form's slots by the names of their fields."""
    return {field: tracker.get_slot(PREFIX + field) for field in (*FIELDS, *WITH_IT)}


def set_field(field: str, value: Any) -> Event:
    """Returns the event that fills a field, or empties it (None)."""
    return SlotSet(PREFIX + field, value)


def leaves_contact(tracker: Tracker) -> bool:
    """Does a message outside the form hold a phone number or an address, so that an enquiry seems to be wanted?"""
    if in_form(tracker) or is_urgent(tracker):
        return False
    details = read_details(text_of(tracker))
    return bool(details.phone or details.email)


def offer_enquiry(concern: Optional[str]) -> List[Event]:
    """Returns the events that remember that an enquiry to a provider was offered, which is done once in a conversation.

    Args:
        concern: that it would be about; VAGUE or None: it is asked for.
    """
    named = None if concern == VAGUE else concern
    offered = SlotSet("enquiry_was_offered", True)
    return [left_open("enquiry"), offered, set_field("kind", "cosmetic"), set_field("concern", named)]


def forget_all() -> List[Event]:
    """Returns the events that empty every slot of the form."""
    return [set_field(field, None) for field in (*FIELDS, *WITH_IT)]


def requested_field(tracker: Tracker) -> Optional[str]:
    """Returns the field that the form has just asked for."""
    requested = tracker.get_slot("requested_slot")
    return str(requested).removeprefix(PREFIX) if requested else None


def offered_of(values: Dict[str, Any]) -> List[Offer]:
    """Returns the providers that were offered, in order."""
    return [Offer(**entry) for entry in values["offered"] or []]


def was_shown(tracker: Tracker, start: str, but: Collection[str] = ("consent", "consent_text", "tries", "key")) -> bool:
    """Has the form said something of which nothing has changed since?

    Args:
        tracker: of the conversation.
        start: of the response's name.
        but: fields that it does not depend on.
    """
    for event in reversed(tracker.events):
        if event["event"] == "bot" and _name_of(event).startswith(start):
            return True
        slot = str(event["name"]) if event["event"] == "slot" else ""
        if slot.startswith(PREFIX) and slot.removeprefix(PREFIX) not in but:
            return False
    return False


def said_now(tracker: Tracker) -> List[str]:
    """Returns the names of what has been said since the visitor's message, the newest first."""
    names: List[str] = []
    for event in reversed(tracker.events):
        if event["event"] == "user":
            break
        if event["event"] == "bot":
            names.append(_name_of(event))
    return names


def _name_of(event: Dict[str, Any]) -> str:
    return str((event.get("metadata") or {}).get("utter_action") or "")


def said_of(tracker: Tracker, field: Optional[str]) -> Said:
    """Returns the visitor's message; names are looked for where one may be expected."""
    text = text_of(tracker)
    asked = frozenset(intent for intent in questions_of(tracker) if intent in BY_INTENT and intent not in NOT_ASKING)
    choices = [entity["value"] for entity in tracker.latest_message.get("entities") or [] if entity["entity"] == "choice"]
    people = names_in(text) if field in (None, "first_name") else []
    clicked = bool(tracker.latest_message.get("clicked"))
    intent = intent_of(tracker)
    if field == "consent" and not clicked and _says_yes(text, intent):
        intent, asked = "affirm", frozenset()
    return Said(text, intent, asked, choices[0] if choices else None, people, clicked, _concern_meant(tracker))


def _says_yes(text: str, intent: str) -> bool:
    """ "You can send it" is a yes to "shall I send it?", though to nothing else."""
    return is_yes_alone(text) or tells_to_send(text) or (intent == "thanks" and is_yes_with_thanks(text))


def _concern_meant(tracker: Tracker) -> Optional[str]:
    ranking = tracker.latest_message.get("intent_ranking") or []
    if not ranking or ranking[0]["confidence"] < LEAST_SHARE:
        return None
    return ASKED_ABOUT.get(ranking[0]["name"])


def answer_questions(dispatcher: CollectingDispatcher, tracker: Tracker, but: FrozenSet[str] = frozenset()) -> None:
    """Answers what a message asks besides telling something for the form.

    Args:
        dispatcher: collects the answers.
        tracker: of the conversation.
        but: intents that are not answered.
    """
    for intent, facet in zip(questions_of(tracker), facets_of(tracker)):
        if intent in BY_INTENT and intent not in but:
            dispatcher.utter_message(response=answer_name(intent, facet), offer="")
