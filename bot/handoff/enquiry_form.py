"""What the enquiry form needs, and what one message of a visitor means for it. Knows nothing of Rasa and of wording."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from bot.handoff.asking import ASKS, WHY
from bot.handoff.choices import Offer
from bot.handoff.details import Details, read_details
from bot.handoff.form_answers import TELLING, agreed, another_instead, instead_of_nobody, not_picked, picked
from bot.handoff.form_fields import NOT_GIVEN, WITHOUT, all_the_same, told_in
from bot.handoff.heard import Heard, Said
from bot.handoff.spelled_digits import with_digits

__all__ = ["FIELDS", "NEEDED", "NOT_GIVEN", "WITHOUT", "Heard", "Said", "hear", "missing"]

CONSENT_VERSION = "2026-11"
"""Of the consent's wording in domain/enquiry.yml; a test holds both together."""
NEEDED: Dict[str, Tuple[str, ...]] = {
    "cosmetic": ("concern", "town", "first_name", "contact", "best_time", "provider", "consent"),
    "question": ("first_name", "contact", "consent"),
    "call_back": ("first_name", "contact", "best_time", "consent"),
}
"""Fields in the order in which they are asked for, by kind of enquiry."""
FIELDS = NEEDED["cosmetic"]
PERSONAL_SLOTS = ("enquiry_first_name", "enquiry_contact")
"""Slots of the dialogue that tell who the visitor is; the turns that are kept must not tell it when they are empty again."""
TRIES_BEFORE_A_PERSON = 3
RE_ASK = frozenset({"repeat_clarify", "more_detail"})
DECIDES = frozenset({"concern", "town", "contact_kind", "language"})
"""What decides who is offered."""
SHORT = 4
"""Words of a message that is rather a failed answer than something off the subject."""

_MENTIONS: Dict[str, str] = {
    "first_name": r"\bname\b",
    "contact": r"\b(?:number|phone|cell|e-?mail|contact)\b",
    "town": r"\b(?:town|city|place|area|location)\b",
    "best_time": r"\b(?:time|hours?|when)\b",
    "concern": r"\b(?:concern|topic|about|reason)\b",
    "provider": r"\b(?:provider|person|somebody else|someone else|another one|other one)\b",
}


def missing(kind: str, values: Mapping[str, Any]) -> Dict[str, str]:
    """Returns what a form of this kind does not ask for, with what it then holds."""
    left_out = {field: WITHOUT.get(field, "team") for field in FIELDS if field not in NEEDED[kind]}
    return {field: value for field, value in left_out.items() if values.get(field) is None}


def hear(said: Said, field: Optional[str], values: Mapping[str, Any], offered: Sequence[Offer] = ()) -> Heard:
    """Reads one message.

    Args:
        said: the message.
        field: that was just asked for; None at the start.
        values: of the fields so far, and contact_kind.
        offered: the providers that were offered, in order.
    """
    said = said._replace(text=with_digits(said.text))
    details = Details() if said.choice else read_details(said.text, field, said.people)
    choice = _chosen(said, field, values, offered, details)
    if choice:
        return choice
    asks = bool(ASKS.search(said.text))
    told = told_in(details, field, values, asks and bool(said.asked), asks)
    changed = {name: value for name, value in told.items() if values.get(name) != value}
    wonders = f"why_{field}" if field and _wonders_why(said) else None
    if changed and not (wonders and "contact" not in changed):
        return _told(changed, said, values, details)._replace(problem=wonders)
    if wonders or (field in ("provider", "consent") and said.intent in RE_ASK):
        return Heard(problem=f"why_{field}")
    if field == "provider":
        return not_picked(said) if offered else instead_of_nobody(said)
    if field == "consent":
        return _instead_of_consent(said, details) or agreed(said, values, bool(details.problems))
    return _nothing_new(said, field, details, known=bool(told))


def _chosen(
    said: Said, field: Optional[str], values: Mapping[str, Any], offered: Sequence[Offer], details: Details
) -> Optional[Heard]:
    """A provider is picked, or another one than before; not where a number or an address is told."""
    if details.phone or details.email:
        return None
    if field == "provider" and offered:
        return picked(said, offered, values.get("town") or "")
    return another_instead(said, values, offered) if field == "consent" else None


def _wonders_why(said: Said) -> bool:
    only_details = said.intent in ("inform", "correct_detail") and "?" not in said.text and "why" not in said.text.lower()
    return not only_details and (said.intent == "privacy_data" or bool(WHY.search(said.text)))


def _told(changed: Dict[str, Optional[str]], said: Said, values: Mapping[str, Any], details: Details) -> Heard:
    corrected = any(values.get(name) not in (None, WITHOUT.get(name)) for name in changed if name in FIELDS)
    again: Dict[str, Optional[str]] = {"consent": None} if values.get("consent") else {}
    if DECIDES & set(changed) and values.get("offered") is not None:
        again["provider"] = None
    asks = bool(said.asked) and bool(ASKS.search(said.text))
    return Heard({**again, **changed}, corrected=corrected, health=details.health, also_asks=asks)


def _nothing_new(said: Said, field: Optional[str], details: Details, known: bool) -> Heard:
    if field is None:
        return Heard(health=details.health)
    no_preference = all_the_same(field, said.text)
    if no_preference is not None:
        return Heard({field: no_preference})
    if details.problems and not (said.asked and ASKS.search(said.text)):
        return Heard(problem=_problem_of(field, details), counts=True, health=details.health)
    if said.intent in RE_ASK:
        return Heard(problem=f"why_{field}")
    if said.intent in ("skip", "deny"):
        return Heard({field: WITHOUT[field]}) if field in WITHOUT else Heard(problem="no_contact", counts=True)
    if said.intent == "correct_detail":
        return _what_is_wrong(said)
    if _is_elsewhere(said):
        return Heard(elsewhere=True, health=details.health)
    return Heard(problem=None if known else f"wrong_{field}", counts=not known, health=details.health)


def _is_elsewhere(said: Said) -> bool:
    """Is it a question, or off the subject, rather than an answer that cannot be used?"""
    if said.asked and (ASKS.search(said.text) or said.intent not in TELLING):
        return True
    if said.intent == "out_of_scope":
        return bool(ASKS.search(said.text)) or len(said.text.split()) > SHORT
    return said.intent not in TELLING


def _problem_of(field: str, details: Details) -> str:
    reasons = {"area_code_missing": "wrong_contact_area_code", "not_canadian_or_us": "wrong_contact_abroad"}
    if "phone" in details.problems or "email" in details.problems:
        return reasons.get(details.problems.get("phone", ""), "wrong_contact")
    return f"wrong_{field}"


def _instead_of_consent(said: Said, details: Details) -> Optional[Heard]:
    return _what_is_wrong(said) if said.intent == "correct_detail" or details.problems else None


def _what_is_wrong(said: Said) -> Heard:
    """"The number is wrong": asks for it again."""
    named: List[str] = [name for name, words in _MENTIONS.items() if re.search(words, said.text, re.IGNORECASE)]
    if not named:
        return Heard(problem="what_to_change")
    return Heard({name: None for name in named} | {"consent": None}, corrected=False)
