"""Makes a letter out of an enquiry at the moment of sending, if it may still be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, NamedTuple, Optional

from sqlalchemy.orm import Session

from bot.errors import AssistantError
from bot.handoff.acknowledge import acknowledge_link
from bot.handoff.consents import consent_for
from bot.handoff.languages import LANGUAGES
from bot.handoff.matching import still_offerable
from bot.handoff.notices import NOTICES, Notice
from bot.handoff.outbox import Claim, is_held
from bot.handoff.sending import Letter, SendFailed
from bot.handoff.writing import wish_of
from bot.privacy.encryption import vault
from bot.settings import Clinic, Settings
from bot.storage.models import Consent, Delivery, Enquiry, Provider

CONCERNS_IN_WORDS = {
    "wrinkles": "fine lines and wrinkles",
    "scars": "scars",
    "jaw": "jaw and lower face",
    "skin_tone": "skin tone",
    "general": "cosmetic needling in general",
}
KINDS_IN_WORDS = {"cosmetic": "cosmetic needling", "question": "a question", "call_back": "a call back"}
UNSIGNED = ""
"""An email has no secret."""
CONTACT_IN_WORDS = {"phone": "phone call", "text": "text message", "email": "email"}


class NotSendable(AssistantError):
    """A message must not go out; `reason` is one of `bot.handoff.outbox.REFUSALS`."""

    def __init__(self, reason: str) -> None:
        """Takes the reason."""
        super().__init__(reason)
        self.reason = reason


class House(NamedTuple):
    """The side that sends."""

    options: Settings
    clinic: Clinic

    @property
    def staff_email(self) -> str:
        """Where staff read; empty when nobody has filled it in."""
        return str(self.options.staff_email or self.clinic.email or "")


def letter_for(session: Session, claimed: Claim, at: datetime, house: House) -> Letter:
    """Returns the letter of a claimed message.

    Raises:
        NotSendable: it was stopped, or the receiver may not have it (any more).
        SendFailed: there is nowhere to send it.
        KeyProblem: the visitor's details cannot be opened.
    """
    delivery = session.get(Delivery, claimed.delivery_id)
    if delivery is None or not is_held(session, claimed):
        raise NotSendable("stopped")
    enquiry = session.get(Enquiry, claimed.enquiry_id) if claimed.enquiry_id else None
    provider = session.get(Provider, claimed.provider_id) if claimed.provider_id else None
    consent = _checked(session, claimed, enquiry, at, house) if claimed.kind in ("enquiry", "reminder") else None
    content = _frame(claimed, enquiry, house)
    if claimed.kind == "enquiry" and enquiry is not None and consent is not None:
        content.update(_personal(enquiry), consent=_agreed(consent))
    reply_to = content["contact"] if content.get("contact_kind") == "email" else house.staff_email
    return Letter(
        key=claimed.idempotency_key,
        kind=claimed.kind,
        subject=_subject(claimed, enquiry),
        written_at=delivery.created_at,
        sender=house.clinic.name,
        reply_to=reply_to,
        content=content,
        **_receiver(provider, house),
    )


def _checked(session: Session, claimed: Claim, enquiry: Optional[Enquiry], at: datetime, house: House) -> Consent:
    """Returns the consent behind a message that names the visitor or sends somebody after them."""
    due_in = "queued" if claimed.kind == "enquiry" else "delivered"
    if enquiry is None or enquiry.state != due_in or enquiry.provider_id != claimed.provider_id:
        raise NotSendable("stopped")
    consent = consent_for(session, enquiry, claimed.provider_id, at)
    if consent is None:
        raise NotSendable("consent_over")
    if claimed.provider_id is not None and not still_offerable(
        session, claimed.provider_id, at.date(), house.options.environment, wish_of(enquiry)
    ):
        raise NotSendable("provider_lapsed")
    return consent


def _frame(claimed: Claim, enquiry: Optional[Enquiry], house: House) -> Dict[str, Any]:
    """Returns what every letter holds: nothing by which a visitor could be found."""
    code = enquiry.code if enquiry else ""
    asks = claimed.kind in ("enquiry", "reminder")
    link = acknowledge_link(house.options.public_url, code, claimed.provider_id) if asks else ""
    notice = NOTICES.get(claimed.subject, Notice(claimed.subject, ""))
    return {
        "code": code,
        "about": enquiry.kind if enquiry else "",
        "about_in_words": KINDS_IN_WORDS.get(enquiry.kind, "") if enquiry else "",
        "made_at": enquiry.created_at if enquiry else None,
        "clinic": house.clinic.name,
        "staff_email": house.staff_email,
        "acknowledge": link,
        "notice": {"subject": claimed.subject, "happened": notice.happened, "to_do": notice.to_do},
    }


def _personal(enquiry: Enquiry) -> Dict[str, Any]:
    if enquiry.first_name_sealed is None or enquiry.contact_sealed is None:
        raise NotSendable("stopped")
    return {
        "first_name": vault().open(enquiry.first_name_sealed),
        "contact": vault().open(enquiry.contact_sealed),
        "contact_kind": enquiry.contact_kind,
        "contact_in_words": CONTACT_IN_WORDS.get(enquiry.contact_kind, ""),
        "concern": enquiry.concern,
        "concern_in_words": CONCERNS_IN_WORDS.get(enquiry.concern, enquiry.concern),
        "town": enquiry.town,
        "language": enquiry.language,
        "language_in_words": LANGUAGES.get(enquiry.language, enquiry.language),
        "best_time": enquiry.best_time,
        "question": enquiry.question,
    }


def _agreed(consent: Consent) -> Dict[str, Any]:
    return {
        "text": consent.text,
        "version": consent.text_version,
        "given_at": consent.given_at,
        "holds_until": consent.holds_until,
    }


def _subject(claimed: Claim, enquiry: Optional[Enquiry]) -> str:
    code = enquiry.code if enquiry else ""
    if claimed.kind == "notice":
        happened = NOTICES[claimed.subject].happened if claimed.subject in NOTICES else claimed.subject
        return f"For staff: {happened}" + (f" ({code})" if code else "")
    return {
        "enquiry": f"Enquiry {code}: {KINDS_IN_WORDS[enquiry.kind]}" if enquiry else "",
        "reminder": f"Reminder: enquiry {code} is waiting for you",
        "withdrawn": f"Enquiry {code} was withdrawn: please delete it",
    }[claimed.kind]


def _receiver(provider: Optional[Provider], house: House) -> Dict[str, str]:
    if provider is not None:
        return {
            "route": provider.route,
            "address": provider.address,
            "receiver": provider.legal_name,
            "secret_sealed": provider.webhook_secret_sealed or "",
        }
    # Without a mail server the message becomes a file, and nobody has to have an address.
    address = house.staff_email or (str(house.options.mail_from) if house.options.smtp_host is None else "")
    if not address:
        raise SendFailed("no address of staff", permanent=True)
    return {"route": "email", "address": address, "receiver": f"{house.clinic.name}, staff", "secret_sealed": UNSIGNED}
