"""The life of an enquiry as a visitor sees it: sent once, asked about by its code, withdrawn. More: docs/enquiries.md."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Optional

from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import AssistantError
from bot.handoff.checks import NewEnquiry, NotAccepted, accepted
from bot.handoff.codes import normal_code
from bot.handoff.consents import withdraw_consents
from bot.handoff.limits import TooMany, check_limit, count_attempt
from bot.handoff.matching import Wish, matches, still_offerable
from bot.handoff.one_at_a_time import hold, one_at_a_time
from bot.handoff.outbox import queue, stop
from bot.handoff.states import change
from bot.handoff.writing import marks_of, send_off, there_already, write_consents, write_once
from bot.privacy.audit import VISITOR, record
from bot.privacy.encryption import NotAContact, vault
from bot.settings import Settings, settings
from bot.storage.database import engine as default_engine
from bot.storage.database import transaction
from bot.storage.models import Enquiry, Provider

__all__ = [
    "NewEnquiry",
    "NotAccepted",
    "NotOffered",
    "Status",
    "Submitted",
    "TooMany",
    "status",
    "submit",
    "submit_enquiry",
    "withdraw",
    "withdraw_enquiry",
]


class NotOffered(AssistantError):
    """The provider that the visitor chose may not be given this enquiry (any more); offer the others."""


class Submitted(NamedTuple):
    """What the visitor is told."""

    code: str
    state: str
    repeated: bool
    """The enquiry was there already, and nothing new was written."""


class Status(NamedTuple):
    """What may be said to somebody who has a code."""

    state: str
    since: datetime
    own: bool
    """Asked in the conversation that the enquiry was made in; the fields below are None otherwise."""
    kind: Optional[str]
    concern: Optional[str]
    provider: Optional[str]
    """Name of who has it or gets it; None also when that is the clinic."""


def submit_enquiry(new: NewEnquiry, engine: Optional[Engine] = None, at: Optional[datetime] = None) -> Submitted:
    """Does what `submit` does in a transaction of its own, on the process's database by default."""
    with transaction(engine or default_engine()) as session:
        return submit(session, new, at or now())


def submit(session: Session, new: NewEnquiry, at: datetime, using: Optional[Settings] = None) -> Submitted:
    """Writes an enquiry with its consents and its message in the outbox: all of it or, if anything fails, nothing.

    The same form again, or the same wish again from the same conversation within a day, is the enquiry that is there.

    Args:
        session: whose transaction it belongs to; the caller commits.
        new: what the visitor has agreed to send.
        at: the time, in UTC.
        using: limits and environment; those of the process by default.

    Raises:
        NotAccepted: a field is missing or is not what it should be.
        NotOffered: the chosen provider may not be given it.
        TooMany: this conversation or contact has sent enough for an hour.
    """
    options, new = using or settings(), accepted(new)
    marks = marks_of(new, vault())
    one_at_a_time(session, marks.conversation, marks.contact)
    known = there_already(session, new, marks, at)
    if known is not None:
        return Submitted(known.code, known.state, True)
    check_limit(session, "enquiry", options.enquiries_per_hour, at, marks.conversation, marks.contact)
    enquiry, is_new = write_once(session, new, marks, _receiver(session, new, at, options), at, vault())
    if is_new:
        count_attempt(session, "enquiry", at, marks.conversation, marks.contact)
        write_consents(session, enquiry, new, at, options)
        send_off(session, enquiry, at, options)
        record(session, VISITOR, "enquiry_sent", f"enquiry {enquiry.id}", f"{new.kind}, {enquiry.state}", at)
    return Submitted(enquiry.code, enquiry.state, not is_new)


def _receiver(session: Session, new: NewEnquiry, at: datetime, options: Settings) -> Optional[int]:
    """Returns whom it goes to: the provider chosen, or the first match when the visitor leaves that to us."""
    wish = Wish(new.concern, new.town, new.language, new.contact_kind)
    if new.provider_id is not None:
        if not still_offerable(session, new.provider_id, at.date(), options.environment, wish):
            raise NotOffered("This provider cannot be given the enquiry at the moment.")
        return new.provider_id
    if new.kind != "cosmetic" or not new.may_pass_on:
        return None
    found = matches(session, wish, at.date(), options.environment, most=1)
    return found[0].provider_id if found else None


