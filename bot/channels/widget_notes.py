"""Notes between replicas about the widget's conversations: where to look in the log, never what was said.

They go out with the transaction that they tell of (PostgreSQL's NOTIFY), so whoever hears one finds what it is about.
"""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

CHANNEL = "widget"

What = Literal["taken", "answered", "seen", "erased"]


class Note(NamedTuple):
    """One thing that happened in a conversation."""

    what: What
    mark: str
    """Of the conversation's id."""
    replica: int
    """Where it happened."""
    seq: int = 0
    """taken: the message's place; answered: that of its first reply; seen: up to where."""
    message: str = ""
    """answered: id of the message."""


def tell(session: Session, note: Note) -> None:
    """Sends a note to all replicas when the transaction of the session is committed."""
    session.execute(select(func.pg_notify(CHANNEL, json.dumps(note))))


def heard(payload: str) -> Note:
    """Returns the note that `tell` sent."""
    return Note(*json.loads(payload))
