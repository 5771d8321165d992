"""The outbox: what is to be sent to whom, one row a message, without its content. A worker takes a row on a lease."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Dict, List, NamedTuple, Optional

from sqlalchemy import and_, or_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.storage.database import transaction
from bot.storage.models import Delivery, Enquiry

STATES = ("pending", "sending", "sent", "dead", "cancelled")
TO_BE_SENT = ("pending", "sending")
REFUSALS = ("stopped", "provider_lapsed", "consent_over")
"""Why a message that was taken is not sent."""
LOOKED_AT = 20
"""Rows that one worker tries to take in one go, when others are faster."""


class Claim(NamedTuple):
    """A message that this worker alone may send while the lease holds."""

    delivery_id: int
    enquiry_id: Optional[int]
    provider_id: Optional[int]
    kind: str
    subject: str
    idempotency_key: str
    attempt: int
    """Counts from 1; an earlier holder of the row has a smaller one, and can no longer write to it."""
    leased_until: datetime
    worker: str
    taken_over: bool
    """The holder before let the lease run out: it was killed, or is very slow."""


def message_key(code: str, kind: str, provider_id: Optional[int], about: str = "") -> str:
    """Returns the key by which a receiver tells a repeat: the same for the same message to the same receiver."""
    parts = "|".join((code, kind, "staff" if provider_id is None else str(provider_id), about))
    return hashlib.sha256(parts.encode()).hexdigest()[:40]


def queue(
    session: Session,
    enquiry: Enquiry,
    kind: str,
    at: datetime,
    provider_id: Optional[int] = None,
    not_before: Optional[datetime] = None,
) -> Delivery:
    """Puts a message into the outbox, once: one that gave up or was stopped is taken up again under the same key.

    Args:
        session: whose transaction it belongs to.
        enquiry: what it is about; already written.
        kind: enquiry, reminder or withdrawn.
        at: the time, in UTC.
        provider_id: the receiver; None for the clinic's staff.
        not_before: when it may be sent; at once by default.
    """
    key = message_key(enquiry.code, kind, provider_id)
    known: Optional[Delivery] = session.execute(select(Delivery).where(Delivery.idempotency_key == key)).scalar_one_or_none()
    if known is not None:
        if known.state in ("dead", "cancelled"):
            known.state, known.next_try_at, known.last_error = "pending", not_before or at, ""
        return known
    return _add(session, kind, key, at, enquiry, provider_id, "", not_before)


def tell_staff(session: Session, subject: str, at: datetime, enquiry: Optional[Enquiry] = None) -> Delivery:
    """Puts a notice to the clinic's staff into the outbox. It names the reference code, and nobody.

    Args:
        session: whose transaction it belongs to.
        subject: what happened: no_provider, gave_up, provider_lapsed, consent_over, not_acknowledged…
        at: the time, in UTC; the same subject at another time is another notice.
        enquiry: what it is about.
    """
    key = message_key(enquiry.code if enquiry else "", "notice", None, f"{subject} {at.isoformat()}")
    return _add(session, "notice", key, at, enquiry, None, subject, None)


def _add(
    session: Session,
    kind: str,
    key: str,
    at: datetime,
    enquiry: Optional[Enquiry],
    provider_id: Optional[int],
    subject: str,
    not_before: Optional[datetime],
) -> Delivery:
    delivery = Delivery(
        enquiry_id=enquiry.id if enquiry else None,
        provider_id=provider_id,
        kind=kind,
        subject=subject,
        idempotency_key=key,
        state="pending",
        attempts=0,
        next_try_at=not_before or at,
        last_error="",
        created_at=at,
    )
    session.add(delivery)
    session.flush()
    return delivery


def claim(engine: Engine, worker: str, at: datetime, lease_seconds: float) -> Optional[Claim]:
    """Takes one message that is due, or whose holder's lease has run out; None when there is none.

    The row is changed only if it still is as it was read, so of two workers one gets it.
    """
    with transaction(engine) as session:
        due = session.execute(
            select(Delivery.id, Delivery.attempts, Delivery.state)
            .where(_due(at))
            .order_by(Delivery.next_try_at, Delivery.id)
            .limit(LOOKED_AT)
        ).all()
        for delivery_id, attempts, state in due:
            if _take(session, delivery_id, attempts, worker, at, lease_seconds):
                return _claimed(session, delivery_id, taken_over=state == "sending")
    return None


def _due(at: datetime) -> object:
    return or_(
        and_(Delivery.state == "pending", Delivery.next_try_at <= at),
        and_(Delivery.state == "sending", Delivery.leased_until <= at),
    )


def _take(session: Session, delivery_id: int, attempts: int, worker: str, at: datetime, lease_seconds: float) -> bool:
    taken = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.attempts == attempts, _due(at))
        .values(
            state="sending", attempts=attempts + 1, leased_by=worker, leased_until=at + timedelta(seconds=lease_seconds)
        ),
        execution_options={"synchronize_session": False},
    )
    return bool(taken.rowcount)


def _claimed(session: Session, delivery_id: int, taken_over: bool) -> Claim:
    row = session.execute(select(Delivery).where(Delivery.id == delivery_id)).scalar_one()
    return Claim(
        row.id,
        row.enquiry_id,
        row.provider_id,
        row.kind,
        row.subject,
        row.idempotency_key,
        row.attempts,
        row.leased_until,
        row.leased_by,
        taken_over,
    )


def is_held(session: Session, claimed: Claim) -> bool:
    """Does the claim still stand? It does not once the message was stopped or somebody else took it over."""
    return session.execute(select(Delivery.id).where(_held(claimed))).first() is not None


def _held(claimed: Claim) -> object:
    return and_(
        Delivery.id == claimed.delivery_id,
        Delivery.state == "sending",
        Delivery.attempts == claimed.attempt,
        Delivery.leased_by == claimed.worker,
    )


def finish(session: Session, claimed: Claim, state: str, error: str = "", at: Optional[datetime] = None) -> bool:
    """Gives a claimed message back in another state, if the claim still stands.

    Args:
        session: whose transaction it belongs to.
        claimed: what is given back.
        state: sent, pending (to be tried again), dead or cancelled.
        error: what kind of thing went wrong; never the text of an error.
        at: for sent, when; for pending, when to try again.

    Returns:
        Whether it stood.
    """
    values: Dict[str, object] = {"state": state, "leased_by": None, "leased_until": None, "last_error": error}
    if at is not None:
        values["sent_at" if state == "sent" else "next_try_at"] = at
    given_back = session.execute(
        update(Delivery).where(_held(claimed)).values(**values), execution_options={"synchronize_session": False}
    )
    return bool(given_back.rowcount)


def stop(session: Session, enquiry: Enquiry) -> Dict[Optional[int], Optional[datetime]]:
    """Cancels what is still to be sent of an enquiry and of its reminders; the caller holds the enquiry.

    Returns:
        The receivers that may have it already (None: the clinic's staff), each with the time until which a sending that had
        begun can still arrive, if there is one.
    """
    rows: List[Delivery] = list(
        session.execute(
            select(Delivery)
            .where(Delivery.enquiry_id == enquiry.id, Delivery.kind.in_(("enquiry", "reminder")))
            .with_for_update(),
            execution_options={"populate_existing": True},
        ).scalars()
    )
    reached = {row.provider_id: row.leased_until for row in rows if row.kind == "enquiry" and _may_have_arrived(row)}
    for row in rows:
        if row.state in TO_BE_SENT:
            row.state, row.leased_by, row.leased_until = "cancelled", None, None
    session.flush()
    return reached


def _may_have_arrived(row: Delivery) -> bool:
    """A try that failed, or that was stopped in the middle, may have arrived; one that was refused beforehand has not."""
    refused = row.state == "cancelled" and row.last_error in REFUSALS
    return bool(row.attempts > (1 if refused else 0))
