"""Notes how a try at a delivery came out: sent, refused, or failed; each with what follows for the enquiry."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Optional, Union

import structlog
from sqlalchemy.orm import Session

from bot.handoff.letters import NotSendable
from bot.handoff.outbox import Claim, finish, tell_staff
from bot.handoff.sending import SendFailed
from bot.handoff.states import change
from bot.privacy.audit import WORKER, record
from bot.settings import Settings
from bot.storage.models import Enquiry

log = structlog.get_logger(__name__)

LONGEST_WAIT = timedelta(hours=24)


class Sent:
    """The receiver has it."""


Outcome = Union[Sent, NotSendable, SendFailed]


def note(
    session: Session, claimed: Claim, enquiry: Optional[Enquiry], outcome: Outcome, at: datetime, options: Settings
) -> bool:
    """Notes an outcome, if the claim still stands.

    Args:
        session: whose transaction it belongs to.
        claimed: the message.
        enquiry: what it is about, which the caller holds; None for a notice about nothing in particular.
        outcome: how it came out.
        at: the time, in UTC.
        options: how often and how long to try.

    Returns:
        Whether the claim stood. If not, the message was stopped, or another worker has taken it over.
    """
    if isinstance(outcome, Sent):
        return _sent(session, claimed, enquiry, at)
    if isinstance(outcome, NotSendable):
        return _refused(session, claimed, enquiry, outcome.reason, at)
    if outcome.permanent or claimed.attempt % options.delivery_attempts == 0:
        return _given_up(session, claimed, enquiry, outcome.kind, at)
    return finish(session, claimed, "pending", outcome.kind, at + wait_after(claimed.attempt, outcome, options))


def wait_after(attempt: int, failure: SendFailed, options: Settings) -> timedelta:
    """Returns how long to wait after a failed attempt: twice as long each time, never quite the same, at most a day."""
    tries = (attempt - 1) % options.delivery_attempts
    seconds = options.delivery_first_wait_seconds * 2**tries * random.uniform(0.5, 1.0)  # nosec B311 # spreads tries
    return timedelta(seconds=min(max(seconds, failure.wait_seconds or 0.0), LONGEST_WAIT.total_seconds()))


def _sent(session: Session, claimed: Claim, enquiry: Optional[Enquiry], at: datetime) -> bool:
    if not finish(session, claimed, "sent", at=at):
        return False
    if claimed.kind == "enquiry" and enquiry is not None and enquiry.state == "queued":
        change(session, enquiry, "delivered", at)
        record(session, WORKER, "enquiry_delivered", f"enquiry {enquiry.id}", _to(claimed), at)
    return True


def _refused(session: Session, claimed: Claim, enquiry: Optional[Enquiry], reason: str, at: datetime) -> bool:
    if not finish(session, claimed, "cancelled", reason):
        return False
    if reason != "stopped" and enquiry is not None:
        change(session, enquiry, "with_staff", at)
        tell_staff(session, reason, at, enquiry)
        record(session, WORKER, "enquiry_not_sent", f"enquiry {enquiry.id}", reason, at)
    return True


def _given_up(session: Session, claimed: Claim, enquiry: Optional[Enquiry], kind: str, at: datetime) -> bool:
    if not finish(session, claimed, "dead", kind):
        return False
    log.error("delivery.gave_up", delivery=claimed.delivery_id, kind=claimed.kind, error=kind, attempt=claimed.attempt)
    if claimed.kind == "enquiry" and enquiry is not None and enquiry.state == "queued":
        change(session, enquiry, "with_staff", at)
    if claimed.kind != "notice":  # what cannot be delivered to staff is in the log and in `enquiries list`
        tell_staff(session, "gave_up", at, enquiry)
        record(session, WORKER, "gave_up", f"enquiry {enquiry.id}" if enquiry else "", f"{claimed.kind}, {_to(claimed)}", at)
    return True


def _to(claimed: Claim) -> str:
    return "to staff" if claimed.provider_id is None else f"to provider {claimed.provider_id}"
