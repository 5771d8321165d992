"""What was said in the widget, kept so that a visitor who was cut off gets what they missed, and every message counts once.

Texts are sealed, the last ones of a conversation only are kept, and all of it goes when the session has run out.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Dict, List, Literal, NamedTuple, Optional, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.channels.widget_notes import Note, What, tell
from bot.privacy.encryption import KeyProblem, vault
from bot.privacy.leftovers import erasing
from bot.storage.database import transaction
from bot.storage.models import WidgetConversation, WidgetMessage
from bot.storage.postgresql import is_gone

KEPT = 200
"""Messages of a conversation, of both sides."""
VISITOR, ASSISTANT = "visitor", "assistant"

Entry = Dict[str, Any]
"""A message as the widget gets it: seq, from, id (the visitor's own) or reply_to, and what it says."""


class Taken(NamedTuple):
    """What became of a message that a visitor sent."""

    state: Literal["new", "under_way", "answered", "ended"]
    """new: it is the caller's to answer; under_way: somebody is answering it; ended: the conversation was deleted."""
    seq: int = 0
    """Its place in the conversation."""


class WidgetLog:
    """The messages of all widget conversations; every method is one transaction, and waits for the database."""

    def __init__(self, engine: Engine, lease_seconds: float, replica: Optional[int] = None) -> None:
        """Sets whose log it is.

        Args:
            engine: of the database.
            lease_seconds: after which a message that its process has not answered may be taken by another in any case.
            replica: number of this process where others share the database: they are told what happens, and may take a
                message at once when its process has ended. None where it is alone.
        """
        self._engine = engine
        self._lease = timedelta(seconds=lease_seconds)
        self._replica = replica

    def take(
        self, conversation: str, message_id: str, content: Entry, at: datetime, is_idle: bool = False
    ) -> Taken:
        """Keeps a message of a visitor; the same one again is known by its id.

        Args:
            conversation: id that the session vouches for.
            message_id: that the widget gave it.
            content: what it says: text and, of a button, payload.
            at: the time, in UTC.
            is_idle: this process knows that it is not answering the message. Where it has claimed it all the same, that was
                a try that the database did, and could not tell.

        Raises:
            SQLAlchemyError: the database failed; the message may be kept or not, and can be taken again.
        """
        try:
            return self._take(conversation, message_id, content, at, is_idle)
        except IntegrityError:  # another process has just begun the same conversation
            return self._take(conversation, message_id, content, at, is_idle)

    def _take(self, conversation: str, message_id: str, content: Entry, at: datetime, is_idle: bool) -> Taken:
        with transaction(self._engine) as session:
            row = self._held(session, conversation, at)
            if row.ended_at is not None:
                return Taken("ended")
            same = [WidgetMessage.conversation_id == row.id, WidgetMessage.message_id == message_id]
            known = session.execute(select(WidgetMessage).where(*same)).scalar_one_or_none()
            if known is None:
                message = self._add(session, row, VISITOR, content, at, message_id=message_id)
                self._claim(session, row, message, at)
                return Taken("new", message.seq)
            if known.answered_at is not None:
                return Taken("answered", known.seq)
            is_left = is_idle and known.claimed_by == self._replica
            if not is_left and self._is_claimed(session, known, at):
                return Taken("under_way", known.seq)
            self._claim(session, row, known, at)
            return Taken("new", known.seq)

    def answer(self, conversation: str, message_id: str, replies: Sequence[Entry], at: datetime) -> List[Entry]:
        """Keeps the replies to a message, which is answered then, and returns them as the widget gets them.

        When another process has answered it, because this one seemed to have ended, that answer stands and is returned.

        Raises:
            SQLAlchemyError: the database failed; they may be kept or not, and the same again is kept once.
        """
        with transaction(self._engine) as session:
            row = self._held(session, conversation, at)
            same = [WidgetMessage.conversation_id == row.id, WidgetMessage.message_id == message_id]
            asked = session.execute(select(WidgetMessage).where(*same)).scalar_one_or_none()
            if row.ended_at is not None:
                return []
            if asked is not None:  # it may have been erased while it was answered
                if asked.answered_at is not None:
                    return self._replies_to(session, row, message_id)
                asked.answered_at, asked.claimed_until, asked.claimed_by = at, None, None
            first = row.last_seq + 1
            made = [self._add(session, row, ASSISTANT, reply, at, reply_to=message_id) for reply in replies]
            self._note(session, "answered", row.mark, first, message_id)
            old = [WidgetMessage.conversation_id == row.id, WidgetMessage.seq <= row.last_seq - KEPT]
            session.execute(delete(WidgetMessage).where(*old), execution_options={"synchronize_session": False})
            return [_entry(message) for message in made]

    def after(self, conversation: str, seq: int) -> List[Entry]:
        """Returns the messages of a conversation that come after a place, in order."""
        with transaction(self._engine) as session:
            rows = session.execute(
                _of(conversation).where(WidgetMessage.seq > seq).order_by(WidgetMessage.seq)
            ).scalars()
            return [entry for entry in map(_readable, rows) if entry]

    def last(self, conversation: str) -> int:
        """Returns the place of the last message of a conversation; 0 when there is none."""
        with transaction(self._engine) as session:
            found = select(WidgetConversation.last_seq).where(WidgetConversation.mark == vault().mark(conversation))
            return int(session.execute(found).scalar_one_or_none() or 0)

    def unanswered(self, conversation: str, at: datetime) -> List[Entry]:
        """Returns the visitor's messages that nobody is answering, in order: their process ended before it could."""
        with transaction(self._engine) as session:
            rows = session.execute(
                _of(conversation)
                .where(WidgetMessage.author == VISITOR, WidgetMessage.answered_at.is_(None))
                .order_by(WidgetMessage.seq)
            ).scalars()
            free = [row for row in rows if not self._is_claimed(session, row, at)]
            return [entry for entry in map(_readable, free) if entry]

    def left(self) -> List[str]:
        """Returns the marks of the conversations in which a replica that has ended was answering."""
        with transaction(self._engine) as session:
            claimed = (
                select(WidgetConversation.mark, WidgetMessage.claimed_by)
                .join(WidgetMessage, WidgetMessage.conversation_id == WidgetConversation.id)
                .where(WidgetMessage.claimed_by.is_not(None), WidgetMessage.claimed_by != self._replica)
                .distinct()
            )
            rows = session.execute(claimed).all()
            gone = {replica for replica in {row.claimed_by for row in rows} if is_gone(session, replica)}
            return [row.mark for row in rows if row.claimed_by in gone]

    def seen(self, conversation: str) -> int:
        """Returns the place up to which the visitor has seen what was said."""
        with transaction(self._engine) as session:
            found = session.execute(
                select(WidgetConversation.seen_seq).where(WidgetConversation.mark == vault().mark(conversation))
            ).scalar_one_or_none()
            return int(found or 0)

    def see(self, conversation: str, seq: int) -> None:
        """Notes up to where the visitor has seen what was said; it never goes back, and never past the end."""
        with transaction(self._engine) as session:
            session.execute(
                update(WidgetConversation)
                .where(
                    WidgetConversation.mark == vault().mark(conversation),
                    WidgetConversation.seen_seq < seq,
                    WidgetConversation.last_seq >= seq,
                )
                .values(seen_seq=seq),
                execution_options={"synchronize_session": False},
            )
            self._note(session, "seen", vault().mark(conversation), seq)

    def is_ended(self, conversation: str) -> bool:
        """Has the visitor deleted this conversation?"""
        with transaction(self._engine) as session:
            ended = select(WidgetConversation.ended_at).where(WidgetConversation.mark == vault().mark(conversation))
            return session.execute(ended).scalar_one_or_none() is not None

    def come_back(self, conversation: str, at: datetime) -> bool:
        """Notes that the visitor is back: what was said is kept as long as their session. False when they deleted it."""
        with transaction(self._engine) as session:
            session.execute(
                update(WidgetConversation)
                .where(WidgetConversation.mark == vault().mark(conversation), WidgetConversation.ended_at.is_(None))
                .values(used_at=at),
                execution_options={"synchronize_session": False},
            )
        return not self.is_ended(conversation)

    def erase(self, conversation: str, at: datetime) -> None:
        """Deletes what was said, for good, and remembers until the session has run out that it must not go on."""
        with erasing(self._engine) as session:
            row = self._held(session, conversation, at)
            session.execute(
                delete(WidgetMessage).where(WidgetMessage.conversation_id == row.id),
                execution_options={"synchronize_session": False},
            )
            row.ended_at = at
            self._note(session, "erased", row.mark)

    def free(self, conversation: Optional[str] = None, message_id: Optional[str] = None) -> None:
        """Lets go of a message that could not be answered; of all, where an earlier process left them and no other runs."""
        which = [WidgetMessage.answered_at.is_(None)]
        if conversation is not None:
            of_it = select(WidgetConversation.id).where(WidgetConversation.mark == vault().mark(conversation))
            which += [WidgetMessage.conversation_id.in_(of_it), WidgetMessage.message_id == message_id]
        with transaction(self._engine) as session:
            session.execute(
                update(WidgetMessage).where(*which).values(claimed_until=None, claimed_by=None),
                execution_options={"synchronize_session": False},
            )

    def _held(self, session: Session, conversation: str, at: datetime) -> WidgetConversation:
        """Returns the conversation's row, made if need be and held until the end of the transaction.

        Writing first takes the lock: of two messages at once the second waits here.
        """
        mark = vault().mark(conversation)
        found = session.execute(
            update(WidgetConversation).where(WidgetConversation.mark == mark).values(used_at=at),
            execution_options={"synchronize_session": False},
        )
        if not found.rowcount:
            session.add(WidgetConversation(mark=mark, used_at=at, last_seq=0, seen_seq=0))
            session.flush()
        return session.execute(select(WidgetConversation).where(WidgetConversation.mark == mark)).scalar_one()

    def _claim(self, session: Session, row: WidgetConversation, message: WidgetMessage, at: datetime) -> None:
        message.claimed_until, message.claimed_by = at + self._lease, self._replica
        self._note(session, "taken", row.mark, message.seq)

    def _is_claimed(self, session: Session, message: WidgetMessage, at: datetime) -> bool:
        if message.claimed_until is None or message.claimed_until <= at:
            return False
        return message.claimed_by in (None, self._replica) or not is_gone(session, message.claimed_by)

    def _note(self, session: Session, what: What, mark: str, seq: int = 0, message: str = "") -> None:
        if self._replica is not None:
            tell(session, Note(what, mark, self._replica, seq, message))

    def _replies_to(self, session: Session, row: WidgetConversation, message_id: str) -> List[Entry]:
        replies = [WidgetMessage.conversation_id == row.id, WidgetMessage.reply_to == message_id]
        rows = session.execute(select(WidgetMessage).where(*replies).order_by(WidgetMessage.seq)).scalars()
        return [entry for entry in map(_readable, rows) if entry]

    def _add(self, session: Session, row: WidgetConversation, author: str, content: Entry, at: datetime, **more: Any) -> Any:
        row.last_seq += 1
        sealed = vault().seal(json.dumps(content))
        message = WidgetMessage(
            conversation_id=row.id, seq=row.last_seq, author=author, content_sealed=sealed, at=at, **more
        )
        session.add(message)
        session.flush()
        return message


def shown(entry: Entry) -> Entry:
    """Returns a message as windows may see it."""
    return {name: value for name, value in entry.items() if name != "payload"}


def _of(conversation: str) -> Any:
    return (
        select(WidgetMessage)
        .join(WidgetConversation, WidgetConversation.id == WidgetMessage.conversation_id)
        .where(WidgetConversation.mark == vault().mark(conversation), WidgetConversation.ended_at.is_(None))
    )


def _readable(message: WidgetMessage) -> Optional[Entry]:
    """A message that no key opens any more is left out rather than keeping the visitor from all others."""
    try:
        return _entry(message)
    except KeyProblem:
        return None


def _entry(message: WidgetMessage) -> Entry:
    content: Entry = json.loads(vault().open(message.content_sealed))
    if message.author == VISITOR:
        return {"seq": message.seq, "from": VISITOR, "id": message.message_id, **content}
    return {"seq": message.seq, "from": ASSISTANT, "id": f"a{message.seq}", "reply_to": message.reply_to, **content}
