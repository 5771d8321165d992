"""What other replicas tell, heard in a thread on a connection of its own (PostgreSQL's LISTEN).

The same connection holds the lock that says that this replica lives (`bot.storage.postgresql.is_gone`).
"""

from __future__ import annotations

import select
import socket
import threading
import time
from typing import Any, Callable, NamedTuple, Optional

import psycopg2
import structlog
from psycopg2.extensions import quote_ident
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.postgresql import REPLICA

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 1.0
"""After which a connection that was cut is opened anew."""
TICK_SECONDS = 5.0


class Ears(NamedTuple):
    """What is called, in the listener's thread; none of them may raise or wait."""

    heard: Callable[[str], None]
    """With what another process, or this one, has told."""
    deaf: Callable[[], None]
    """Something may have been told that was not heard, because the connection was cut; it is there again."""
    tick: Callable[[], None]
    """Every `TICK_SECONDS`."""


class Listener:
    """Listens from `start` to `stop`."""

    def __init__(self, lone: Engine, channel: str, replica: int, ears: Ears) -> None:
        """Takes what it needs.

        Args:
            lone: makes connections that stay open (`bot.storage.postgresql.lone_connections`).
            channel: PostgreSQL's name of what is listened to.
            replica: number of this process.
            ears: what is called.
        """
        self._lone = lone
        self._channel = channel
        self._replica = replica
        self._ears = ears
        self._connection: Optional[Any] = None
        self._stopping = threading.Event()
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Connects, and begins to listen.

        Raises:
            SQLAlchemyError: the database failed.
            psycopg2.Error: the same.
        """
        self._connection = self._connected()
        self._thread.start()

    def stop(self) -> None:
        """Ends; for the other replicas this one is gone then."""
        self._stopping.set()
        self._wake.send(b"\0")
        self._thread.join()
        self._wake.close()
        self._woken.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._connection is None:
                    self._connection = self._connected()
                    self._ears.deaf()
                self._listen(self._connection)
            except (psycopg2.Error, SQLAlchemyError) as error:
                log.warning("listener.cut", error=type(error).__name__)
                self._close()
                self._stopping.wait(AGAIN_SECONDS)
        self._close()

    def _connected(self) -> Any:
        borrowed = self._lone.raw_connection()
        connection = borrowed.dbapi_connection
        borrowed.detach()  # from SQLAlchemy's pool, which knows nothing of notifications
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", (REPLICA, self._replica))
            cursor.execute(f"LISTEN {quote_ident(self._channel, cursor)}")
        return connection

    def _listen(self, connection: Any) -> None:
        due = time.monotonic() + TICK_SECONDS
        while not self._stopping.is_set():
            select.select([connection, self._woken], [], [], max(0.0, due - time.monotonic()))
            connection.poll()
            for notification in connection.notifies:
                self._ears.heard(notification.payload)
            connection.notifies.clear()
            if time.monotonic() >= due:
                due += TICK_SECONDS
                self._ears.tick()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
