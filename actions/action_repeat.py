"""Says the last answer again, in fewer words."""

from __future__ import annotations

from typing import List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.turn import Event, follow_up_buttons, introduce, warn_if_unclear
from bot.knowledge.questions import question_behind


class ActionRepeat(Action):
    """Utters the short form of the answer that stands."""

    def name(self) -> str:
        """Returns the name that the stories use."""
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Repeats the answer more simply; an offer stays open."""
        introduce(dispatcher, tracker)
        warn_if_unclear(dispatcher, tracker)
        last: Optional[str] = tracker.get_slot("last_answer")
        if last is None:
            dispatcher.utter_message(response="utter_nothing_before")
            return []
        question = question_behind(last)
        buttons = follow_up_buttons(question.intent) if question else []
        dispatcher.utter_message(response=last, buttons=buttons, form="short")
        return []
