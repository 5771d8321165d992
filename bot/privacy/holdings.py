"""What is held about a person: found by contact, told in plain words, taken away."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.privacy.encryption import Vault
from bot.storage.models import Consent, Delivery, Enquiry, Provider

Told = Dict[str, Any]


def of_contact(session: Session, mark: str) -> List[Enquiry]:
    """Returns the enquiries that hold a contact, by its mark, the oldest first."""
    return list(session.execute(select(Enquiry).where(Enquiry.contact_mark == mark).order_by(Enquiry.id)).scalars())


def forget_details(enquiry: Enquiry) -> None:
    """Takes from an enquiry all that tells whose it is; what it was about, its times and its receiver stay."""
    enquiry.contact_mark = enquiry.contact_sealed = enquiry.first_name_sealed = enquiry.contact_kind = None
    enquiry.conversation_mark = enquiry.town = enquiry.best_time = enquiry.question = ""


def told(session: Session, enquiry: Enquiry, vault: Vault) -> Told:
    """Returns all that is held of an enquiry, readable, with whom it was passed on to: the answer to an access request.

    Raises:
        KeyProblem: it was sealed with a key that is no longer there.
    """
    return {
        "code": enquiry.code,
        "kind": enquiry.kind,
        "state": enquiry.state,
        "first_name": _opened(vault, enquiry.first_name_sealed),
        "contact": _opened(vault, enquiry.contact_sealed),
        "contact_kind": enquiry.contact_kind,
        "concern": enquiry.concern,
        "town": enquiry.town,
        "language": enquiry.language,
        "best_time": enquiry.best_time,
        "question": enquiry.question,
        "may_pass_on": enquiry.may_pass_on,
        "provider": _receiver(session, enquiry.provider_id) if enquiry.provider_id else None,
        "created_at": _time(enquiry.created_at),
        "changed_at": _time(enquiry.changed_at),
        "delivered_at": _time(enquiry.delivered_at),
        "acknowledged_at": _time(enquiry.acknowledged_at),
        "consents": [_consent(session, row) for row in _rows(session, Consent, enquiry)],
        "messages": [_message(session, row) for row in _rows(session, Delivery, enquiry)],
    }


def _consent(session: Session, row: Consent) -> Told:
    return {
        "kind": row.kind,
        "provider": _receiver(session, row.provider_id) if row.provider_id else None,
        "text": row.text,
        "text_version": row.text_version,
        "given_at": _time(row.given_at),
        "holds_until": _time(row.holds_until),
        "withdrawn_at": _time(row.withdrawn_at),
    }


def _message(session: Session, row: Delivery) -> Told:
    return {
        "kind": row.kind,
        "to": _receiver(session, row.provider_id),
        "state": row.state,
        "sent_at": _time(row.sent_at),
    }


def _rows(session: Session, table: Any, enquiry: Enquiry) -> List[Any]:
    return list(session.execute(select(table).where(table.enquiry_id == enquiry.id).order_by(table.id)).scalars())


def _receiver(session: Session, provider_id: Optional[int]) -> str:
    if provider_id is None:
        return "the clinic's staff"
    provider = session.get(Provider, provider_id)
    return f"{provider.legal_name}, {provider.practice}"


def _opened(vault: Vault, sealed: Optional[str]) -> Optional[str]:
    return None if sealed is None else vault.open(sealed)


def _time(at: Optional[datetime]) -> Optional[str]:
    return None if at is None else f"{at.isoformat(timespec='seconds')}Z"
