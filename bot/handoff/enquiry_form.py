"""What the enquiry form needs, and what one message of a visitor means for it. Knows nothing of Rasa and of wording."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Sequence

from bot.handoff.asking import ASKS, STOPS, WHY, needs_time
from bot.handoff.choices import Offer
from bot.handoff.clear_yes import tells_to_send
from bot.handoff.details import Details, read_details
from bot.handoff.form_answers import TELLING, agreed, another_instead, instead_of_nobody, not_picked, picked, say_again
from bot.handoff.form_corrections import to_be_asked_again, wants_change
from bot.handoff.form_fields import NEEDED, NOT_GIVEN, WITHOUT, all_the_same, told_in
from bot.handoff.form_questions import about_the_form
from bot.handoff.heard import Heard, Said
from bot.handoff.names_answered import insisted
from bot.handoff.spelled_digits import with_digits
from bot.privacy.redaction import redact

__all__ = ["FIELDS", "NEEDED", "NOT_GIVEN", "WITHOUT", "Heard", "Said", "hear", "missing"]

CONSENT_VERSION = "2026-11"
"""Of the consent's wording in domain/enquiry.yml; a test holds both together."""
FIELDS = NEEDED["cosmetic"]
PERSONAL_SLOTS = ("enquiry_first_name", "enquiry_contact")
"""Slots of the dialogue that tell who the visitor is; the turns that are kept must not tell it when they are empty again."""
TRIES_BEFORE_A_PERSON = 3
RE_ASK = frozenset({"repeat_clarify", "more_detail"})
DECIDES = frozenset({"concern", "town", "contact_kind", "language"})
"""What decides who is offered."""
COURTESIES = frozenset({"greet", "thanks"})
_NUMBER = re.compile(r"\d")
"""With a number in it, what is said to "when?" is a time, though no list knows its form: "2 o clock to 4 o clock"."""
LONGEST_TIME = 60
"""Characters of a time in the visitor's own words."""
SHORT = 4
"""Words of a message that is rather a failed answer than something off the subject."""


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
    told = told_in(details, field, values, asks and (bool(said.asked) or said.intent not in TELLING), asks)
    changed = {name: value for name, value in told.items() if values.get(name) != value}
    wonders = f"why_{field}" if field and _wonders_why(said, field) else None
    if changed and not (wonders and "contact" not in changed):
        heard = _told(changed, said, field, values, details)
        return heard._replace(problem=wonders) if wonders else heard
    asked = about_the_form(said, field, values) if field else None
    if asked or wonders:
        return asked or Heard(problem=wonders)
    if field and needs_time(said.text):
        return Heard(problem="take_your_time")
    if field in ("provider", "consent"):
        return _decided(said, field, values, offered, bool(details.problems))
    return _nothing_new(said, field, values, details, known=bool(told))


def _decided(said: Said, field: str, values: Mapping[str, Any], offered: Sequence[Offer], has_problems: bool) -> Heard:
    """Nothing is told but, perhaps, whom it should go to, or whether it should."""
    if said.intent in RE_ASK:
        return say_again(said, field, bool(offered))
    wants_another = wants_change(said) and not tells_to_send(said.text)  # which nothing with a "but" does
    if wants_another or (has_problems and field == "consent"):
        return to_be_asked_again(said)
    if field == "consent":
        return agreed(said, values, has_problems)
    return not_picked(said) if offered else instead_of_nobody(said)


def _chosen(
    said: Said, field: Optional[str], values: Mapping[str, Any], offered: Sequence[Offer], details: Details
) -> Optional[Heard]:
    """A provider is picked, or another one than before; not where a number or an address is told."""
    if details.phone or details.email:
        return None
    if field == "provider" and offered:
        return picked(said, offered, values.get("town") or "")
    return another_instead(said, values, offered) if field == "consent" else None


def _wonders_why(said: Said, field: str) -> bool:
    only_details = said.intent in ("inform", "correct_detail") and "?" not in said.text and "why" not in said.text.lower()
    about_contact = said.intent == "privacy_data" and field in ("contact", "consent")
    return not only_details and (about_contact or bool(WHY.search(said.text)))


def _told(
    changed: Dict[str, Optional[str]], said: Said, field: Optional[str], values: Mapping[str, Any], details: Details
) -> Heard:
    corrected = any(values.get(name) not in (None, WITHOUT.get(name)) for name in changed if name in FIELDS)
    again: Dict[str, Optional[str]] = {"consent": None} if values.get("consent") else {}
    if DECIDES & set(changed) and values.get("offered") is not None:
        again["provider"] = None
    asks = bool(said.asked) and bool(ASKS.search(said.text))
    beside = field is not None and field in FIELDS and field not in changed and values.get(field) is None
    noted = beside and not corrected and bool({*FIELDS} & set(changed))
    return Heard({**again, **changed}, corrected, "noted" if noted else None, health=details.health, also_asks=asks)


def _nothing_new(
    said: Said, field: Optional[str], values: Mapping[str, Any], details: Details, known: bool
) -> Heard:
    if field is None:
        return Heard(health=details.health)
    no_preference = all_the_same(field, said.text)
    if no_preference is not None:
        return Heard({field: no_preference})
    if field == "concern" and said.concern and not ASKS.search(said.text):
        return Heard({"concern": said.concern}, health=details.health)
    if details.problems and not (said.asked and ASKS.search(said.text)):
        return Heard(problem=_problem_of(field, details), counts=True, health=details.health)
    may_be_own_words = values.get("tries") or (field == "best_time" and _NUMBER.search(said.text))
    own_words = _in_own_words(said, field, details) if may_be_own_words else None
    if own_words:
        return Heard({field: own_words})
    return _without_an_answer(said, field) or _unusable(said, field, details, known)


def _without_an_answer(said: Said, field: str) -> Optional[Heard]:
    if said.intent in RE_ASK:
        return Heard(problem=f"why_{field}")
    if said.intent in ("skip", "deny"):
        return Heard({field: WITHOUT[field]}) if field in WITHOUT else Heard(problem="no_contact", counts=True)
    return None


def _unusable(said: Said, field: str, details: Details, known: bool) -> Heard:
    if said.intent in COURTESIES:
        return Heard(health=details.health)
    if wants_change(said):
        return to_be_asked_again(said, field)
    if _is_elsewhere(said):
        return Heard(elsewhere=True, health=details.health)
    return Heard(problem=None if known else f"wrong_{field}", counts=not known, health=details.health)


def _in_own_words(said: Said, field: str, details: Details) -> Optional[str]:
    """Returns a short answer that no list knows, as a name ("Sky") or a time ("after dark, we're seeding").

    Only where it was asked for again, and only what asks nothing, tells nothing about health and is no wish to stop.
    """
    tells = said.intent in TELLING | {"goodbye", "out_of_scope"} and not said.asked
    if not tells or details.health or ASKS.search(said.text) or STOPS.search(said.text):
        return None
    if field == "first_name":
        return insisted(said.text)
    is_time = field == "best_time" and len(said.text.split()) > 1 and len(said.text) <= LONGEST_TIME
    return " ".join(redact(said.text).split()) if is_time else None


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


