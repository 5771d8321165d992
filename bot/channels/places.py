"""How many messages may be under way in this process: what is too much is told so, and before the end nobody comes in."""

from __future__ import annotations

import asyncio
import time


class Places:
    """A bounded number of places, one for each message from when it is let in until it is answered."""

    def __init__(self, most: int) -> None:
        """Takes how many there are."""
        self._most = most
        self._taken = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._asked_at = time.monotonic()
        self.closed = False
        """The process ends: nobody is let in any more."""

    def take(self) -> bool:
        """Takes a place; False when there is none."""
        self._asked_at = time.monotonic()
        if self.closed or self._taken >= self._most:
            return False
        self._taken += 1
        self._empty.clear()
        return True

    def free(self) -> None:
        """Gives a place back."""
        self._taken -= 1
        if not self._taken:
            self._empty.set()

    async def close(self, seconds: float) -> bool:
        """Lets nobody in any more, and waits until all who are in have left.

        Args:
            seconds: how long to wait for that.

        Returns:
            Whether all have left.
        """
        self.closed = True
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    async def until_nobody_asks(self, quiet: float, most: float) -> None:
        """Waits until those who send visitors here have noticed that it is closed.

        Args:
            quiet: seconds in which nobody has asked for a place.
            most: seconds that are waited at most.
        """
        give_up = time.monotonic() + most
        while (left := min(self._asked_at + quiet, give_up) - time.monotonic()) > 0:
            await asyncio.sleep(left)
