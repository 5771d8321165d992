"""Actions that do what actions should not; tests register this module as if it were the assistant's own package."""

from __future__ import annotations

import threading
from typing import Any, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.correlation import current_id

LET_GO = threading.Event()
"""Set by a test when the actions that hang may end."""


class Fine(Action):
    def name(self) -> str:
        return "test_fine"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> List[Any]:
        dispatcher.utter_message(text="fine")
        return [{"event": "slot", "name": "x", "value": 1, "timestamp": None}]


class Coroutine(Action):
    def name(self) -> str:
        return "test_coroutine"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> List[Any]:
        dispatcher.utter_message(text="fine too")
        return []


class TellsItsId(Action):
    def name(self) -> str:
        return "test_tells_its_id"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> List[Any]:
        dispatcher.utter_message(text=current_id())
        return []


class Raises(Action):
    def name(self) -> str:
        return "test_raises"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> List[Any]:
        raise ValueError(f"cannot read {tracker.latest_message.get('text')!r}")


class Exits(Action):
    def name(self) -> str:
        return "test_exits"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> List[Any]:
        raise SystemExit(tracker.latest_message.get("text"))


class Hangs(Action):
    def name(self) -> str:
        return "test_hangs"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> List[Any]:
        LET_GO.wait()
        return []


class ReturnsNothing(Action):
    def name(self) -> str:
        return "test_nothing"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Any:
        dispatcher.utter_message(text="said all the same")
        return None


class ReturnsText(Action):
    def name(self) -> str:
        return "test_text"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Any:
        return ["not an event"]
