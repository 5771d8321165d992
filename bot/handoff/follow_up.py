"""What happens when nobody answers: a reminder, then the next provider if the visitor agreed to that, otherwise staff."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Callable, List, NamedTuple, Optional

from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.handoff.consents import may_be_passed_on
from bot.handoff.matching import mark_given, matches
from bot.handoff.one_at_a_time import hold
from bot.handoff.outbox import queue, tell_staff
from bot.handoff.states import change
from bot.handoff.writing import wish_of
from bot.privacy.audit import WORKER, record
from bot.settings import Settings
from bot.storage.database import transaction
from bot.storage.models import Delivery, Enquiry

EVERYBODY = 1000
"""More providers than any directory has."""


class Followed(NamedTuple):
    """How many enquiries were followed up, and how."""

    reminded: int
    passed_on: int
    with_staff: int
    matched: int


def follow_up(engine: Engine, options: Settings, at: datetime) -> Followed:
    """Goes through the enquiries that have waited too long, each in a transaction of its own.

    Args:
        engine: of the database.
        options: after how many hours; environment.
        at: the time, in UTC.
    """
    remind_before = at - timedelta(hours=options.remind_after_hours)
    pass_on_before = at - timedelta(hours=options.pass_on_after_hours)
    delivered = Enquiry.state == "delivered"
    overdue = select(Enquiry.id).where(delivered, Enquiry.delivered_at <= pass_on_before)
    quiet = select(Enquiry.id).where(delivered, Enquiry.delivered_at <= remind_before, Enquiry.reminded_at.is_(None))
    waiting = select(Enquiry.id).where(Enquiry.state == "waiting", Enquiry.kind == "cosmetic")

    def give_up_waiting(session: Session, enquiry: Enquiry) -> str:
        if enquiry.state != "delivered" or enquiry.delivered_at > pass_on_before:
            return ""
        return "passed_on" if give_to_next(session, enquiry, at, options, WORKER) else _to_staff(session, enquiry, at)

    def remind(session: Session, enquiry: Enquiry) -> str:
        return _remind(session, enquiry, at) if enquiry.state == "delivered" and enquiry.reminded_at is None else ""

    def match(session: Session, enquiry: Enquiry) -> str:
        fits = enquiry.state == "waiting" and give_to_next(session, enquiry, at, options, WORKER)
        return "matched" if fits else ""

    done = [
        *_each(engine, overdue, give_up_waiting),
        *_each(engine, quiet, remind),
        *_each(engine, waiting, match),
    ]
    return Followed(*(done.count(what) for what in Followed._fields))


def give_to_next(session: Session, enquiry: Enquiry, at: datetime, options: Settings, actor: str) -> bool:
    """Queues an enquiry, which the caller holds, for the first matching provider who has not had it.

    Args:
        session: whose transaction it belongs to.
        enquiry: waiting, delivered or with staff.
        at: the time, in UTC.
        options: for the environment.
        actor: who does it, for the audit trail.

    Returns:
        Whether there was one, and the visitor's consent to it.
    """
    next_one = next_provider(session, enquiry, at, options)
    if next_one is None:
        return False
    change(session, enquiry, "queued", at, provider_id=next_one)
    queue(session, enquiry, "enquiry", at, next_one)
    mark_given(session, next_one, at)
    record(session, actor, "enquiry_passed_on", f"enquiry {enquiry.id}", f"to provider {next_one}", at)
    return True


def next_provider(session: Session, enquiry: Enquiry, at: datetime, options: Settings) -> Optional[int]:
    """Returns the first matching provider who has not had an enquiry; None also without the visitor's consent to another."""
    if enquiry.kind != "cosmetic" or not may_be_passed_on(session, enquiry, at):
        return None
    had = session.execute(
        select(Delivery.provider_id).where(Delivery.enquiry_id == enquiry.id, Delivery.kind == "enquiry")
    ).scalars()
    tried = set(had)
    found = matches(session, wish_of(enquiry), at.date(), options.environment, most=EVERYBODY)
    return next((match.provider_id for match in found if match.provider_id not in tried), None)


def _each(engine: Engine, which: object, work: Callable[[Session, Enquiry], str]) -> List[str]:
    """Does something to each enquiry, held and read anew; what another worker has done meanwhile is not done again."""
    with transaction(engine) as session:
        ids = session.execute(which).scalars().all()
    done = []
    for enquiry_id in ids:
        with transaction(engine) as session:
            enquiry = hold(session, enquiry_id)
            done.append(work(session, enquiry) if enquiry is not None else "")
    return done


def _remind(session: Session, enquiry: Enquiry, at: datetime) -> str:
    enquiry.reminded_at = at
    queue(session, enquiry, "reminder", at, enquiry.provider_id)
    record(session, WORKER, "reminded", f"enquiry {enquiry.id}", at=at)
    return "reminded"


def _to_staff(session: Session, enquiry: Enquiry, at: datetime) -> str:
    change(session, enquiry, "with_staff", at)
    tell_staff(session, "not_acknowledged", at, enquiry)
    record(session, WORKER, "not_acknowledged", f"enquiry {enquiry.id}", at=at)
    return "with_staff"
