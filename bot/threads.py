"""Threads for what waits for the database or only computes, so that it does not hold up other visitors."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, TypeVar

from bot.correlation import in_context

Result = TypeVar("Result")


class Threads:
    """A few threads of one purpose."""

    def __init__(self, most: int, name: str) -> None:
        """Takes how many there may be at the same time, and how their names begin."""
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)

    async def run(self, do: Callable[[], Result]) -> Result:
        """Returns what a function returns, and raises what it raises; its log lines keep their id."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, in_context(do))
