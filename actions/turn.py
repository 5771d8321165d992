"""What every action of the assistant does first and how it reads the visitor's message."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.handoff.asking import begins_with_yes, wants_another_try
from bot.knowledge.questions import BY_INTENT, PASS_ON_LABEL

AMBER = "amber"
GREETS_ITSELF = "widget"
"""The channel that says who is speaking as soon as it is opened."""
EMERGENCIES = frozenset({"urgent_symptom", "urgent_crisis"})
UNSURE_AFTER_AN_EMERGENCY = frozenset({"affirm", "deny", "thanks", "skip"})
ACCEPTED = {"offer": "action_pass_on", "enquiry": "action_start_enquiry"}
"""What follows when an offer is accepted; a bare "yes" is a story."""
NO_OFFER = {"offer": ""}
"""Leaves out the offer at the end of an answer."""
Event = Dict[str, Any]
Button = Dict[str, str]


def intent_of(tracker: Tracker) -> str:
    """Returns the intent of the visitor's message."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "nlu_fallback")


def text_of(tracker: Tracker) -> str:
    """Returns what the visitor wrote."""
    return str(tracker.latest_message.get("text") or "")


def facets_of(tracker: Tracker) -> List[Optional[str]]:
    """Returns the facet that each of `questions_of` means, or None."""
    facets: List[Optional[str]] = tracker.latest_message.get("facets") or []
    return [*facets, *[None] * (len(questions_of(tracker)) - len(facets))]


def questions_of(tracker: Tracker) -> List[str]:
    """Returns the intents that the message asks about, in order, at least one."""
    questions: List[str] = tracker.latest_message.get("questions") or []
    return questions or [intent_of(tracker)]


def introduce(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Says who is speaking, before the first answer of a conversation; the widget's greeting has said it already."""
    if tracker.get_latest_input_channel() == GREETS_ITSELF:
        return
    for event in reversed(tracker.events):
        if event["event"] == "bot":
            return
        if event["event"] == "session_started":
            break
    dispatcher.utter_message(response="utter_notice")


def warn_if_unclear(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Says the amber line when the message might be urgent but is not clear.

    Returns:
        Whether it was said.
    """
    if tracker.latest_message.get("urgency") != AMBER:
        return False
    distress = bool(tracker.latest_message.get("distress"))
    dispatcher.utter_message(response="utter_out_of_scope_distress" if distress else "utter_amber_symptom")
    return True


def emergency_before(tracker: Tracker) -> Optional[str]:
    """Returns urgent_symptom or urgent_crisis when that was the visitor's message before this one."""
    said = [event.get("parse_data") or {} for event in tracker.events if event["event"] == "user"]
    intent = (said[-2].get("intent") or {}).get("name") if len(said) > 1 else None
    return intent if intent in EMERGENCIES else None


def is_urgent(tracker: Tracker) -> bool:
    """Is the visitor's message an emergency, or perhaps one? Then safety comes before anything else that it could mean."""
    return tracker.latest_message.get("urgency") not in (None, "none")


def accepted(tracker: Tracker) -> Optional[str]:
    """Returns the action for an offer of the turn before that more than a bare yes accepts: "yes, I'd rather ask them"."""
    opened = str(tracker.get_slot("last_turn"))
    action = ACCEPTED.get(opened)
    if action is None or in_form(tracker) or is_urgent(tracker):
        return None
    text = text_of(tracker)
    is_wanted = begins_with_yes(text) or (opened == "enquiry" and wants_another_try(text))
    return action if is_wanted else None


def was_answered(tracker: Tracker, form: str) -> bool:
    """Has another action dealt with the message, after which the form only asks on?"""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action" and event["name"] != form:
            return True
    return False


def interrupts(tracker: Tracker) -> bool:
    """Does safety come before a form: now, or because "okay" after an emergency is no answer to a form?"""
    if is_urgent(tracker):
        return True
    return emergency_before(tracker) is not None and intent_of(tracker) in UNSURE_AFTER_AN_EMERGENCY


def follow_up_buttons(intent: str, offered: bool = False) -> List[Button]:
    """Returns what people ask next, after the button that accepts an offer where one is open."""
    buttons: List[Button] = []
    if offered:
        buttons.append({"title": PASS_ON_LABEL, "payload": "/affirm"})
    question = BY_INTENT.get(intent)
    for follow_up in (question.follow_ups if question else ())[: 3 - len(buttons)]:
        buttons.append({"title": BY_INTENT[follow_up].label, "payload": f"/{follow_up}"})
    return buttons


def in_form(tracker: Tracker) -> bool:
    """Is a form under way?"""
    return bool((tracker.active_loop or {}).get("name"))


def without_offer(tracker: Tracker) -> Dict[str, str]:
    """Returns what leaves out the offer at the end of an answer while the form is under way: "yes" is for the form then."""
    return NO_OFFER if in_form(tracker) else {}


def end_turn(tracker: Tracker, *events: Event) -> List[Event]:
    """Returns the events of an action that is the last of its turn; a form that was interrupted asks on.

    Without it the policies would be asked for the next action in a state that no rule or story knows, because a slot has
    just changed, and would fall back to `action_not_understood` again and again.
    """
    if not in_form(tracker):
        return listen(*events)
    if tracker.latest_message.get("urgency") == AMBER or intent_of(tracker) == "goodbye":
        return pause(tracker, *events)
    return [*events, left_open(None), FollowupAction(tracker.active_loop["name"])]


def pause(tracker: Tracker, *events: Event) -> List[Event]:
    """Returns the events of an action after which nothing is asked; a form keeps what it has and reads the next message."""
    if not in_form(tracker):
        return listen(*events)
    again = ActiveLoop(tracker.active_loop["name"])  # or Rasa would not give the next message to the form
    return listen(*events, left_open(None), again)


def listen(*events: Event) -> List[Event]:
    """Returns the events of an action after which it is the visitor's turn."""
    return [*events, FollowupAction("action_listen")]


def left_open(value: Optional[str]) -> Event:
    """Returns the event that remembers what this turn leaves open: answer, offer, choice or nothing."""
    return SlotSet("last_turn", value)
