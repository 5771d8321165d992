"""Shows what would be sent, to whom and why, and asks for a clear yes."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.action_ask_enquiry_provider import UNCHANGED, show
from actions.form import offered_of, said_now, set_field, values_of, was_shown
from actions.offers import found_for
from actions.turn import Button, Event
from bot.handoff.choices import ANY, TEAM
from bot.handoff.enquiry_form import NOT_GIVEN
from bot.handoff.name_words import without_family_name
from bot.handoff.spoken import spoken_contact
from bot.knowledge.files import texts
from bot.settings import settings

REFUSED = "utter_enquiry_consent_refused"


class ActionAskEnquiryConsent(Action):
    """Asks whether to send it."""

    def name(self) -> str:
        """Returns the name that Rasa derives from the slot."""
        return "action_ask_enquiry_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[Event]:
        """Says the summary and the consent, whose words are kept with the enquiry; what is in sight is not said again."""
        values = values_of(tracker)
        if REFUSED in said_now(tracker):
            return []
        if values["consent_text"] and was_shown(tracker, "utter_enquiry_summary"):
            team = "_team" if values["provider"] == TEAM else ""
            dispatcher.utter_message(
                response=f"utter_enquiry_shall_i{team}", receiver=receiver_of(values), buttons=_buttons(values)
            )
            return []
        _show_the_only_one(dispatcher, tracker, values)
        short = values["kind"] != "cosmetic"
        dispatcher.utter_message(response=f"utter_enquiry_summary{'_short' if short else ''}", **_summary(values))
        name = f"utter_enquiry_consent_{ {ANY: ANY, TEAM: TEAM}.get(values['provider'], 'provider') }"
        shown = {"receiver": receiver_of(values), "days": settings().consent_days}
        dispatcher.utter_message(response=name, buttons=_buttons(values), **shown)
        template = texts()[name]
        for key, value in shown.items():
            template = template.replace(f"{{{key}}}", str(value))
        return [set_field("consent_text", template)]


def _show_the_only_one(dispatcher: CollectingDispatcher, tracker: Tracker, values: Dict[str, Any]) -> None:
    """Where nobody was asked to pick, because just one person is qualified, the visitor sees here who it is."""
    offered = offered_of(values)
    is_picked = len(offered) == 1 and values["provider"] == str(offered[0].id)
    if not is_picked or was_shown(tracker, "utter_enquiry_provider", UNCHANGED):
        return
    dispatcher.utter_message(response="utter_enquiry_only")
    show(dispatcher, [match for match in found_for(values) if match.provider_id == offered[0].id])


def receiver_of(values: Dict[str, Any]) -> str:
    """Returns the names of who gets the enquiry: the provider picked, or all that were offered."""
    offered = offered_of(values)
    if values["provider"] == ANY:
        return " or ".join(offer.name for offer in offered)
    return next((offer.name for offer in offered if str(offer.id) == values["provider"]), "")


def _summary(values: Dict[str, Any]) -> Dict[str, Any]:
    name = without_family_name(values["first_name"])
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
