"""Shows up to three qualified providers, or says honestly that there is none."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import offered_of, set_field, values_of, was_shown
from actions.offers import as_slot, found_for
from actions.turn import Button, Event
from bot.handoff.choices import Offer
from bot.handoff.languages import ENGLISH
from bot.handoff.matching import Match

LISTED = "utter_enquiry_providers"
UNCHANGED = (
    *("provider", "offered", "consent", "consent_text", "tries", "key"),
    *("first_name", "contact", "best_time", "question"),
)
"""Fields that do not decide who is offered."""


class ActionAskEnquiryProvider(Action):
    """Asks whom the enquiry should go to."""

    def name(self) -> str:
        """Returns the name that Rasa derives from the slot."""
        return "action_ask_enquiry_provider"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Looks the providers up and remembers their order; a list that is in sight already is not shown again."""
        values = values_of(tracker)
        offered = offered_of(values)
        if offered and was_shown(tracker, LISTED, UNCHANGED):
            dispatcher.utter_message(response="utter_enquiry_pick", buttons=_buttons(offered))
            return []
        found = found_for(values)
        if not found:
            _say_nobody(dispatcher, values, was_shown(tracker, "utter_enquiry_nobody", UNCHANGED))
            return [set_field("offered", [])]
        dispatcher.utter_message(response=LISTED)
        show(dispatcher, found)
        remembered = as_slot(found)
        dispatcher.utter_message(response="utter_enquiry_pick", buttons=_buttons([Offer(**entry) for entry in remembered]))
        return [set_field("offered", remembered)]


def show(dispatcher: CollectingDispatcher, found: Sequence[Match]) -> None:
    """Says who the providers are, what they were checked for and when, and any financial tie."""
    for number, match in enumerate(found, 1):
        tie = "_tie" if match.financial_relationship else ""
        dispatcher.utter_message(response=f"utter_enquiry_provider{tie}", **_shown(number, match))


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


def _say_nobody(dispatcher: CollectingDispatcher, values: Dict[str, Any], is_known: bool) -> None:
    buttons = [
        {"title": "Yes, keep it", "payload": "/inform.team"},
        {"title": "No, forget it", "payload": "/cancel"},
    ]
    if is_known:
        dispatcher.utter_message(response="utter_enquiry_keep", buttons=buttons)
        return
    in_english = values["language"] not in (None, ENGLISH) and found_for(values, ENGLISH)
    dispatcher.utter_message(response=f"utter_enquiry_nobody{'_but_english' if in_english else ''}", buttons=buttons)


def _buttons(offered: Sequence[Offer]) -> List[Button]:
    """Returns the buttons; each carries the id of a provider, so that one from an earlier list never means another."""
    picks = [{"title": f"{place}. {offer.name}", "payload": f"/inform.{offer.id}"} for place, offer in enumerate(offered, 1)]
    return [
        *picks,
        {"title": "Whoever can answer", "payload": "/inform.any"},
        {"title": "None of them", "payload": "/inform.team"},
    ]
