"""One connection to PostgreSQL that holds advisory locks, and the only thread that uses it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Optional

from psycopg2.errors import LockNotAvailable
from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError


class LockSession:
    """Takes and gives back locks, one after the other in the order in which that is asked for.

    Whatever fails, the connection is closed, so that PostgreSQL gives back what it held: no lock is ever in doubt. Who held
    one goes on without it, and cannot write when somebody else has (`bot.server.conversation_rows`).
    """

    def __init__(self, engine: Engine) -> None:
        """Takes an engine of connections that stay open, see `lone_connections`; it connects when it has to."""
        self._engine = engine
        self._connection: Optional[Connection] = None
        self._held: Dict[int, object] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="locks")

    async def take(self, key: int, owner: object, wait: bool) -> bool:
        """Returns whether the lock is held now.

        Args:
            key: of the conversation.
            owner: who alone may give it back.
            wait: wait for whoever holds it, as long as the engine allows; one that this session holds is not taken again.

        Raises:
            SQLAlchemyError: the database failed.
        """
        return await asyncio.wrap_future(self._thread.submit(self._taken, key, owner, wait))

    def release(self, key: int, owner: object) -> None:
        """Begins to give a lock back, after whatever was asked for before; does nothing when the owner does not hold it."""
        self._thread.submit(self._release, key, owner)

    def close(self) -> None:
        """Gives everything back and ends."""
        self._thread.submit(self._drop)
        self._thread.shutdown()

    def _taken(self, key: int, owner: object, wait: bool) -> bool:
        if key in self._held:
            return False
        was_open = self._connection is not None
        try:
            taken = self._lock(key, wait)
        except DBAPIError as error:
            if isinstance(error.orig, LockNotAvailable):
                return False
            if not (was_open and error.connection_invalidated):
                raise
            taken = self._lock(key, wait)  # the connection had been cut since it was used last
        if taken:
            self._held[key] = owner
        return taken

    def _lock(self, key: int, wait: bool) -> bool:
        if not wait:
            return bool(self._run(func.pg_try_advisory_lock(key)))
        self._run(func.pg_advisory_lock(key))
        return True

    def _release(self, key: int, owner: object) -> None:
        if self._held.get(key) is not owner:
            return
        del self._held[key]
        try:
            self._run(func.pg_advisory_unlock(key))
        except SQLAlchemyError:  # the connection is closed, which gives it back as well
            self._drop()

    def _run(self, function: Any) -> Any:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            return self._connection.execute(select(function)).scalar()
        except SQLAlchemyError:
            self._drop()
            raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._held.clear()
        if connection is not None:
            connection.invalidate()  # closes it without asking the server, which may be gone
            connection.close()
