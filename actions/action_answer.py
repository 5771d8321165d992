"""Answers one or several questions of a message, each once and in order."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import leaves_contact, offer_enquiry
from actions.records import is_about_records
from actions.turn import (
    NO_OFFER,
    Event,
    accepted,
    emergency_before,
    end_turn,
    facets_of,
    follow_up_buttons,
    in_form,
    introduce,
    is_urgent,
    left_open,
    pause,
    questions_of,
    text_of,
    warn_if_unclear,
    without_offer,
)
from bot.handoff.concerns import ASKED_ABOUT
from bot.handoff.concerns_in_text import concern_of_looks, names_needles
from bot.knowledge.questions import BY_INTENT, OFFERING, WITHOUT_MORE, answer_name, more_name, question_behind

SAID_BY_AMBER = frozenset({"utter_out_of_scope_distress", "utter_out_of_scope", "utter_medical_advice"})
AFTER_AN_EMERGENCY = frozenset({"affirm", "deny", "thanks", "goodbye", "medical_advice"})
"""What is answered with the emergency's numbers once more, when it comes right after one."""
TIMES_BEFORE_A_PERSON = 3
COSMETIC = frozenset(
    ["cosmetic_use", "wrinkles", "scars", "jaw_tmj", "collagen_circulation", "vs_microneedling", "vs_botox"]
)
"""Questions after which an enquiry is offered; its concern is asked for where the question does not tell."""
ABOUT_WHO = frozenset({"provider_qualifications", "clinic_offer"})
ABOUT_OTHERS = frozenset({"vs_other", "other_treatment", "booking_hours_location", "medical_advice"})
"""Questions that a provider of needling need not be able to answer, whatever part of the face they name."""


class ActionAnswer(Action):
    """Utters utter_<intent> (or its facet's) for every question, with what people ask next under the last."""

    def name(self) -> str:
        """Returns the name that the rules use."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Answers; remembers the last answer for "tell me more"."""
        introduce(dispatcher, tracker)
        warned = warn_if_unclear(dispatcher, tracker)
        if is_about_records(tracker):
            return [FollowupAction("action_start_records")]
        followed = accepted(tracker)
        if followed:
            return [FollowupAction(followed)]
        intents = questions_of(tracker)
        wants_a_call = intents[:2] == ["medical_advice", "human_handoff"] and not is_urgent(tracker) and not in_form(tracker)
        if wants_a_call or (intents[0] in ("inform", "correct_detail") and leaves_contact(tracker)):
            return [FollowupAction("action_start_enquiry")]
        emergency = emergency_before(tracker)
        if emergency and not warned and intents[-1] in AFTER_AN_EMERGENCY:
            # "Anything else?" is no answer to "ok, thanks" just after an emergency.
            dispatcher.utter_message(response=f"utter_{emergency}", form="short")
            return pause(tracker, left_open(None))
        answers = [answer_name(intent, facet) for intent, facet in zip(intents, facets_of(tracker))]
        given = [(i, a) for i, a in zip(intents, answers) if not (warned and a in SAID_BY_AMBER)]
        times = _times_given(tracker, answers[-1])
        passes_on = times == 1 and not OFFERING.isdisjoint(intents)
        enquiry = _enquiry_offered(tracker, intents, warned, passes_on)
        offered = passes_on and not enquiry
        for position, (intent, answer) in enumerate(given):
            is_last = position == len(given) - 1 and not enquiry
            said_before = times if answer == answers[-1] else 1
            buttons = follow_up_buttons(intent, offered) if is_last and not in_form(tracker) else []
            offer = NO_OFFER if enquiry else without_offer(tracker)
            dispatcher.utter_message(response=_not_again(answer, said_before), buttons=buttons, **offer)
        if enquiry:
            dispatcher.utter_message(response="utter_offer_enquiry", buttons=follow_up_buttons(intents[-1], True))
        remembered = _remember(tracker, intents[-1], answers[-1], times, offered)
        return end_turn(tracker, SlotSet("misses", 0.0), *remembered, *enquiry)


def _enquiry_offered(tracker: Tracker, intents: List[str], warned: bool, passes_on: bool) -> List[Event]:
    """Returns what remembers the offer of an enquiry, made once in a conversation.

    It is made after a cosmetic answer, and to somebody who asks about their looks who does it, or what the article leaves
    open: a provider can tell, and the team cannot.
    """
    cosmetic = [intent for intent in intents if intent in COSMETIC]
    text = text_of(tracker)
    looks = concern_of_looks(text)
    left = passes_on and (names_needles(text) or not ABOUT_OTHERS.issuperset(intents))
    wanted = bool(cosmetic and not passes_on) or (looks is not None and (left or not ABOUT_WHO.isdisjoint(intents)))
    does_something = not WITHOUT_MORE.isdisjoint(intents)  # who asks about erasing wants nothing passed on
    if not wanted or does_something or warned or in_form(tracker) or tracker.get_slot("enquiry_was_offered"):
        return []
    named = [ASKED_ABOUT[intent] for intent in cosmetic if intent in ASKED_ABOUT]
    return offer_enquiry(named[-1] if named else looks)


def _times_given(tracker: Tracker, answer: str) -> int:
    """Returns how many times in a row this answer has been given, this time included."""
    if tracker.get_slot("last_answer") != answer:
        return 1
    return int(tracker.get_slot("times_given") or 0) + 1


def _not_again(answer: str, times: int) -> str:
    """Returns what to say instead of the same sentences: first more about it, then an offer of a person."""
    if times == 1 or question_behind(answer) is None:
        return answer
    more = more_name(answer)
    return more if more and times < TIMES_BEFORE_A_PERSON else "utter_asked_again"


def _remember(tracker: Tracker, intent: str, answer: str, times: int, offered: bool) -> List[Event]:
    if intent in BY_INTENT:
        opened = "offer" if offered else "answer"
        return [left_open(opened), SlotSet("last_answer", answer), SlotSet("times_given", float(times))]
    stands = tracker.get_slot("last_turn") in ("answer", "offer", "enquiry") and intent not in ("deny", "cancel", "goodbye")
    return [left_open("answer" if stands else None)]
