"""Lets two transactions that touch the same visitor or enquiry run one after the other, on PostgreSQL and SQLite."""

from __future__ import annotations

from typing import Optional

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from bot.storage.models import Attempt, Enquiry

_BITS = 64


def one_at_a_time(session: Session, *marks: str) -> None:
    """Waits until no other transaction works for one of these marks, and keeps them until this one ends.

    PostgreSQL has advisory locks for it. SQLite has one writer at a time, so a write that changes nothing is enough; it also
    begins the transaction, without which SQLite would take a savepoint for one.
    """
    if session.get_bind().dialect.name != "postgresql":
        _begin_writing(session)
        return
    for mark in sorted(set(marks)):
        number = int(mark[: _BITS // 4], 16) - 2 ** (_BITS - 1)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def hold(session: Session, enquiry_id: int) -> Optional[Enquiry]:
    """Returns an enquiry as it is now, which nobody else changes before this transaction ends; None when it is gone."""
    if session.get_bind().dialect.name != "postgresql":
        _begin_writing(session)
    found: Optional[Enquiry] = session.execute(
        select(Enquiry).where(Enquiry.id == enquiry_id).with_for_update(), execution_options={"populate_existing": True}
    ).scalar_one_or_none()
    return found


def _begin_writing(session: Session) -> None:
    session.execute(
        update(Attempt).where(Attempt.id < 0).values(kind=Attempt.kind), execution_options={"synchronize_session": False}
    )
