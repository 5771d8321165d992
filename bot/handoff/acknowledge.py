"""How a provider says "I have it": by a link that only they were sent."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import List, Optional

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.handoff.codes import normal_code
from bot.handoff.one_at_a_time import hold
from bot.handoff.outbox import stop
from bot.handoff.states import change
from bot.privacy.audit import record
from bot.privacy.encryption import vault
from bot.storage.models import Delivery, Enquiry, Provider

CHARACTERS = 32
"""Of a token: 128 bits."""
OPEN_FOR_IT = frozenset({"queued", "delivered", "with_staff"})
HAD = frozenset({"acknowledged", "closed"})


def token(code: str, provider_id: Optional[int] = None) -> str:
    """Returns what proves that somebody was sent an enquiry; each receiver has another one (None: the clinic's staff)."""
    return vault().mark(f"acknowledge {code} {'staff' if provider_id is None else provider_id}")[:CHARACTERS]


def acknowledge_link(public_url: Optional[str], code: str, provider_id: Optional[int]) -> str:
    """Returns the address of the page by which a receiver acknowledges, or nothing without a public address.

    Mail programs open links by themselves: the page has to ask before it calls `acknowledge`.
    """
    return f"{public_url.rstrip('/')}/enquiries/{code}/{token(code, provider_id)}" if public_url else ""


def acknowledge(session: Session, code: str, given: str, at: datetime) -> bool:
    """Notes that a receiver has an enquiry in hand; a repeat changes nothing.

    Args:
        session: whose transaction it belongs to.
        code: reference code.
        given: the token of the link.
        at: the time, in UTC.

    Returns:
        Whether it is acknowledged now. False for an unknown code, a wrong token, and an enquiry that is withdrawn or gone.
    """
    found = session.execute(select(Enquiry.id).where(Enquiry.code == (normal_code(code) or ""))).scalar_one_or_none()
    enquiry = hold(session, found) if found else None
    holders = _holders(session, enquiry, given) if enquiry else []
    if enquiry is None or not holders:
        return False
    if enquiry.state in OPEN_FOR_IT:
        note_acknowledged(session, enquiry, holders[0], at, _actor(session, holders[0]))
    return enquiry.state in HAD


def may_acknowledge(session: Session, code: str, given: str) -> bool:
    """Would `acknowledge` say yes? Changes nothing, and holds nobody up."""
    wanted = select(Enquiry).where(Enquiry.code == (normal_code(code) or ""))
    enquiry = session.execute(wanted).scalar_one_or_none()
    return enquiry is not None and enquiry.state in OPEN_FOR_IT | HAD and bool(_holders(session, enquiry, given))


def note_acknowledged(session: Session, enquiry: Enquiry, holder: Optional[int], at: datetime, actor: str) -> None:
    """Changes an enquiry that the caller holds: nothing more is sent about it, and it belongs to whom has it in hand.

    Raises:
        NotAllowed: its state does not permit it.
    """
    change(session, enquiry, "acknowledged", at, provider_id=holder)
    stop(session, enquiry)
    record(session, actor, "enquiry_acknowledged", f"enquiry {enquiry.id}", at=at)


def _holders(session: Session, enquiry: Enquiry, given: str) -> List[Optional[int]]:
    """Returns the receivers whose token this is: one or none (a provider who was sent it twice counts twice)."""
    sent_to = session.execute(
        select(Delivery.provider_id)
        .where(Delivery.enquiry_id == enquiry.id, Delivery.kind == "enquiry", Delivery.attempts > 0)
        .order_by(Delivery.id)
    ).scalars()
    return [one for one in sent_to if hmac.compare_digest(token(enquiry.code, one).encode(), given.encode())]


def _actor(session: Session, provider_id: Optional[int]) -> str:
    provider = session.get(Provider, provider_id) if provider_id else None
    return f"provider:{provider.key}" if provider else "staff"