def status(
    session: Session, code: str, conversation: str, at: datetime, using: Optional[Settings] = None
) -> Optional[Status]:
    """Returns how an enquiry stands. Whoever knows the code may see its state; only its own conversation sees more.

    Args:
        session: whose transaction a wrong try is counted in; the caller commits.
        code: as typed.
        conversation: who asks.
        at: the time, in UTC.
        using: limits; those of the process by default.

    Returns:
        None when there is no such enquiry, however the code looks.

    Raises:
        TooMany: the conversation has tried too many wrong codes; also when this one is right.
    """
    options, mark = using or settings(), vault().mark(conversation)
    one_at_a_time(session, mark)
    check_limit(session, "code", options.code_tries_per_hour, at, mark)
    enquiry = _by_code(session, code)
    if enquiry is None:
        count_attempt(session, "code", at, mark)
        return None
    if enquiry.conversation_mark != mark:
        return Status(enquiry.state, enquiry.changed_at, False, None, None, None)
    provider = session.get(Provider, enquiry.provider_id) if enquiry.provider_id else None
    name = provider.legal_name if provider else None
    return Status(enquiry.state, enquiry.changed_at, True, enquiry.kind, enquiry.concern, name)


def withdraw(session: Session, code: str, contact: str, at: datetime, using: Optional[Settings] = None) -> bool:
    """Withdraws an enquiry: what is not delivered stays undelivered; who may have it is told to delete it.

    Args:
        session: whose transaction it belongs to; the caller commits, also when nothing was found.
        code: as typed.
        contact: the phone number or email address that the enquiry was made with, as typed.
        at: the time, in UTC.
        using: limits; those of the process by default.

    Returns:
        Whether it is withdrawn now (also when it was before). False when code and contact do not belong together: an
        unknown code looks like somebody else's.

    Raises:
        TooMany: this code, or this contact, was tried too often; also when both are right.
    """
    options, given = using or settings(), _contact_mark(contact)
    marks = (vault().mark(f"code {normal_code(code) or code}"), given)
    one_at_a_time(session, *marks)
    check_limit(session, "contact", options.code_tries_per_hour, at, *marks)
    found = _by_code(session, code)
    if found is None or found.contact_mark != given:
        count_attempt(session, "contact", at, *marks)
        return False
    withdraw_enquiry(session, found, at)
    return True


def withdraw_enquiry(session: Session, enquiry: Enquiry, at: datetime, actor: str = VISITOR) -> None:
    """Withdraws an enquiry that the caller knows to be the visitor's; a second time changes nothing.

    Args:
        session: whose transaction it belongs to.
        enquiry: a row of this session.
        at: the time, in UTC.
        actor: who does it, for the audit trail.
    """
    held = hold(session, enquiry.id)
    if held is None or held.state in ("withdrawn", "expired", "erased"):
        return
    change(session, held, "withdrawn", at)
    withdraw_consents(session, held, at)
    reached = stop(session, held)
    for provider_id, arriving_until in reached.items():
        queue(session, held, "withdrawn", at, provider_id, not_before=arriving_until)
    record(session, actor, "enquiry_withdrawn", f"enquiry {held.id}", f"{len(reached)} receivers told", at)


def _by_code(session: Session, typed: str) -> Optional[Enquiry]:
    code = normal_code(typed)
    if code is None:
        return None
    found: Optional[Enquiry] = session.execute(
        select(Enquiry).where(Enquiry.code == code, Enquiry.state != "erased")
    ).scalar_one_or_none()
    return found


def _contact_mark(contact: str) -> str:
    try:
        return vault().contact_mark(contact)
    except NotAContact:
        return vault().mark(f"no contact {contact}")
