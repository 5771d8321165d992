"""What it means that staff have a conversation: until when, what waits for them, and how they are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Optional

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.handoff.outbox import tell_staff
from bot.settings import settings
from bot.storage.models import Enquiry, MessagingMessage, MessagingSender
from bot.storage.unread import UNREAD

RESPONSE, BY_STAFF = "response", "by_staff"
"""In the content of what staff want to be sent: a response by its name, or their own words."""


def quiet_until(at: datetime) -> datetime:
    """Returns how long the assistant stays quiet when the last message, of either side, came at a time."""
    return at + timedelta(hours=settings().handed_over_hours)


def is_handed_over(sender: MessagingSender, at: datetime) -> bool:
    """Do staff have the conversation at a time?"""
    return sender.handed_over_until is not None and sender.handed_over_until > at


def unread(session: Session, sender: int) -> int:
    """Returns how many messages of a person staff have not read."""
    waiting = select(func.count()).select_from(MessagingMessage).where(MessagingMessage.sender_id == sender, *UNREAD)
    return int(session.execute(waiting).scalar_one())


def tell_staff_of(session: Session, message: int, sender: int, asked_for_them: bool, at: datetime) -> None:
    """Tells staff that somebody asked for them, or has written first since they read last; names nobody.

    Args:
        session: whose transaction it belongs to.
        message: that has just been answered, or kept for staff.
        sender: whose it is.
        asked_for_them: the person asked for a call back, and may be answered where they wrote.
        at: the time, in UTC.
    """
    if asked_for_them:
        tell_staff(session, "handed_over", at, call_back(session, sender))
    elif _is_unread(session, message) and unread(session, sender) == 1:
        tell_staff(session, "wrote_to_staff", at, call_back(session, sender))


def call_back(session: Session, sender: int) -> Optional[Enquiry]:
    """Returns the last request for a call back in a conversation, if there is one."""
    asked = (
        select(Enquiry)
        .join(MessagingSender, MessagingSender.mark == Enquiry.conversation_mark)
        .where(MessagingSender.id == sender, Enquiry.kind == "call_back")
    )
    found: Optional[Enquiry] = session.execute(asked.order_by(Enquiry.id.desc()).limit(1)).scalar_one_or_none()
    return found


def _is_unread(session: Session, message: int) -> bool:
    return session.execute(select(MessagingMessage.id).where(MessagingMessage.id == message, *UNREAD)).first() is not None
