"""Looks up who can be offered for an enquiry."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from bot.clock import now
from bot.handoff.choices import ANY, TEAM
from bot.handoff.enquiry_form import NEEDED, WITHOUT
from bot.handoff.languages import ENGLISH
from bot.handoff.matching import Match, Wish, matches
from bot.settings import settings
from bot.storage.database import engine, transaction

BEFORE_PROVIDER = NEEDED["cosmetic"][: NEEDED["cosmetic"].index("provider")]


def found_for(values: Mapping[str, Any], language: str = "") -> List[Match]:
    """Returns who is offered for the enquiry as it stands, the best first.

    Args:
        values: of the form's fields.
        language: to look for instead of the one that was asked for.
    """
    spoken = language or values["language"] or ENGLISH
    wish = Wish(values["concern"] or "general", values["town"] or "", spoken, values["contact_kind"] or "")
    with transaction(engine()) as session:
        return matches(session, wish, now().date(), settings().environment)


def as_slot(found: List[Match]) -> List[Dict[str, Any]]:
    """Returns how the form remembers whom it offered."""
    return [
        {
            "id": match.provider_id,
            "name": match.name,
            "profession": match.profession,
            "practice": match.practice,
            "town": match.town,
        }
        for match in found
    ]


def _unasked(asked: Optional[str], after: Mapping[str, Any]) -> Dict[str, Any]:
    """The question for a number asks for a time as well, and an email can wait: nobody is asked once more."""
    needless = after["contact"] is not None and (asked == "contact" or after["contact_kind"] == "email")
    return {"best_time": WITHOUT["best_time"]} if needless and after["best_time"] is None else {}


def settled(asked: Optional[str], before: Mapping[str, Any], heard: Mapping[str, Any]) -> Dict[str, Any]:
    """Returns what a message sets, with what follows from it for the choice of a provider.

    Nobody is asked twice when to reach them; whoever was picked stays picked when only the town or the way to
    reach the visitor has changed and suits them too; and where just one person is qualified, nobody is asked to pick.

    Args:
        asked: the field that was just asked for; None at the start.
        before: the form's fields before the message.
        heard: what the message sets.
    """
    heard = {**heard, **_unasked(asked, {**before, **heard})}
    after = {**before, **heard}
    if after["kind"] != "cosmetic" or after["provider"] is not None or any(after[name] is None for name in BEFORE_PROVIDER):
        return dict(heard)
    found = found_for(after)
    picked = before["provider"]
    suits = picked in (ANY, TEAM, *(str(match.provider_id) for match in found))
    if suits and "contact_kind" in heard and not {"concern", "town", "language"} & set(heard):
        return {**heard, "provider": picked}
    same = {entry["id"] for entry in before["offered"] or []} == {match.provider_id for match in found}
    may_stay = picked != TEAM and (same or picked != ANY)  # "whoever" stands for those who were shown
    if suits and may_stay and "town" in heard and not {"concern", "language"} & set(heard):
        return {**heard, "provider": picked, "offered": as_slot(found)}
    if len(found) == 1:
        return {**heard, "provider": str(found[0].provider_id), "offered": as_slot(found)}
    return dict(heard)
