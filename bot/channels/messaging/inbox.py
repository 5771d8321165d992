"""Messages from messaging apps in the database: kept before they are acknowledged, and answered once and in order.

Whoever answers holds the sender, not the message, so that two processes never work on one conversation. A process that has
ended lets go when its lease runs out.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Collection, Dict, List, NamedTuple, Optional, Sequence

import structlog
from sqlalchemy import case, func, null, or_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.channels.messaging.choices import Choice
from bot.channels.messaging.service import Content, Inbound, Reply
from bot.channels.messaging.with_staff import is_handed_over, quiet_until, tell_staff_of
from bot.privacy.app_messages import conversation_of
from bot.privacy.encryption import KeyProblem, vault
from bot.storage.database import transaction
from bot.storage.models import MessagingMessage, MessagingSender

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
"""After which a process that did not say that it goes on has ended."""
MOST_OPEN = 20
"""Messages of one sender that may wait for an answer."""
AS_READ = {"synchronize_session": False}


class TooManyOpen(Exception):
    """A sender's messages come faster than they can be answered."""


class Work(NamedTuple):
    """A message that has to be answered, by whoever got this."""

    id: int
    sender: int
    conversation: str
    channel: str
    to: str
    content: Content
    replies: Optional[List[Reply]]
    """The answer, when it was given and not all of it sent."""
    sent: int
    """How many messages of it were sent."""
    tries: int
    """How often somebody began with it, this time included."""
    stopped: bool
    """The sender does not want to be written to."""
    choices: List[Choice]
    """What a bare number means to them."""
    handed_over: bool = False
    """Staff had the conversation when it came."""


class Change(NamedTuple):
    """What an answer changes for the sender."""

    choices: Optional[Sequence[Choice]] = None
    """What a number means from now on; None leaves what was offered before."""
    stopped: Optional[bool] = None
    """They asked not to be written to, or to be again; None leaves it."""
    handed_over: Optional[bool] = None
    """Staff have the conversation from now on, or the assistant; None leaves it."""
    for_staff: Optional[str] = None
    """What they said, where staff are to read it."""


