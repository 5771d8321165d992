"""Connections to PostgreSQL that are given up when no answer comes, whatever stands between.

PostgreSQL ends a long statement itself, and TCP notices a machine that is gone. Neither helps against a proxy that hangs, a
server that stands still, or a disk that does while a transaction is committed: psycopg2 would wait for ever, and so would
the thread that uses it.
"""

from __future__ import annotations

import select
import time
from typing import Any, Callable, Optional

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ, set_wait_callback

MILLISECONDS = 1000


class NoAnswerInTime(psycopg2.OperationalError):
    """The server took longer than it may; the connection is closed."""


class _Limited(psycopg2.extensions.connection):
    """A connection with a limit, in seconds, for connecting and then for every statement; None is as long as it takes."""

    limit: Optional[float]

    def __init__(self, connect_seconds: float, statement_seconds: float, dsn: str, **more: Any) -> None:
        self.limit = connect_seconds
        super().__init__(dsn, **more)
        self.limit = statement_seconds


def limited(connect_seconds: float, statement_seconds: float) -> Callable[..., _Limited]:
    """Returns what makes connections with a limit, for psycopg2's `connection_factory`.

    Args:
        connect_seconds: for connecting.
        statement_seconds: for every statement, COMMIT among them.
    """
    set_wait_callback(_wait)
    return lambda dsn, **more: _Limited(connect_seconds, statement_seconds, dsn, **more)


def unlimited(connection: _Limited) -> None:
    """Lifts the limit of a connection, for good."""
    connection.limit = None


def _wait(connection: Any) -> None:
    """Psycopg2 calls this after it has sent something; what is raised here makes it close the connection."""
    limit: Optional[float] = getattr(connection, "limit", None)
    end = None if limit is None else time.monotonic() + limit
    while True:
        state = connection.poll()
        if state == POLL_OK:
            return
        ready = select.poll()
        ready.register(connection.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
        if not ready.poll(None if end is None else max(0.0, (end - time.monotonic()) * MILLISECONDS)):
            raise NoAnswerInTime(f"The database did not answer within {limit} s.")
