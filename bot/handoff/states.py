"""The states of an enquiry, and the one function that changes them. The diagram is in docs/enquiries.md."""

from __future__ import annotations

from datetime import datetime
from typing import Dict, FrozenSet, Literal, Mapping, Optional, Tuple, get_args

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bot.errors import AssistantError
from bot.storage.models import Enquiry

State = Literal[
    "waiting",
    "queued",
    "delivered",
    "with_staff",
    "acknowledged",
    "closed",
    "withdrawn",
    "expired",
    "erased",
]
STATES: Tuple[str, ...] = get_args(State)
FIRST: FrozenSet[str] = frozenset({"waiting", "queued"})
"""How an enquiry may begin."""
OPEN: FrozenSet[str] = frozenset({"waiting", "queued", "delivered", "with_staff", "acknowledged"})
"""Somebody still has something to do."""

_ENDS = frozenset({"withdrawn", "expired", "erased"})
ALLOWED: Mapping[str, FrozenSet[str]] = {
    "waiting": _ENDS | {"queued", "closed"},
    "queued": _ENDS | {"delivered", "with_staff", "acknowledged", "closed"},
    "delivered": _ENDS | {"acknowledged", "queued", "with_staff", "closed"},
    "with_staff": _ENDS | {"queued", "acknowledged", "closed"},
    "acknowledged": _ENDS | {"closed"},
    "closed": _ENDS,
    "withdrawn": frozenset({"expired", "erased"}),
    "expired": frozenset({"erased"}),
    "erased": frozenset(),
}
_STAMPS: Dict[str, str] = {"delivered": "delivered_at", "acknowledged": "acknowledged_at"}


class NotAllowed(AssistantError):
    """An enquiry cannot go from the state that it is in to the one that was asked for."""


class Overtaken(AssistantError):
    """Somebody else changed the state in the same instant; reading the enquiry again tells what it is now."""


def allowed(old: str, new: str) -> bool:
    """Can an enquiry go from one state to the other?"""
    return new in ALLOWED[old]


def change(session: Session, enquiry: Enquiry, to: State, at: datetime, provider_id: Optional[int] = None) -> None:
    """Changes the state of an enquiry. Of two at the same instant one succeeds: the row changes only if it still is as read.

    Args:
        session: whose transaction the change belongs to.
        enquiry: a row of this session.
        to: the new state.
        at: the time, in UTC.
        provider_id: who it is for from now on; as before by default. A new one has not been reminded yet.

    Raises:
        NotAllowed: there is no such way.
        Overtaken: the row was changed by somebody else since it was read.
    """
    old = enquiry.state
    if not allowed(old, to):
        raise NotAllowed(f"An enquiry that is {old} cannot become {to}.")
    values: Dict[str, object] = {"state": to, "changed_at": at}
    if to in _STAMPS:
        values[_STAMPS[to]] = at
    if provider_id is not None:
        values.update(provider_id=provider_id, reminded_at=None)
    changed = session.execute(
        update(Enquiry).where(Enquiry.id == enquiry.id, Enquiry.state == old).values(**values),
        execution_options={"synchronize_session": False},
    )
    if changed.rowcount != 1:
        raise Overtaken("The enquiry was changed in the same moment; look at it again.")
    for name, value in values.items():
        set_committed_value(enquiry, name, value)
