"""Shows up to three qualified providers, or says honestly that there is none."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import set_field, values_of
from actions.turn import Button, Event
from bot.clock import now
from bot.handoff.languages import ENGLISH
from bot.handoff.matching import Match, Wish, matches
from bot.settings import settings
from bot.storage.database import engine, transaction


class ActionAskEnquiryProvider(Action):
    """Asks whom the enquiry should go to."""

    def name(self) -> str:
        """Returns the name that Rasa derives from the slot."""
        return "action_ask_enquiry_provider"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Looks the providers up and remembers their order."""
        values = values_of(tracker)
        if values["tries"] and values["offered"]:
            shown = [str(entry["name"]) for entry in values["offered"]]
            dispatcher.utter_message(response="utter_enquiry_pick", buttons=_buttons(shown))
            return []
        found = _found(values)
        if not found:
            buttons = [
                {"title": "Yes, keep it", "payload": "/inform.team"},
                {"title": "No, forget it", "payload": "/cancel"},
            ]
            dispatcher.utter_message(response="utter_enquiry_nobody", buttons=buttons)
            return [set_field("offered", [])]
        dispatcher.utter_message(response="utter_enquiry_providers")
        for number, match in enumerate(found, 1):
            tie = "_tie" if match.financial_relationship else ""
            dispatcher.utter_message(response=f"utter_enquiry_provider{tie}", **_shown(number, match))
        dispatcher.utter_message(response="utter_enquiry_pick", buttons=_buttons([match.name for match in found]))
        return [set_field("offered", [{"id": match.provider_id, "name": match.name} for match in found])]


def _found(values: Dict[str, Any]) -> List[Match]:
    wish = Wish(
        values["concern"] or "general",
        values["town"] or "",
        values["language"] or ENGLISH,
        values["contact_kind"] or "",
    )
    with transaction(engine()) as session:
        return matches(session, wish, now().date(), settings().environment)


def _shown(number: int, match: Match) -> Dict[str, Any]:
    return {
        "number": number,
        "provider_name": match.name,
        "profession": match.profession,
        "practice": match.practice,
        "town": match.town,
        "services": [f"@service_{service}" for service in match.services],
        "verified_on": match.verified_on.isoformat(),
        "register_link": match.register_link,
        "tie": match.financial_relationship,
    }


def _buttons(names: List[str]) -> List[Button]:
    picks = [{"title": f"{number}. {name}", "payload": f"/inform.{number}"} for number, name in enumerate(names, 1)]
    return [
        *picks,
        {"title": "Whoever can answer", "payload": "/inform.any"},
        {"title": "None of them", "payload": "/inform.team"},
    ]
