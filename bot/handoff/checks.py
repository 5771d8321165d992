"""What is checked before an enquiry is written. The conversation asks long before; this is for what gets round it."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple, Optional, Tuple

from bot.errors import AssistantError
from bot.handoff.concerns import CONCERNS
from bot.handoff.languages import ENGLISH, LANGUAGES
from bot.privacy.encryption import NotAContact, normal_contact
from bot.privacy.known_details import KnownDetails
from bot.privacy.redaction import redact

KINDS = ("cosmetic", "question", "call_back")
CONTACT_KINDS = ("phone", "text", "email")
NAME_LENGTH, TOWN_LENGTH, TIME_LENGTH, QUESTION_LENGTH, VERSION_LENGTH = 60, 80, 120, 500, 20
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .’'\-])*")
_TOWN = re.compile(r"[^\W\d_](?:[^\W_]|[ .,()’'/\-])*")
_DETAILS = re.compile(r"@|//|www\.|(?:\d[\W_]{0,3}){7}")


class NotAccepted(AssistantError):
    """A field of an enquiry cannot be taken; `field` names it, and the message does not repeat what it held."""

    def __init__(self, field: str, why: str) -> None:
        """Takes the field's name in NewEnquiry, and what is wrong with it."""
        super().__init__(f"{field}: {why}")
        self.field = field


class NewEnquiry(NamedTuple):
    """An enquiry as the conversation hands it over."""

    idempotency_key: str
    """Made once for a form: the same form sent twice has the same key."""
    kind: str
    """cosmetic, question or call_back."""
    conversation: str
    first_name: str
    contact: str
    """A phone number or an email address."""
    contact_kind: str
    """phone, text or email."""
    concern: str = "general"
    town: str = ""
    language: str = ENGLISH
    best_time: str = ""
    question: str = ""
    """For kind `question`."""
    provider_id: Optional[int] = None
    """Whom the visitor chose; None: nobody, or whoever can answer first."""
    may_pass_on: bool = False
    """The visitor agreed that another matching provider gets it when the first does not answer."""
    consent_text: str = ""
    """As shown, with placeholders instead of the visitor's details."""
    consent_version: str = ""


def accepted(new: NewEnquiry) -> NewEnquiry:
    """Returns an enquiry with its texts in one line and without details where none belong.

    Raises:
        NotAccepted: a field is missing, too long, or is no name, contact or town at all.
    """
    _one_of("kind", new.kind, KINDS)
    _one_of("contact_kind", new.contact_kind, CONTACT_KINDS)
    _one_of("concern", new.concern, CONCERNS)
    _one_of("language", new.language, tuple(LANGUAGES))
    _need(new)
    own = KnownDetails([new.first_name, new.contact])
    return new._replace(
        first_name=_shaped("first_name", new.first_name, NAME_LENGTH, _NAME),
        contact=_contact(new.contact, new.contact_kind),
        town=_shaped("town", new.town, TOWN_LENGTH, _TOWN) if new.town.strip() else "",
        best_time=_without_details(new.best_time, own)[:TIME_LENGTH],
        question=_question(new, own),
        consent_version=new.consent_version[:VERSION_LENGTH],
    )


def _need(new: NewEnquiry) -> None:
    for field in ("idempotency_key", "conversation", "consent_text", "consent_version"):
        if not getattr(new, field).strip():
            raise NotAccepted(field, "is missing.")
    if new.kind == "question" and not new.question.strip():
        raise NotAccepted("question", "is missing.")
    if new.kind != "cosmetic" and new.provider_id is not None:
        raise NotAccepted("provider_id", "is for cosmetic enquiries; others go to the clinic.")


def _one_of(field: str, value: str, choices: Tuple[str, ...]) -> None:
    if value not in choices:
        raise NotAccepted(field, f"should be one of {', '.join(choices)}.")


def _shaped(field: str, text: str, most: int, shape: re.Pattern[str]) -> str:
    clean = _one_line(text)
    letters = "".join(sign for sign in clean if not unicodedata.category(sign).startswith("M"))  # vowel signs, accents
    if not clean or len(clean) > most or not shape.fullmatch(letters):
        raise NotAccepted(field, f"should be 1 to {most} letters, without links or code.")
    return clean


def _contact(contact: str, kind: str) -> str:
    try:
        normal = normal_contact(contact)
    except NotAContact as error:
        raise NotAccepted("contact", "is neither a phone number nor an email address.") from error
    if ("@" in normal) != (kind == "email"):
        raise NotAccepted("contact", f"is not what contact_kind says ({kind}).")
    return normal


def _question(new: NewEnquiry, own: KnownDetails) -> str:
    if new.kind != "question":
        return ""
    return own.take_out(redact(_one_line(new.question)))[:QUESTION_LENGTH]


def _without_details(text: str, own: KnownDetails) -> str:
    clean = own.take_out(_one_line(text))
    # Only then: "May 3 after five" is a good time, and redaction would take the date out.
    return redact(clean) if _DETAILS.search(clean) else clean


def _one_line(text: str) -> str:
    """Returns a text without line breaks, control characters and invisible signs."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in composed)
    return " ".join(visible.split()).replace("<", "‹").replace(">", "›")
