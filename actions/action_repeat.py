"""Says the last answer again, in fewer words."""

from __future__ import annotations

from typing import List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.turn import Event, accepted, end_turn, follow_up_buttons, introduce, left_open, warn_if_unclear
from bot.knowledge.questions import OFFERING, question_behind


class ActionRepeat(Action):
    """Utters the short form of the answer that stands."""

    def name(self) -> str:
        """Returns the name that the stories use."""
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Repeats the answer more simply; an offer in it is made again."""
        followed = accepted(tracker)
        if followed:  # "try again"
            return [FollowupAction(followed)]
        introduce(dispatcher, tracker)
        warn_if_unclear(dispatcher, tracker)
        last: Optional[str] = tracker.get_slot("last_answer")
        if last is None:
            dispatcher.utter_message(response="utter_nothing_before")
            return end_turn(tracker, left_open(None))
        question = question_behind(last)
        offered = question is not None and question.intent in OFFERING
        buttons = follow_up_buttons(question.intent, offered) if question else []
        dispatcher.utter_message(response=last, buttons=buttons, form="short")
        return end_turn(tracker, left_open("offer" if offered else "answer"))
