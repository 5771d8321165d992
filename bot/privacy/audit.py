"""The audit trail: who did what and when, without personal details."""

from __future__ import annotations

import getpass
import os
from datetime import datetime
from typing import Optional

from sqlalchemy.orm import Session

from bot.clock import now
from bot.storage.models import AuditEntry

VISITOR = "visitor"
WORKER = "worker"


def staff() -> str:
    """Returns the actor of a command: `staff:` and who is logged in on this machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        name = str(os.getuid())
    return f"staff:{name}"


def record(
    session: Session, actor: str, action: str, subject: str = "", detail: str = "", at: Optional[datetime] = None
) -> None:
    """Adds an entry; it stands or falls with the caller's transaction.

    Args:
        session: with the transaction that does what is recorded.
        actor: VISITOR, WORKER, or `staff()`.
        action: what was done, e.g. `erase`.
        subject: to what, by number or key: `enquiry 12`, `provider sample-one`.
        detail: how much or why, in words of the code. Never a name, a contact or what somebody wrote.
        at: when, in UTC; now by default.
    """
    width = {name: AuditEntry.__table__.c[name].type.length for name in ("actor", "action", "subject", "detail")}
    session.add(
        AuditEntry(
            at=at or now(),
            actor=actor[: width["actor"]],
            action=action[: width["action"]],
            subject=subject[: width["subject"]],
            detail=detail[: width["detail"]],
        )
    )
