"""What a visitor may do with an enquiry in the conversation that it was made in, where its code is proof enough."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.handoff.enquiries import withdraw_enquiry
from bot.privacy.encryption import vault
from bot.storage.models import Delivery, Enquiry


def withdraw_here(session: Session, code: str, conversation: str, at: datetime) -> bool:
    """Withdraws an enquiry of this conversation.

    Args:
        session: whose transaction it belongs to.
        code: as it was given out.
        conversation: who asks.
        at: the time, in UTC.

    Returns:
        Whether it is withdrawn now (also when it was before); False when there is none with this code from here.
    """
    found = session.execute(
        select(Enquiry).where(Enquiry.code == code, Enquiry.conversation_mark == vault().mark(conversation))
    ).scalar_one_or_none()
    if found is None:
        return False
    withdraw_enquiry(session, found, at)
    return True


def asked_to_delete(session: Session, code: str) -> int:
    """Returns how many receivers may have had a withdrawn enquiry, and are told to delete it."""
    told = (
        select(func.count())
        .select_from(Delivery)
        .join(Enquiry, Enquiry.id == Delivery.enquiry_id)
        .where(Enquiry.code == code, Delivery.kind == "withdrawn")
    )
    return int(session.execute(told).scalar_one())
