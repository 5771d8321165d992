"""Tells a visitor how an enquiry stands, and what is held of them."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk.executor import CollectingDispatcher

from bot.handoff.enquiries import Status
from bot.handoff.form_fields import NOT_GIVEN
from bot.handoff.spoken import spoken_contact
from bot.handoff.states import OPEN

WITH_SOMEBODY = ("queued", "delivered", "acknowledged")
DAY = 10
"""Characters of a date at the start of a time."""


def tell_status(dispatcher: CollectingDispatcher, code: str, found: Status) -> None:
    """Says the state; who has it only where the enquiry was made."""
    offered = [{"title": "Withdraw it", "payload": "/enquiry_status.withdraw"}] if found.state in OPEN else []
    named = found.provider is not None and found.state in WITH_SOMEBODY
    dispatcher.utter_message(response=f"utter_status_{found.state}", code=code, buttons=[] if named else offered)
    if named:
        dispatcher.utter_message(response="utter_records_receiver", receiver=found.provider, buttons=offered)


def tell_shown(dispatcher: CollectingDispatcher, held: List[Dict[str, Any]]) -> List[str]:
    """Says what is held in enquiries.

    Args:
        dispatcher: collects what is said.
        held: as `bot.privacy.holdings.told` gives it.

    Returns:
        The first names that were said, for those who have to forget them.
    """
    for entry in held:
        dispatcher.utter_message(response=f"utter_records_shown_{entry['kind']}", **_shown(entry))
        agreed = [consent["holds_until"] for consent in entry["consents"] if consent["withdrawn_at"] is None]
        if agreed:
            dispatcher.utter_message(response="utter_records_shown_consent", until=max(agreed)[:DAY])
    dispatcher.utter_message(response="utter_records_shown_all")
    return [entry["first_name"] for entry in held if entry["first_name"] not in (None, NOT_GIVEN)]


def _shown(entry: Dict[str, Any]) -> Dict[str, Any]:
    sent_to = {message["to"] for message in entry["messages"] if message["kind"] == "enquiry" and message["state"] == "sent"}
    return {
        "code": entry["code"],
        "made_on": entry["created_at"][:DAY],
        "first_name": "@no_name" if entry["first_name"] in (None, NOT_GIVEN) else entry["first_name"],
        "contact_kind": f"@contact_{entry['contact_kind']}",
        "visitor_contact": spoken_contact(entry["contact"]),
        "concern": f"@service_{entry['concern']}",
        "town": entry["town"] or "@any_town",
        "best_time": entry["best_time"] or "@any_time",
        "question": entry["question"],
        "state": f"@state_{entry['state']}",
        "sent_to": sorted(sent_to) or "@sent_to_nobody",
    }
