"""What staff do with a conversation on a messaging app: read, take over, write, and give it back to the assistant.

What they write is left in the database, and the server sends it: it has the tokens, and the patience.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime
from typing import Dict, List, NamedTuple, Optional

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.channels.messaging.with_staff import BY_STAFF, RESPONSE, call_back, is_handed_over, quiet_until, unread
from bot.errors import AssistantError
from bot.privacy.audit import record
from bot.privacy.encryption import KeyProblem, vault
from bot.storage.models import MessagingMessage, MessagingSender
from bot.storage.unread import UNREAD

REFERENCE_LENGTH = 10
_REFERENCE = re.compile(rf"[0-9a-f]{{{REFERENCE_LENGTH}}}")
LONGEST = 1500
"""Characters of what staff write at once."""
MOST_LISTED = 100
FATES = {
    "": "waits to be sent",
    "sent": "sent",
    "silent": "not sent: stopped by STOP",
    "unwanted": "not sent: stopped by STOP",
}

KEPT_ONLY = ("", "silent")
"""Outcomes of a person's message to which nothing was to be said."""


class HandoverError(AssistantError):
    """Something cannot be done with a conversation; the message says why, and what can be."""


class Conversation(NamedTuple):
    """What staff see of a conversation in the list; nobody can be found by it."""

    reference: str
    channel: str
    used_at: datetime
    handed_over_at: Optional[datetime]
    """Since when staff have it; None when the assistant has."""
    unread: int
    code: str
    """Of the last request for a call back from there; empty when there is none."""


class Said(NamedTuple):
    """One message that staff can read."""

    at: datetime
    author: str
    text: str
    fate: str
    """What became of one of theirs; of a person's, whether it was an emergency."""


def conversations(session: Session, at: datetime, every: bool) -> List[Conversation]:
    """Returns the conversations that staff have or have not read, the oldest first.

    Args:
        session: whose transaction it belongs to.
        at: the time, in UTC.
        every: all that were used lately, and can be taken over.
    """
    used = select(MessagingSender).order_by(MessagingSender.used_at.desc()).limit(MOST_LISTED)
    if not every:
        has_unread = select(MessagingMessage.sender_id).where(*UNREAD)
        used = used.where(or_(MessagingSender.handed_over_until > at, MessagingSender.id.in_(has_unread)))
    found = list(session.execute(used).scalars())
    return [_listed(session, sender, at) for sender in reversed(found)]


def read(session: Session, reference: str, at: datetime, actor: str) -> List[Said]:
    """Returns what both sides said while staff had a conversation, and notes that it was read.

    Raises:
        HandoverError: there is no such conversation.
        KeyProblem: it was sealed with a key that is no longer there.
    """
    sender = _find(session, reference)
    record(session, actor, "messages_read", _subject(sender), at=at)
    kept = select(MessagingMessage).where(MessagingMessage.sender_id == sender.id, MessagingMessage.said_sealed.is_not(None))
    messages = list(session.execute(kept.order_by(MessagingMessage.at, MessagingMessage.id)).scalars())
    for message in messages:
        if message.author == "visitor":
            message.read_at = message.read_at or at
    return [_said(message) for message in messages]


def take(session: Session, reference: str, at: datetime, actor: str) -> None:
    """Takes a conversation over from the assistant, and tells the person so.

    Raises:
        HandoverError: there is no such conversation, staff have it, or nobody can write there.
    """
    sender = _find(session, reference)
    if is_handed_over(sender, at):
        raise HandoverError("Staff have this conversation already.")
    _take(session, sender, at, actor)


def say(session: Session, reference: str, text: str, at: datetime, actor: str) -> None:
    """Writes to the person; a conversation that staff do not have is taken over first.

    Args:
        session: whose transaction it belongs to; once that is committed, the server sends it.
        reference: of the conversation.
        text: what is sent.
        at: the time, in UTC.
        actor: who writes, for the audit trail.

    Raises:
        HandoverError: there is no such conversation, nobody can write there, or the text is empty or too long.
    """
    sender, words = _find(session, reference), text.strip()
    if not words or len(words) > LONGEST:
        raise HandoverError(f"Write 1 to {LONGEST} characters; this has {len(words)}. Nothing was sent.")
    if not is_handed_over(sender, at):
        _take(session, sender, at, actor)
    sender.handed_over_until = quiet_until(at)
    _leave(session, sender, {BY_STAFF: words}, at, words)
    record(session, actor, "wrote_to_person", _subject(sender), f"{len(words)} characters", at)


