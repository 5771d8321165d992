"""What is held of somebody on messaging apps: found by a conversation, or by the number that they write from."""

from __future__ import annotations

from typing import Any, Collection, Dict, List

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.privacy.encryption import normal_contact, vault
from bot.storage.models import Conversation, MessagingMessage, MessagingSender

ID_LENGTH = 32
BY_NUMBER = {"sms": "{}", "whatsapp": "whatsapp:{}"}
"""Channels whose id of a person is a telephone number, and how it is written there."""
NOTHING_SAID = dict.fromkeys(("choices_sealed", "address_sealed", "handed_over_at", "handed_over_until"))
"""With nowhere to write, staff cannot have the conversation."""


def conversation_of(channel: str, sender: str) -> str:
    """Returns the id of a person's conversation, which leads nobody back to their number."""
    return f"{channel}-{vault().mark(f'{channel} sender {sender}')[:ID_LENGTH]}"


def marks_of(contact: str) -> List[str]:
    """Returns the marks of the conversations that somebody with this contact has, if it is a number and they have any.

    Raises:
        NotAContact: it is neither a phone number nor an email address.
    """
    number = normal_contact(contact)
    written = {channel: how.format(number) for channel, how in BY_NUMBER.items() if number.startswith("+")}
    return [vault().mark(conversation_of(channel, sender)) for channel, sender in written.items()]


def told(session: Session, marks: Collection[str]) -> List[Dict[str, Any]]:
    """Returns what was written to and by staff in these conversations, in order.

    Raises:
        KeyProblem: it was sealed with a key that is no longer there.
    """
    said = (
        select(MessagingMessage)
        .join(MessagingSender, MessagingSender.id == MessagingMessage.sender_id)
        .where(MessagingSender.mark.in_(marks), MessagingMessage.said_sealed.is_not(None))
        .order_by(MessagingMessage.at, MessagingMessage.id)
    )
    return [
        {"at": f"{row.at.isoformat(timespec='seconds')}Z", "by": row.author, "text": vault().open(row.said_sealed)}
        for row in session.execute(said).scalars()
    ]


def forget(session: Session, marks: Collection[str]) -> int:
    """Forgets what was said in these conversations, and where to write; a message that is being answered still is.

    Returns:
        How many of them there were on messaging apps.
    """
    senders = select(MessagingSender.id).where(MessagingSender.mark.in_(marks))
    as_read = {"synchronize_session": False}
    said = update(MessagingMessage).where(MessagingMessage.sender_id.in_(senders)).values(said_sealed=None)
    session.execute(said, execution_options=as_read)
    session.execute(delete(Conversation).where(Conversation.mark.in_(marks)), execution_options=as_read)
    gone = update(MessagingSender).where(MessagingSender.mark.in_(marks)).values(**NOTHING_SAID)
    return int(session.execute(gone, execution_options=as_read).rowcount)
