"""Shows what would be sent, to whom and why, and asks for a clear yes."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import offered_of, set_field, values_of
from actions.turn import Button, Event
from bot.handoff.choices import ANY, TEAM
from bot.handoff.enquiry_form import NOT_GIVEN
from bot.handoff.spoken import spoken_contact
from bot.knowledge.files import responses
from bot.settings import settings


class ActionAskEnquiryConsent(Action):
    """Asks whether to send it."""

    def name(self) -> str:
        """Returns the name that Rasa derives from the slot."""
        return "action_ask_enquiry_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Says the summary and the consent, whose words are kept with the enquiry."""
        values = values_of(tracker)
        short = values["kind"] != "cosmetic"
        dispatcher.utter_message(response=f"utter_enquiry_summary{'_short' if short else ''}", **_summary(values))
        name = f"utter_enquiry_consent_{ {ANY: ANY, TEAM: TEAM}.get(values['provider'], 'provider') }"
        shown = {"receiver": receiver_of(values), "days": settings().consent_days}
        dispatcher.utter_message(response=name, buttons=_buttons(values), **shown)
        template = str(responses()[name][0]["text"])
        for key, value in shown.items():
            template = template.replace(f"{{{key}}}", str(value))
        return [set_field("consent_text", template)]


def receiver_of(values: Dict[str, Any]) -> str:
    """Returns the names of who gets the enquiry: the provider picked, or all that were offered."""
    offered = offered_of(values)
    if values["provider"] == ANY:
        return " or ".join(name for _, name in offered)
    return next((name for provider_id, name in offered if str(provider_id) == values["provider"]), "")


def _summary(values: Dict[str, Any]) -> Dict[str, Any]:
    name = values["first_name"]
    return {
        "first_name": "@no_name" if name == NOT_GIVEN else name,
        "contact_kind": f"@contact_{values['contact_kind']}",
        "visitor_contact": spoken_contact(values["contact"]),
        "concern": f"@service_{values['concern']}",
        "town": values["town"] or "@any_town",
        "best_time": values["best_time"] or "@any_time",
    }


def _buttons(values: Dict[str, Any]) -> List[Button]:
    buttons = [{"title": "Yes, send it", "payload": "/affirm.send"}]
    if values["provider"] not in (ANY, TEAM):
        buttons.append({"title": "Yes, or the next one", "payload": "/affirm.next"})
    return [*buttons, {"title": "No", "payload": "/deny"}]