def release(session: Session, reference: str, at: datetime, actor: str) -> None:
    """Gives a conversation back to the assistant, which tells the person that it answers again.

    Raises:
        HandoverError: there is no such conversation, or the assistant has it.
    """
    sender = _find(session, reference)
    if not is_handed_over(sender, at):
        raise HandoverError("The assistant has this conversation already.")
    sender.handed_over_at = sender.handed_over_until = None
    if _address(sender) is not None:
        _leave(session, sender, {RESPONSE: "utter_assistant_back"}, at)
    record(session, actor, "handed_back", _subject(sender), at=at)


def _take(session: Session, sender: MessagingSender, at: datetime, actor: str) -> None:
    _leave(session, sender, {RESPONSE: "utter_taken_over"}, at)
    sender.handed_over_at, sender.handed_over_until = at, quiet_until(at)
    record(session, actor, "taken_over", _subject(sender), at=at)


def _leave(
    session: Session, sender: MessagingSender, content: Dict[str, str], at: datetime, words: Optional[str] = None
) -> None:
    """Leaves a message for the server to send: it stands in the row of those that wait, in order."""
    address = _address(sender)
    if address is None:
        raise HandoverError(
            "They have sent STOP and want no messages; only they can take that back, with START. Nothing was sent."
            if sender.stopped_at
            else "Where to write to them is not known any more; it is when they write again. Nothing was sent."
        )
    sender.used_at = at
    session.add(
        MessagingMessage(
            sender_id=sender.id,
            mark=vault().mark(f"staff message {secrets.token_hex(16)}"),
            author="staff",
            at=at,
            content_sealed=vault().seal(json.dumps({**address, "content": content})),
            said_sealed=vault().seal(words) if words else None,
        )
    )
    session.flush()


def _find(session: Session, reference: str) -> MessagingSender:
    """Returns a conversation that nobody else changes before this transaction ends."""
    typed = reference.strip().lower()
    wanted = select(MessagingSender).where(MessagingSender.mark.startswith(typed)).with_for_update()
    found = session.execute(wanted).scalars().all() if _REFERENCE.fullmatch(typed) else []
    if len(found) != 1:
        raise HandoverError("There is no conversation of that reference; `python -m bot handover list --all` names them.")
    return found[0]


def _address(sender: MessagingSender) -> Optional[Dict[str, str]]:
    if sender.address_sealed is None:
        return None
    address: Dict[str, str] = json.loads(vault().open(sender.address_sealed))
    return address


def _listed(session: Session, sender: MessagingSender, at: datetime) -> Conversation:
    asked = call_back(session, sender.id)
    return Conversation(
        reference=sender.mark[:REFERENCE_LENGTH],
        channel=_channel(sender),
        used_at=sender.used_at,
        handed_over_at=sender.handed_over_at if is_handed_over(sender, at) else None,
        unread=unread(session, sender.id),
        code=asked.code if asked else "",
    )


def _channel(sender: MessagingSender) -> str:
    try:
        address = _address(sender)
    except KeyProblem:  # one row must not hide the others; whoever writes there is told
        return "unknown"
    return address["channel"] if address else "unknown"


def _said(message: MessagingMessage) -> Said:
    return Said(message.at, message.author, vault().open(message.said_sealed), _fate(message))


def _fate(message: MessagingMessage) -> str:
    fate = FATES.get(message.outcome, f"not sent: {message.outcome}")
    if message.author == "staff":
        return fate
    return "" if message.outcome in KEPT_ONLY else f"read as an emergency, script {fate}"


def _subject(sender: MessagingSender) -> str:
    return f"conversation {sender.mark[:REFERENCE_LENGTH]}"
