"""A shell whose output can be read, on the real assistant."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

if TYPE_CHECKING:
    from bot.shell.session import Assistant

Talk = Callable[..., Awaitable[str]]


async def _each(lines: tuple[str, ...]) -> AsyncIterator[str]:
    for line in lines:
        yield line


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    """Types lines into one shell and returns what it printed, on one long line a paragraph."""
    from bot.shell.repl import Shell

    out = io.StringIO()
    shell = Shell(assistant, Console(file=out, width=2000, highlight=False, markup=False, emoji=False))

    async def typed(*lines: str) -> str:
        start = out.tell()
        assert await shell.run(_each(lines)) == 0
        return "\n".join(line.rstrip() for line in out.getvalue()[start:].splitlines())

    return typed