class Inbox:
    """The messages of all messaging apps; every method is one transaction, and waits for the database."""

    def __init__(self, engine: Engine, process: int) -> None:
        """Takes the database and the number of this process."""
        self._engine = engine
        self._process = process

    def keep(self, inbound: Sequence[Inbound], at: datetime) -> List[int]:
        """Keeps the messages of a request, all or none, and returns their senders; those that are known already are left.

        Raises:
            TooManyOpen: too many messages of a sender wait; nothing was kept.
            SQLAlchemyError: the database failed; nothing was kept.
        """
        try:
            return self._keep(inbound, at)
        except IntegrityError:  # another process has just kept the same, or begun the same conversation
            return self._keep(inbound, at)

    def _keep(self, inbound: Sequence[Inbound], at: datetime) -> List[int]:
        senders = []
        with transaction(self._engine) as session:
            for message in inbound:
                sender = _sender(session, message, at)
                senders.append(sender)
                mark = vault().mark(f"{message.channel} message {message.message}")
                if session.execute(select(MessagingMessage.id).where(MessagingMessage.mark == mark)).first():
                    continue
                if _open_messages(session, sender) >= MOST_OPEN:
                    raise TooManyOpen
                session.add(_row(message, sender, mark, at))
                session.flush()
        return list(dict.fromkeys(senders))

    def next(self, sender: int, at: datetime) -> Optional[Work]:
        """Takes the next message of a sender, and holds the sender; lets go of them and returns None when there is none.

        Raises:
            SQLAlchemyError: the database failed.
        """
        with transaction(self._engine) as session:
            if not self._hold(session, sender, at):
                return None
            held = session.execute(select(MessagingSender).where(MessagingSender.id == sender)).scalar_one()
            waiting = (
                select(MessagingMessage)
                .where(MessagingMessage.sender_id == sender, MessagingMessage.finished_at.is_(None))
                .order_by(MessagingMessage.place, MessagingMessage.id)
            )
            message = session.execute(waiting.limit(1)).scalar_one_or_none()
            if message is None:
                held.claimed_until = held.claimed_by = None
                return None
            message.tries += 1
            try:
                return _work(message, held)
            except KeyProblem:
                log.error("messaging.not_opened")
                message.finished_at, message.outcome = at, "not_opened"
        return self.next(sender, at)

    def answer(self, work: Work, replies: Sequence[Reply], change: Change, at: datetime) -> List[Reply]:
        """Keeps the answer to a message and what it changes for the sender; returns the answer that stands."""
        with transaction(self._engine) as session:
            kept = session.execute(
                update(MessagingMessage)
                .where(MessagingMessage.id == work.id, MessagingMessage.replies_sealed.is_(None))
                .values(replies_sealed=_sealed(list(replies)), **_said(change)),
                execution_options=AS_READ,
            )
            if not kept.rowcount:  # another process held the sender meanwhile
                stands = select(MessagingMessage.replies_sealed).where(MessagingMessage.id == work.id)
                sealed = session.execute(stands).scalar_one_or_none()
                return list(_opened(sealed)) if sealed else []
            _change(session, work, change, at)
            tell_staff_of(session, work.id, work.sender, bool(change.handed_over), at)
        return list(replies)

    def note_sent(self, work: Work, sent: int) -> None:
        """Notes how many messages of an answer are sent, so that they are not sent again."""
        with transaction(self._engine) as session:
            session.execute(
                update(MessagingMessage).where(MessagingMessage.id == work.id).values(sent=sent), execution_options=AS_READ
            )

    def finish(self, work: Work, outcome: str, at: datetime) -> None:
        """Notes that a message is done with, and forgets it, but for what staff are to read."""
        with transaction(self._engine) as session:
            session.execute(
                update(MessagingMessage)
                .where(MessagingMessage.id == work.id)
                .values(finished_at=at, outcome=outcome, content_sealed=None, replies_sealed=None),
                execution_options=AS_READ,
            )

    def go_on(self, senders: Collection[int], at: datetime) -> None:
        """Holds these senders for another while."""
        with transaction(self._engine) as session:
            session.execute(
                update(MessagingSender)
                .where(MessagingSender.id.in_(senders), MessagingSender.claimed_by == self._process)
                .values(claimed_until=at + LEASE),
                execution_options=AS_READ,
            )

    def left(self, at: datetime, most: int) -> List[int]:
        """Returns senders whose messages nobody answers, or only this process; those first who wait longest."""
        with transaction(self._engine) as session:
            rows = session.execute(
                select(MessagingSender.id)
                .join(MessagingMessage, MessagingMessage.sender_id == MessagingSender.id)
                .where(MessagingMessage.finished_at.is_(None), *self._free(at))
                .group_by(MessagingSender.id)
                .order_by(func.min(MessagingMessage.at))
                .limit(most)
            )
            return [row.id for row in rows]

    def let_go(self, everybody: bool = False) -> None:
        """Lets go of the senders of this process; of all, where no other process can be answering them."""
        which = [] if everybody else [MessagingSender.claimed_by == self._process]
        with transaction(self._engine) as session:
            session.execute(
                update(MessagingSender).where(*which).values(claimed_until=None, claimed_by=None), execution_options=AS_READ
            )

    def _hold(self, session: Session, sender: int, at: datetime) -> bool:
        """Writing first takes the lock: a message that is kept at the same time is seen, or its process takes over."""
        held = session.execute(
            update(MessagingSender)
            .where(MessagingSender.id == sender, *self._free(at))
            .values(claimed_until=at + LEASE, claimed_by=self._process),
            execution_options=AS_READ,
        )
        return bool(held.rowcount)

    def _free(self, at: datetime) -> List[Any]:
        claim = MessagingSender.claimed_until
        return [or_(claim.is_(None), claim < at, MessagingSender.claimed_by == self._process)]


