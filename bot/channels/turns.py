"""One turn at a time in a conversation, and not too many waiting behind it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import AsyncIterator, Dict


class TooManyWaiting(Exception):
    """Too many messages of one conversation are waiting already."""


class Turns:
    """Lets the messages of a conversation through in the order in which they came."""

    def __init__(self, most_waiting: int) -> None:
        """Takes how many messages of one conversation may wait or be in work."""
        self._most = most_waiting
        self._locks: Dict[str, asyncio.Lock] = {}
        self._inside: Dict[str, int] = {}

    @asynccontextmanager
    async def of(self, conversation: str) -> AsyncIterator[None]:
        """Waits for the conversation's turn.

        Raises:
            TooManyWaiting: the queue is full.
        """
        if self._inside.get(conversation, 0) >= self._most:
            raise TooManyWaiting
        lock = self._locks.setdefault(conversation, asyncio.Lock())
        self._inside[conversation] = self._inside.get(conversation, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._inside[conversation] -= 1
            if not self._inside[conversation]:
                del self._inside[conversation], self._locks[conversation]
