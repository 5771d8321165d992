"""How many enquiries and tries at a code one conversation or contact may make in an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import AssistantError
from bot.storage.models import Attempt

HOUR = timedelta(hours=1)


class TooMany(AssistantError):
    """More enquiries, or tries at a code, than a visitor may make in an hour; says nothing about what was tried."""


def check_limit(session: Session, kind: str, most: int, at: datetime, *marks: str) -> None:
    """Refuses when one of the marks has as many attempts of a kind in the last hour as are allowed.

    Raises:
        TooMany: it has.
    """
    made = session.execute(
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.mark.in_(marks), Attempt.kind == kind, Attempt.at > at - HOUR)
        .group_by(Attempt.mark)
    ).scalars()
    if max(made, default=0) >= most:
        raise TooMany("That was tried too often; please try again in about an hour.")


def count_attempt(session: Session, kind: str, at: datetime, *marks: str) -> None:
    """Counts an attempt (kind enquiry, code or contact) for each mark."""
    session.add_all(Attempt(mark=mark, kind=kind, at=at) for mark in set(marks))
    session.flush()