def _sender(session: Session, message: Inbound, at: datetime) -> int:
    mark = vault().mark(conversation_of(message.channel, message.sender))
    address = _sealed(_address(message))
    unless_stopped = case((MessagingSender.stopped_at.is_(None), address), else_=null())
    found = session.execute(
        update(MessagingSender).where(MessagingSender.mark == mark).values(used_at=at, address_sealed=unless_stopped),
        execution_options=AS_READ,
    )
    if not found.rowcount:
        session.add(MessagingSender(mark=mark, used_at=at, address_sealed=address))
        session.flush()
    return int(session.execute(select(MessagingSender.id).where(MessagingSender.mark == mark)).scalar_one())


def _open_messages(session: Session, sender: int) -> int:
    waiting = [MessagingMessage.sender_id == sender, MessagingMessage.finished_at.is_(None)]
    return int(session.execute(select(func.count()).select_from(MessagingMessage).where(*waiting)).scalar_one())


def _change(session: Session, work: Work, change: Change, at: datetime) -> None:
    values: Dict[str, Any] = {}
    if change.choices is not None:
        offered = [list(choice) for choice in change.choices]
        values["choices_sealed"] = _sealed(offered) if offered else None
    if change.stopped is not None:
        values["stopped_at"] = at if change.stopped else None
        values["address_sealed"] = None if change.stopped else _sealed(_address_of(work))
    handed_over = False if change.stopped else change.handed_over
    if handed_over is not None:
        values["handed_over_at"] = at if handed_over else None
        values["handed_over_until"] = quiet_until(at) if handed_over else None
    this = update(MessagingSender).where(MessagingSender.id == work.sender)
    if values:
        session.execute(this.values(**values), execution_options=AS_READ)
    if change.for_staff is not None:
        has_staff = MessagingSender.handed_over_at.is_not(None)  # they may have released it meanwhile
        session.execute(this.where(has_staff).values(handed_over_until=quiet_until(at)), execution_options=AS_READ)


def _said(change: Change) -> Dict[str, Any]:
    return {} if change.for_staff is None else {"said_sealed": vault().seal(change.for_staff)}


def _row(message: Inbound, sender: int, mark: str, at: datetime) -> MessagingMessage:
    content = {**_address(message), "content": message.content}
    return MessagingMessage(sender_id=sender, mark=mark, place=message.place, at=at, content_sealed=_sealed(content))


def _address(message: Inbound) -> Dict[str, str]:
    """Returns where to write to somebody: what `Work` and their row hold alike."""
    conversation = conversation_of(message.channel, message.sender)
    return {"channel": message.channel, "conversation": conversation, "to": message.to}


def _address_of(work: Work) -> Dict[str, str]:
    return {"channel": work.channel, "conversation": work.conversation, "to": work.to}


def _work(message: MessagingMessage, held: MessagingSender) -> Work:
    kept: Dict[str, Any] = _opened(message.content_sealed)
    return Work(
        id=message.id,
        sender=message.sender_id,
        replies=_opened(message.replies_sealed) if message.replies_sealed else None,
        sent=message.sent,
        tries=message.tries,
        stopped=held.stopped_at is not None,
        choices=[Choice(*choice) for choice in _choices(held)],
        handed_over=is_handed_over(held, message.at),
        **kept,
    )


def _choices(held: MessagingSender) -> List[Any]:
    """Those that no key opens any more are forgotten: the person can say it in words."""
    try:
        return list(_opened(held.choices_sealed)) if held.choices_sealed else []
    except KeyProblem:
        return []


def _sealed(content: Any) -> str:
    return vault().seal(json.dumps(content))


def _opened(sealed: str) -> Any:
    return json.loads(vault().open(sealed))
