"""Says more about the last answer."""

from __future__ import annotations

from typing import List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.turn import Event, end_turn, follow_up_buttons, in_form, introduce, left_open, warn_if_unclear, without_offer
from bot.knowledge.questions import more_name, question_behind


class ActionMore(Action):
    """Utters utter_<intent>_more for the answer that stands, or says that there is no more, or that nothing stands."""

    def name(self) -> str:
        """Returns the name that rules and stories use."""
        return "action_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Goes further, once; a second time there is nothing left to say."""
        introduce(dispatcher, tracker)
        warn_if_unclear(dispatcher, tracker)
        last: Optional[str] = tracker.get_slot("last_answer") if tracker.get_slot("last_turn") or in_form(tracker) else None
        more = more_name(last) if last else None
        if last is None or more is None or _was_said(tracker, more):
            dispatcher.utter_message(response="utter_no_more" if last else "utter_nothing_before")
            return end_turn(tracker, left_open("answer" if last else None))
        question = question_behind(last)
        buttons = follow_up_buttons(question.intent)[-2:] if question and not in_form(tracker) else []
        dispatcher.utter_message(response=more, buttons=buttons, **without_offer(tracker))
        return end_turn(tracker, left_open("answer"))


def _was_said(tracker: Tracker, response: str) -> bool:
    return any(
        event["event"] == "bot" and (event.get("metadata") or {}).get("utter_action") == response
        for event in tracker.events
    )
