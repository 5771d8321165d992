"""Which fields of the enquiry form the details in a message fill."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Tuple

from bot.handoff.details import Details
from bot.handoff.phones import mend

NEEDED: Dict[str, Tuple[str, ...]] = {
    "cosmetic": ("concern", "town", "first_name", "contact", "best_time", "provider", "consent"),
    "question": ("first_name", "contact", "consent"),
    "call_back": ("first_name", "contact", "best_time", "consent"),
}
"""Fields in the order in which they are asked for, by kind of enquiry."""
NOT_GIVEN = "not given"
WITHOUT: Dict[str, str] = {"concern": "general", "town": "", "first_name": NOT_GIVEN, "best_time": ""}
"""What a field holds when the visitor leaves it out; those that are missing here cannot be left out."""

_ALL_THE_SAME = re.compile(
    r"\W*(?:(?:i|i'?m|im|it|its|it's|really|just|um|uh|oh|well|ok|any|whatever|whichever|wherever|whenever|anything|anywhere"
    r"|anytime|all|either|no|preference|doesn'?t|dont|don'?t|do not|matter|care|mind|know|flexible|easy|up to you|up to them"
    r"|not (?:fussed|bothered|sure|important)|idc|idk|dunno|n/a|na|works?|is|are|fine|good|ok|okay|for|with|me|one|time|town"
    r"|day|place|to|can|say|you|them)\b\W*)+",
    re.IGNORECASE,
)
_NAMELESS = re.compile(
    r"\W*(?:(?:i(?:'d| would) (?:like|prefer) to (?:stay|remain|be) )?anon\w*|no name|nameless)\W*(?:please)?\W*",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:any\w*|whatever|whichever|wherever|whenever|all|either|preference|matter|care|mind|know|flexible"
    r"|up to (?:you|them)|easy|not (?:fussed|bothered|sure|important)|idc|idk|dunno|n/a|na)\b",
    re.IGNORECASE,
)


def told_in(
    details: Details, field: Optional[str], values: Mapping[str, Any], asks: bool, starts_with_question: bool
) -> Dict[str, Optional[str]]:
    """Returns the fields that a message tells.

    Args:
        details: of the message.
        field: that was just asked for; None at the start.
        values: of the fields so far, and contact_kind.
        asks: it asks something that has an answer, so that only what cannot be part of the question counts.
        starts_with_question: it is worded as a question, answered or not.
    """
    contact = _contact(details, values)
    told: Dict[str, Optional[str]] = {"contact": contact} if contact else {}
    kind = _contact_kind(details, contact or values.get("contact"), values)
    if kind and (contact or details.contact_kind):
        told["contact_kind"] = kind
    if details.first_name and (field in (None, "first_name") or contact or not starts_with_question):
        told["first_name"] = details.first_name
    if details.language:
        told["language"] = details.language
    if asks and not contact and field is not None:
        return told
    others = {"concern": details.concern, "town": details.town, "best_time": details.best_time}
    return {**told, **{name: value for name, value in others.items() if value and _is_expected(name, field, values)}}


def all_the_same(field: str, text: str) -> Optional[str]:
    """Returns what a field holds when the visitor has no preference ("any", "doesn't matter"); None otherwise."""
    if field == "first_name":
        return NOT_GIVEN if _NAMELESS.fullmatch(text) else None
    if field not in ("concern", "town", "best_time") or not _OPEN.search(text):
        return None
    return WITHOUT[field] if _ALL_THE_SAME.fullmatch(text) else None


def _contact(details: Details, values: Mapping[str, Any]) -> Optional[str]:
    found = details.email if details.contact_kind == "email" and details.email else details.phone or details.email
    if found is None and details.phone_part and "@" not in (values.get("contact") or "@"):
        return mend(values["contact"], details.phone_part)
    return found


def _is_expected(name: str, field: Optional[str], values: Mapping[str, Any]) -> bool:
    """A concern or a time that was mentioned in passing does not change one that was told before, unless it is put right."""
    return name == field or values.get(name) in (None, WITHOUT.get(name)) or field in ("consent", "provider")


def _contact_kind(details: Details, contact: Optional[str], values: Mapping[str, Any]) -> Optional[str]:
    if contact is None:
        return details.contact_kind
    if "@" in contact:
        return "email"
    wanted = details.contact_kind or values.get("contact_kind")
    return wanted if wanted in ("phone", "text") else "phone"
