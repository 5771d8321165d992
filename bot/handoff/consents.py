"""What a visitor agreed to, and for how long it holds."""

from __future__ import annotations

from datetime import datetime
from typing import List, Optional

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.storage.models import Consent, Enquiry

SHARE = "share"
NEXT_PROVIDER = "next_provider"


def holding(session: Session, enquiry: Enquiry, at: datetime) -> List[Consent]:
    """Returns the consents of an enquiry that are neither withdrawn nor over at this time."""
    rows = session.execute(
        select(Consent)
        .where(Consent.enquiry_id == enquiry.id, Consent.withdrawn_at.is_(None), Consent.holds_until > at)
        .order_by(Consent.id)
    )
    return list(rows.scalars())


def consent_for(session: Session, enquiry: Enquiry, provider_id: Optional[int], at: datetime) -> Optional[Consent]:
    """Returns the consent by which this receiver may have an enquiry, or None when there is none.

    Args:
        session: to read with.
        enquiry: whose consents count.
        provider_id: None for the clinic's staff.
        at: the time, in UTC.
    """
    given = holding(session, enquiry, at)
    named = [one for one in given if one.kind == SHARE and one.provider_id == provider_id]
    others = [one for one in given if one.kind == NEXT_PROVIDER and provider_id is not None]
    return next(iter(named + others), None)


def may_be_passed_on(session: Session, enquiry: Enquiry, at: datetime) -> bool:
    """Did the visitor agree that another matching provider gets it?"""
    return any(one.kind == NEXT_PROVIDER for one in holding(session, enquiry, at))


def withdraw_consents(session: Session, enquiry: Enquiry, at: datetime) -> None:
    """Notes that nothing of an enquiry may be shared from now on."""
    session.execute(
        update(Consent).where(Consent.enquiry_id == enquiry.id, Consent.withdrawn_at.is_(None)).values(withdrawn_at=at),
        execution_options={"synchronize_session": "fetch"},
    )
