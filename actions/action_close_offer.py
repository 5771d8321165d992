"""Forgets what the turn before left open."""

from __future__ import annotations

from typing import List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import forget_all
from actions.turn import Event, in_form, left_open, pause, warn_if_unclear


class ActionCloseOffer(Action):
    """After an emergency, or when an offer was declined, a later "yes" must not be taken for consent."""

    def name(self) -> str:
        """Returns the name that rules and stories use."""
        return "action_close_offer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Says nothing, unless a refused offer comes with a sign that might be urgent."""
        warn_if_unclear(dispatcher, tracker)
        return pause(tracker, left_open(None), *([] if in_form(tracker) else forget_all()))
