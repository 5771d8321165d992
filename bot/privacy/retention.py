"""Deletes by age: what came to nothing, and the details of what did not. How long and why: docs/privacy.md."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, List, NamedTuple

from sqlalchemy import and_, delete, not_, or_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.handoff.one_at_a_time import hold
from bot.handoff.outbox import stop
from bot.handoff.states import change
from bot.privacy.audit import record
from bot.privacy.holdings import forget_details
from bot.privacy.kept_mail import delete_mails_before, delete_mails_of
from bot.privacy.leftovers import erasing
from bot.settings import Settings
from bot.storage.database import transaction
from bot.storage.models import (
    Attempt,
    Conversation,
    Delivery,
    Enquiry,
    KeptAnswer,
    MessagingMessage,
    MessagingSender,
    WidgetConversation,
)
from bot.storage.unread import UNREAD

ATTEMPTS_KEPT = timedelta(days=1)
_DONE = ("sent", "dead", "cancelled")
_WITHOUT_DETAILS = ("expired", "erased")


class Expired(NamedTuple):
    """What was deleted, in numbers."""

    enquiries: int
    """That reached nobody: whole, with their consents and messages."""
    details: int
    """Enquiries that reached somebody: who sent them is forgotten."""
    messages: int
    """Of the outbox, done with."""
    attempts: int
    conversations: int
    """That the server, which deletes them an hour after the last message, has left."""
    widget: int
    """Conversations in the website's widget, whose session has run out."""
    messaging: int
    """People who wrote by a messaging app, as long ago, and do not wait for staff; who has sent STOP is remembered."""
    mails: int
    """Files in the mail folder."""


def expire(engine: Engine, at: datetime, options: Settings, actor: str) -> Expired:
    """Deletes what is older than the settings allow. Several at once, or one that was stopped, do no harm.

    Args:
        engine: of the database.
        at: the time, in UTC.
        options: `enquiry_days`, and the folder that mail is written to.
        actor: for the audit trail: WORKER, or `staff()`.

    Raises:
        OSError: a file in the mail folder cannot be deleted.
    """
    before = at - timedelta(days=options.enquiry_days)
    nothing = details = 0
    for enquiry_id in _older(engine, before):
        with erasing(engine) as session:
            enquiry = hold(session, enquiry_id)
            if enquiry is None or _is_being_sent(session, enquiry, at):
                continue
            if _came_to_nothing(session, enquiry):
                _delete(session, Enquiry.id == enquiry.id, table=Enquiry)
                nothing += 1
            elif enquiry.changed_at < before:
                _forget(session, enquiry, at, options.mail)
                details += 1
    with erasing(engine) as session:
        messages = _delete(session, *_finished(before), table=Delivery)
        attempts = _delete(session, Attempt.at < at - ATTEMPTS_KEPT, table=Attempt)
        session_over = at - timedelta(hours=options.widget_hours)
        widget = _delete(session, WidgetConversation.used_at < session_over, table=WidgetConversation)
        too_old = at - timedelta(days=options.conversation_days)
        _delete(session, KeptAnswer.at < session_over, table=KeptAnswer)
        messaging = _delete_messaging(session, session_over, too_old, at)
        conversations = _delete(session, Conversation.used_at < too_old, table=Conversation)
        mails = delete_mails_before(options.mail, before)
        done = Expired(nothing, details, messages, attempts, conversations, widget, messaging, mails)
        record(
            session, actor, "expired", detail=", ".join(f"{name} {number}" for name, number in done._asdict().items()), at=at
        )
    return done


def _delete_messaging(session: Session, before: datetime, unread_before: datetime, at: datetime) -> int:
    """Deletes who has not written lately, but for those whom staff have not read or are answering."""
    wait = and_(*UNREAD, MessagingMessage.at >= unread_before)
    done = [MessagingMessage.at < before, MessagingMessage.finished_at.is_not(None)]
    _delete(session, *done, not_(wait), table=MessagingMessage)
    with_staff = and_(MessagingSender.handed_over_until.is_not(None), MessagingSender.handed_over_until > at)
    waiting = select(MessagingMessage.sender_id).where(wait)
    idle = [MessagingSender.used_at < before, not_(with_staff), MessagingSender.id.not_in(waiting)]
    session.execute(
        update(MessagingSender).where(*idle).values(choices_sealed=None), execution_options={"synchronize_session": False}
    )
    return _delete(session, *idle, MessagingSender.stopped_at.is_(None), table=MessagingSender)


def _older(engine: Engine, before: datetime) -> List[int]:
    """Returns the enquiries that were made before a time and still tell whose they are."""
    with transaction(engine) as session:
        wanted = select(Enquiry.id).where(Enquiry.created_at < before, Enquiry.conversation_mark != "")
        return list(session.execute(wanted.order_by(Enquiry.id)).scalars())


def _is_being_sent(session: Session, enquiry: Enquiry, at: datetime) -> bool:
    """Is a worker at it now? Until this transaction ends, none begins: it would have to change a row that is held here."""
    rows = session.execute(
        select(Delivery.state, Delivery.leased_until).where(Delivery.enquiry_id == enquiry.id).with_for_update()
    ).all()
    return any(row.state == "sending" and row.leased_until is not None and row.leased_until > at for row in rows)


def _came_to_nothing(session: Session, enquiry: Enquiry) -> bool:
    """Did an enquiry surely reach nobody? A try that failed may have arrived, when only its answer was lost."""
    tried = select(Delivery.id).where(Delivery.enquiry_id == enquiry.id, Delivery.kind == "enquiry", Delivery.attempts > 0)
    return not (enquiry.delivered_at or enquiry.acknowledged_at or session.execute(tried).first())


def _forget(session: Session, enquiry: Enquiry, at: datetime, mail: Path) -> None:
    stop(session, enquiry)
    delete_mails_of(session, enquiry, mail)
    if enquiry.state not in _WITHOUT_DETAILS:
        change(session, enquiry, "expired", at)
    forget_details(enquiry)


def _finished(before: datetime) -> List[Any]:
    """Messages that nobody needs: who was reached must be known as long as an erasure would have to tell them."""
    forgotten = select(Enquiry.id).where(Enquiry.state.in_(_WITHOUT_DETAILS))
    nobody_s = or_(Delivery.enquiry_id.is_(None), Delivery.enquiry_id.in_(forgotten))
    return [Delivery.state.in_(_DONE), Delivery.created_at < before, nobody_s]


def _delete(session: Session, *which: Any, table: Any) -> int:
    return int(session.execute(delete(table).where(*which), execution_options={"synchronize_session": False}).rowcount)
