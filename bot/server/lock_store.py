"""One turn at a time in a conversation, also when several replicas share the database.

Within a process `bot.channels.turns` has put the messages of a conversation into a row already, so at most one of each
replica comes here. A lock that is free is taken on one connection that holds all of them; whoever has to wait does so on one
of a few others, asleep in PostgreSQL until it is their turn. When a replica ends, however it does, its connections close and
its locks are free.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import AsyncGenerator, AsyncIterator

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockStore
from sqlalchemy.engine import Engine

from bot.errors import AssistantError
from bot.privacy.encryption import vault
from bot.server.lock_session import LockSession
from bot.settings import Settings
from bot.storage.postgresql import conversation_key, is_postgresql, lone_connections


class ConversationBusy(AssistantError):
    """Another replica is answering in this conversation and took too long; nothing was done."""


class AdvisoryLockStore(LockStore):
    """Locks conversations with PostgreSQL's advisory locks."""

    def __init__(self, engine: Engine, configured: Settings) -> None:
        """Takes the database, and of the settings how many may wait and for how long."""
        lone = lone_connections(engine, configured)
        self._seconds = configured.lock_wait_seconds
        self._first = LockSession(lone)
        self._others = [LockSession(lone) for _ in range(configured.lock_connections)]
        self._idle: asyncio.LifoQueue[LockSession] = asyncio.LifoQueue()  # so that no more are opened than are needed
        for session in self._others:
            self._idle.put_nowait(session)

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncGenerator[TicketLock, None]:
        """Holds a conversation; the numbers are Rasa's and not needed here, because locks end with their holder.

        Raises:
            ConversationBusy: it was waited for `lock_wait_seconds`, after no more than as long for a connection to wait on.
            SQLAlchemyError: the database failed.
        """
        key, ticket = conversation_key(vault().mark(conversation_id)), TicketLock(conversation_id)
        try:
            if await self._first.take(key, ticket, wait=False):
                yield ticket
                return
        finally:
            self._first.release(key, ticket)
        async with self._waited_for(key, ticket):
            yield ticket

    @asynccontextmanager
    async def _waited_for(self, key: int, owner: object) -> AsyncIterator[None]:
        try:
            session = await asyncio.wait_for(self._idle.get(), self._seconds)
        except asyncio.TimeoutError as error:
            raise ConversationBusy("Too many turns wait for other replicas.") from error
        try:
            if not await session.take(key, owner, wait=True):
                raise ConversationBusy("Another replica has the conversation.")
            yield
        finally:
            session.release(key, owner)  # whoever has the session next comes after that
            self._idle.put_nowait(session)

    def close(self) -> None:
        """Gives every lock back and closes the connections."""
        for session in (self._first, *self._others):
            session.close()


def lock_store(engine: Engine, configured: Settings) -> LockStore:
    """Returns the locks that fit the database: only PostgreSQL is shared by several processes.

    Args:
        engine: of the database.
        configured: the settings.
    """
    return AdvisoryLockStore(engine, configured) if is_postgresql(engine) else InMemoryLockStore()
