"""What a visitor tells about themselves in one message: in any order, and several things at once."""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Optional, Sequence, Tuple, TypeVar

from bot.handoff.concerns_in_text import read_concern
from bot.handoff.contact_wishes import read_contact_kind
from bot.handoff.emails import FoundEmail, find_emails
from bot.handoff.health_in_text import tells_health
from bot.handoff.language_wishes import read_language
from bot.handoff.names import read_first_name
from bot.handoff.phone_parts import find_phone_part, with_endings_put_right
from bot.handoff.phones import FoundPhone, PhonePart, find_phones
from bot.handoff.second_thoughts import second_thought
from bot.handoff.times import read_best_time
from bot.handoff.towns import is_too_wide, read_town
from bot.handoff.typed_text import EMAIL, PHONE, fold, without

_Found = TypeVar("_Found", FoundPhone, FoundEmail)

_NOT_THIS = re.compile(
    r"\b(?:not|instead of|rather than|old (?:number|one|phone|cell|email|address)(?: is| was)?|isn't|wasn't|no longer"
    r"|don'?t (?:use|call|text))[ :,]*(?:my |at |on |to )?$",
    re.IGNORECASE,
)
_CORRECTED = re.compile(
    r"\b(?:actually|no wait|wait|sorry|i mean|i meant|oops|correction|scratch that|should be|new one|use)\b", re.IGNORECASE
)
_TAKEN_BACK = re.compile(
    r"\b(?:actually|no wait|scratch that|never ?mind|instead|rather|better|changed my mind|forget (?:it|that))\b",
    re.IGNORECASE,
)
_BEFORE = 40
_MAY_CHANGE = {
    "town": ("town",),
    "first_name": ("first_name",),
    "best_time": ("best_time",),
    "contact": ("phone", "email", "extension"),
}
"""What a turn of mind in an answer changes, by what was asked; concerns have words of their own for it."""


class Details(NamedTuple):
    """What was read in one message. A field that is None was not told, or not in a way that can be used."""

    first_name: Optional[str] = None
    """One or two words, at most 40 characters."""
    phone: Optional[str] = None
    """E.164, e.g. +17805550143."""
    email: Optional[str] = None
    """In small letters."""
    contact_kind: Optional[str] = None
    """phone, text or email, when the visitor says which; it does not follow from what they gave."""
    concern: Optional[str] = None
    """Of `bot.handoff.concerns.CONCERNS`."""
    town: Optional[str] = None
    best_time: Optional[str] = None
    """The visitor's words for times and nothing else, at most 60 characters."""
    language: Optional[str] = None
    """Two-letter code of `bot.handoff.languages`."""
    problems: Dict[str, str] = {}  # noqa: RUF012 - never changed
    """What was given but cannot be used, by field. phone: area_code_missing, too_short, too_long, not_canadian_or_us or
    not_a_number; email: syntax or mistyped; first_name: not_a_name or too_long; town: too_wide."""
    health: bool = False
    """The visitor told something about health, which nobody needs here."""
    rest: str = ""
    """The text without phone numbers and addresses, usable or not."""
    extension: Optional[str] = None
    """Of the phone number, digits."""
    phone_part: Optional[PhonePart] = None
    """A part of a number given earlier that is put right; `bot.handoff.phones.mend` applies it."""


def read_details(text: str, expected: Optional[str] = None, people: Sequence[str] = ()) -> Details:
    """Reads the details in a visitor's message.

    Args:
        text: as typed, of any length; what comes after 2,000 characters is not read.
        expected: the field that was just asked for: first_name, contact, concern, town, best_time; or None.
        people: names that a language model found in the text; they may be wrong, and only tip the balance.

    Returns:
        What was told, what was given but cannot be used, and the text without phone numbers and addresses. Of the expected
        field that is what stands after a turn of mind ("wait, no"), if there is one.
    """
    details = _read(text, expected, people)
    fields = _MAY_CHANGE.get(expected or "", ())
    later = second_thought(text) if fields else None
    meant = _read(later, expected, people) if later else details
    if meant is details or not any(getattr(meant, field, None) for field in fields):
        return details
    return details._replace(
        problems={**{name: why for name, why in details.problems.items() if name not in fields}},
        **{field: getattr(meant, field) for field in fields},
    )


def _read(text: str, expected: Optional[str], people: Sequence[str]) -> Details:
    folded = with_endings_put_right(fold(text))
    emails = find_emails(folded, expected == "contact")
    masked_emails = without(folded, [(email.start, email.end) for email in emails], [EMAIL] * len(emails))
    phones = find_phones(masked_emails, expected == "contact")
    masked = without(masked_emails, [(phone.start, phone.end) for phone in phones], [PHONE] * len(phones))
    phone, email = _without_taken_back(_chosen(phones, masked_emails), _chosen(emails, folded), folded)
    name = read_first_name(masked, expected == "first_name", people)
    town = read_town(masked, expected == "town")
    problems = {
        "phone": phone.problem if phone else None,
        "email": email.problem if email else None,
        "first_name": name.problem,
        "town": "too_wide" if expected == "town" and not town and is_too_wide(masked) else None,
    }
    return Details(
        first_name=name.name if name.name and name.name[0].isalpha() else None,
        phone=phone.number if phone else None,
        email=email.address if email else None,
        contact_kind=read_contact_kind(masked),
        concern=read_concern(masked, expected == "concern"),
        town=town,
        best_time=read_best_time(masked, expected == "best_time"),
        language=read_language(masked),
        problems={field: problem for field, problem in problems.items() if problem},
        health=tells_health(masked),
        rest=" ".join(masked.replace(PHONE, " ").replace(EMAIL, " ").split()),
        extension=phone.extension if phone else None,
        phone_part=None if phone else find_phone_part(masked),
    )


def _without_taken_back(
    phone: Optional[FoundPhone], email: Optional[FoundEmail], text: str
) -> Tuple[Optional[FoundPhone], Optional[FoundEmail]]:
    """Of a number and an address the later one counts where it is put in the place of the earlier: "actually no, use …"."""
    if not phone or not email or phone.problem or email.problem:
        return phone, email
    if phone.start < email.start:
        return (None, email) if _TAKEN_BACK.search(text, phone.end, email.start) else (phone, email)
    return (phone, None) if _TAKEN_BACK.search(text, email.end, phone.start) else (phone, email)


def _chosen(found: Sequence[_Found], text: str) -> Optional[_Found]:
    """Returns the number or address that is meant: none that is denied, and the last one after a correction."""
    meant = [one for one in found if not _NOT_THIS.search(text[max(0, one.start - _BEFORE) : one.start])]
    usable = [one for one in meant if not one.problem]
    if len(usable) > 1 and _CORRECTED.search(text, usable[0].end, usable[-1].start):
        return usable[-1]
    return next(iter(usable or meant), None)
