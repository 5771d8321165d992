"""What the enquiry form needs, and what one message of a visitor means for it. Knows nothing of Rasa and of wording."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from bot.handoff.choices import choice_in
from bot.handoff.details import Details, read_details
from bot.handoff.phones import mend

CONSENT_VERSION = "2026-11"
"""Of the consent's wording in domain/enquiry.yml; a test holds both together."""
NEEDED: Dict[str, Tuple[str, ...]] = {
    "cosmetic": ("concern", "town", "first_name", "contact", "best_time", "provider", "consent"),
    "question": ("first_name", "contact", "consent"),
    "call_back": ("first_name", "contact", "best_time", "consent"),
}
"""Fields in the order in which they are asked for, by kind of enquiry."""
FIELDS = NEEDED["cosmetic"]
NOT_GIVEN = "not given"
WITHOUT: Dict[str, str] = {"concern": "general", "town": "", "first_name": NOT_GIVEN, "best_time": ""}
"""What a field holds when the visitor leaves it out; those that are missing here cannot be left out."""
PERSONAL_SLOTS = ("enquiry_first_name", "enquiry_contact")
"""Slots of the dialogue that tell who the visitor is; the turns that are kept must not tell it when they are empty again."""
TRIES_BEFORE_A_PERSON = 3
RE_ASK = frozenset({"repeat_clarify", "more_detail"})
TELLING = frozenset(
    ["inform", "correct_detail", "enquire_cosmetic", "nlu_fallback", "affirm", "greet", "thanks"]
)
"""Intents of messages that answer the form rather than ask something."""

_WHY = re.compile(
    r"\bwhy\b|\bwhat for\b|\bwhat (?:do|will|would) (?:you|they) (?:need|do|use)\b"
    r"|\bwho (?:sees|gets|will (?:see|get)|has)\b"
    r"|\bdo (?:i|you) (?:have to|really need|need)\b|\bis (?:it|that|this) (?:required|necessary|needed|mandatory)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|^\W*(?:(?:and|but|so|ok(?:ay)?|wait|hey|hi|also)\W+)*(?:what|how|where|when|who|which|why|can|could|does|do|did|is|are|will|would|should)\b",
    re.IGNORECASE,
)
_OR_THE_NEXT = re.compile(r"\bnext (?:one|person|provider)\b|\bor (?:the )?next\b", re.IGNORECASE)
_MENTIONS: Dict[str, str] = {
    "first_name": r"\bname\b",
    "contact": r"\b(?:number|phone|cell|e-?mail|contact)\b",
    "town": r"\b(?:town|city|place|area|location)\b",
    "best_time": r"\b(?:time|hours?|when)\b",
    "concern": r"\b(?:concern|topic|about|reason)\b",
    "provider": r"\b(?:provider|person|somebody else|someone else|another one|other one)\b",
}


class Said(NamedTuple):
    """One message of a visitor, as it was understood."""

    text: str
    intent: str
    asked: FrozenSet[str] = frozenset()
    """Intents of the message that are questions with an answer."""
    choice: Optional[str] = None
    """What a clicked button stands for: a number, any, team, next."""
    people: Sequence[str] = ()
    """Names that spaCy found."""
    clicked: bool = False
    """A button; one from earlier in the conversation can still be clicked."""


class Heard(NamedTuple):
    """What a message means for the form."""

    values: Mapping[str, Optional[str]] = {}
    """Fields to set; None: to ask for again."""
    corrected: bool = False
    problem: Optional[str] = None
    """Name of what is wrong: wrong_<field>…, why_<field>, no_contact, what_to_change, consent_refused."""
    counts: bool = False
    """It was a try at the field that failed."""
    health: bool = False
    also_asks: bool = False
    """Beside the details there is a question to answer."""
    elsewhere: bool = False
    """It is not about the form at all."""


def missing(kind: str, values: Mapping[str, Any]) -> Dict[str, str]:
    """Returns what a form of this kind does not ask for, with what it then holds."""
    left_out = {field: WITHOUT.get(field, "team") for field in FIELDS if field not in NEEDED[kind]}
    return {field: value for field, value in left_out.items() if values.get(field) is None}


def hear(said: Said, field: Optional[str], values: Mapping[str, Any], offered: Sequence[Tuple[int, str]] = ()) -> Heard:
    """Reads one message.

    Args:
        said: the message.
        field: that was just asked for; None at the start.
        values: of the fields so far, and contact_kind.
        offered: id and name of the providers that were offered.
    """
    if field and (said.intent == "privacy_data" or _WHY.search(said.text)) and not _only_details(said):
        return Heard(problem=f"why_{field}")
    details = Details() if said.choice else read_details(said.text, field, said.people)
    found = _found(details, field, values, asks=bool(_ASKS.search(said.text)))
    changed = {name: value for name, value in found.items() if values.get(name) != value}
    if changed:
        return _told(changed, said, values, details)
    if field in ("provider", "consent") and said.intent in RE_ASK:
        return Heard(problem=f"why_{field}")
    if field == "provider":
        return _picked(said, offered) if offered else _instead_of_nobody(said)
    if field == "consent":
        return _agreed(said, details)
    return _nothing_new(said, field, details, known=bool(found))


def _only_details(said: Said) -> bool:
    return said.intent in ("inform", "correct_detail") and "?" not in said.text and not said.text.lower().startswith("why")


