"""What staff can do with an enquiry: send it again, acknowledge it for a provider, close it."""

from __future__ import annotations

from datetime import datetime
from typing import Optional

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import AssistantError
from bot.handoff.acknowledge import note_acknowledged
from bot.handoff.codes import normal_code
from bot.handoff.consents import consent_for, may_be_passed_on
from bot.handoff.follow_up import give_to_next
from bot.handoff.matching import still_offerable
from bot.handoff.one_at_a_time import hold
from bot.handoff.outbox import message_key, queue, stop
from bot.handoff.states import change
from bot.handoff.writing import wish_of
from bot.privacy.audit import record
from bot.settings import Settings
from bot.storage.models import Delivery, Enquiry, Provider


class StaffError(AssistantError):
    """Something cannot be done with an enquiry; the message says why, and what can be."""


def find(session: Session, code: str) -> Enquiry:
    """Returns an enquiry that nobody else changes before this transaction ends.

    Raises:
        StaffError: there is none of that reference code.
    """
    found = session.execute(select(Enquiry.id).where(Enquiry.code == (normal_code(code) or ""))).scalar_one_or_none()
    enquiry = hold(session, found) if found else None
    if enquiry is None:
        raise StaffError("There is no enquiry of that reference code; `python -m bot enquiries list` names them.")
    return enquiry


def retry(session: Session, code: str, at: datetime, options: Settings, actor: str) -> str:
    """Sends an enquiry and what gave up about it again; to another provider if the first cannot have it.

    Args:
        session: whose transaction it belongs to.
        code: reference code, as typed.
        at: the time, in UTC.
        options: for the environment.
        actor: who does it, for the audit trail.

    Returns:
        What happens now, for a person.

    Raises:
        StaffError: there is nothing to send, or nobody who may have it.
    """
    enquiry = find(session, code)
    revived = _revive(session, enquiry, at)
    done = f"{revived} messages are tried again" if revived else ""
    if enquiry.state in ("waiting", "with_staff"):
        done = _send_on(session, enquiry, at, options, actor) or done
    if not done:
        raise StaffError(_why_not(session, enquiry, at))
    record(session, actor, "enquiry_retried", f"enquiry {enquiry.id}", done, at)
    return done


def acknowledge_for(session: Session, code: str, at: datetime, actor: str) -> None:
    """Notes that a provider said by another way that they have it.

    Raises:
        StaffError: no such enquiry.
        NotAllowed: nobody can have it in its state.
    """
    note_acknowledged(session, find(session, code), None, at, actor)


def close(session: Session, code: str, at: datetime, actor: str) -> None:
    """Closes an enquiry; what is still in the outbox about it is stopped.

    Raises:
        StaffError: no such enquiry.
        NotAllowed: it has come to an end already.
    """
    enquiry = find(session, code)
    change(session, enquiry, "closed", at)
    stop(session, enquiry)
    record(session, actor, "enquiry_closed", f"enquiry {enquiry.id}", at=at)


def _send_on(session: Session, enquiry: Enquiry, at: datetime, options: Settings, actor: str) -> str:
    if _may_have_it_after_all(session, enquiry, at, options):
        change(session, enquiry, "queued", at)
        queue(session, enquiry, "enquiry", at, enquiry.provider_id)
        return f"goes again to {_name(session, enquiry.provider_id)}"
    if give_to_next(session, enquiry, at, options, actor):
        return f"goes to {_name(session, enquiry.provider_id)}"
    return ""


def _may_have_it_after_all(session: Session, enquiry: Enquiry, at: datetime, options: Settings) -> bool:
    """Did an enquiry not reach the receiver that it was for, who may still have it?"""
    key = message_key(enquiry.code, "enquiry", enquiry.provider_id)
    unsent = session.execute(
        select(Delivery.id).where(Delivery.idempotency_key == key, Delivery.state.in_(("dead", "cancelled")))
    ).first()
    if unsent is None or consent_for(session, enquiry, enquiry.provider_id, at) is None:
        return False
    return enquiry.provider_id is None or still_offerable(
        session, enquiry.provider_id, at.date(), options.environment, wish_of(enquiry)
    )


def _revive(session: Session, enquiry: Enquiry, at: datetime) -> int:
    dead = session.execute(
        select(Delivery).where(Delivery.enquiry_id == enquiry.id, Delivery.state == "dead", Delivery.kind != "enquiry")
    ).scalars()
    revived = list(dead)
    for message in revived:
        message.state, message.next_try_at, message.last_error = "pending", at, ""
    session.flush()
    return len(revived)


def _why_not(session: Session, enquiry: Enquiry, at: datetime) -> str:
    if enquiry.state not in ("waiting", "with_staff"):
        return f"There is nothing to send again: the enquiry is {enquiry.state}."
    if enquiry.kind != "cosmetic" or may_be_passed_on(session, enquiry, at):
        return "Nobody who has not had it may be given it today; `python -m bot providers check` says who is hidden and why."
    return (
        "The provider may not be given it today, and the visitor has not agreed to another one (or that is over). "
        "Get in touch with the visitor: `python -m bot enquiries show CODE --reveal`."
    )


def _name(session: Session, provider_id: Optional[int]) -> str:
    provider = session.get(Provider, provider_id) if provider_id else None
    return provider.key if provider else "staff"