def _found(details: Details, field: Optional[str], values: Mapping[str, Any], asks: bool) -> Dict[str, Optional[str]]:
    """Returns the fields that a message tells; from a question only what cannot be part of the question."""
    found: Dict[str, Optional[str]] = {}
    contact = details.email if details.contact_kind == "email" and details.email else details.phone or details.email
    if contact is None and details.phone_part and "@" not in (values.get("contact") or "@"):
        contact = mend(values["contact"], details.phone_part)
    if contact:
        found["contact"] = contact
    kind = _contact_kind(details, found.get("contact") or values.get("contact"), values)
    if kind and (contact or details.contact_kind):
        found["contact_kind"] = kind
    if details.first_name and not (asks and field != "first_name" and not contact):
        found["first_name"] = details.first_name
    if details.language:
        found["language"] = details.language
    if asks and not contact:
        return found
    told = {"concern": details.concern, "town": details.town, "best_time": details.best_time}
    return {**found, **{name: value for name, value in told.items() if value and _expected(name, field, values)}}


def _expected(name: str, field: Optional[str], values: Mapping[str, Any]) -> bool:
    """A concern or a time that was mentioned in passing does not change one that was told before, unless it is put right."""
    return name == field or values.get(name) in (None, WITHOUT.get(name)) or field in ("consent", "provider")


def _contact_kind(details: Details, contact: Optional[str], values: Mapping[str, Any]) -> Optional[str]:
    if contact is None:
        return details.contact_kind
    if "@" in contact:
        return "email"
    wanted = details.contact_kind or values.get("contact_kind")
    return wanted if wanted in ("phone", "text") else "phone"


def _told(changed: Dict[str, Optional[str]], said: Said, values: Mapping[str, Any], details: Details) -> Heard:
    corrected = any(values.get(name) not in (None, WITHOUT.get(name)) for name in changed if name in FIELDS)
    again: Dict[str, Optional[str]] = {"consent": None} if values.get("consent") else {}
    if {"concern", "town", "contact_kind"} & set(changed) and values.get("offered") is not None:
        again["provider"] = None
    asks = bool(said.asked) and bool(_ASKS.search(said.text))
    return Heard({**again, **changed}, corrected=corrected, health=details.health, also_asks=asks)


def _nothing_new(said: Said, field: Optional[str], details: Details, known: bool) -> Heard:
    if field is None:
        return Heard(health=details.health)
    if details.problems and not (said.asked and _ASKS.search(said.text)):
        return Heard(problem=_problem_of(field, details), counts=True, health=details.health)
    if said.intent in RE_ASK:
        return Heard(problem=f"why_{field}")
    if said.intent in ("skip", "deny"):
        return Heard({field: WITHOUT[field]}) if field in WITHOUT else Heard(problem="no_contact", counts=True)
    if said.intent == "correct_detail":
        return _what_is_wrong(said, field)
    if said.asked and (_ASKS.search(said.text) or said.intent not in TELLING):
        return Heard(elsewhere=True)
    if said.intent not in TELLING:
        return Heard(elsewhere=True)
    return Heard(problem=None if known else f"wrong_{field}", counts=not known, health=details.health)


def _problem_of(field: str, details: Details) -> str:
    reasons = {"area_code_missing": "wrong_contact_area_code", "not_canadian_or_us": "wrong_contact_abroad"}
    if "phone" in details.problems or "email" in details.problems:
        return reasons.get(details.problems.get("phone", ""), "wrong_contact")
    return f"wrong_{field}"


def _what_is_wrong(said: Said, field: str) -> Heard:
    """"The number is wrong": asks for it again."""
    named: List[str] = [name for name, words in _MENTIONS.items() if re.search(words, said.text, re.IGNORECASE)]
    if not named:
        return Heard(problem="what_to_change")
    return Heard({name: None for name in named} | {"consent": None}, corrected=False)


def _picked(said: Said, offered: Sequence[Tuple[int, str]]) -> Heard:
    picked = said.choice or choice_in(said.text, offered)
    if picked in ("any", "team"):
        return Heard({"provider": picked})
    if picked and picked.isdigit() and 0 < int(picked) <= len(offered):
        return Heard({"provider": str(offered[int(picked) - 1][0])})
    if said.intent == "affirm" and len(offered) == 1:
        return Heard({"provider": str(offered[0][0])})
    if said.intent in ("deny", "skip"):
        return Heard({"provider": "team"})
    if said.asked or said.intent not in TELLING | {"out_of_scope"}:
        return Heard(elsewhere=True)
    return Heard(problem="wrong_provider", counts=True)


def _instead_of_nobody(said: Said) -> Heard:
    if said.choice == "team" or said.intent == "affirm":
        return Heard({"provider": "team"})
    if said.intent in ("deny", "skip"):
        return Heard({"provider": "team", "consent": "no"})
    if said.asked or said.intent not in TELLING:
        return Heard(elsewhere=True)
    return Heard(problem="wrong_consent", counts=True)


def _agreed(said: Said, details: Details) -> Heard:
    """Only a clear yes is a yes: the button under the summary, or the word alone; not a "yes" button from earlier on."""
    if said.choice in ("send", "next"):
        return Heard({"consent": "yes" if said.choice == "send" else "next"})
    if said.intent == "affirm" and not said.clicked and not said.asked and not details.problems and "?" not in said.text:
        return Heard({"consent": "next" if _OR_THE_NEXT.search(said.text) else "yes"})
    if said.intent in ("deny", "skip"):
        return Heard(problem="consent_refused", counts=True)
    if said.intent == "correct_detail" or details.problems:
        return _what_is_wrong(said, "consent")
    if said.asked or said.intent not in TELLING:
        return Heard(elsewhere=True)
    return Heard(problem="wrong_consent", counts=True)
