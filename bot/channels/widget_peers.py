"""What happens at other replicas, told to the windows that are connected to this one, and taken up when one has ended."""

from __future__ import annotations

import asyncio
import functools
from typing import Awaitable, Callable, Optional

import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.widget_log import ASSISTANT, Entry, WidgetLog, shown
from bot.channels.widget_notes import CHANNEL, Note, heard
from bot.channels.widget_turns import WidgetTurns
from bot.channels.widget_windows import WidgetWindows
from bot.storage.listening import Ears, Listener

log = structlog.get_logger(__name__)

Call = Callable[[], Awaitable[None]]


class WidgetPeers:
    """Hears notes of other replicas, one after the other."""

    def __init__(self, lone: Engine, kept: WidgetLog, windows: WidgetWindows, turns: WidgetTurns, replica: int) -> None:
        """Takes what it needs.

        Args:
            lone: makes connections that stay open (`bot.storage.postgresql.lone_connections`).
            kept: the log.
            windows: of this process.
            turns: take up what another replica left.
            replica: number of this process, whose own notes need no telling.
        """
        self._log = kept
        self._windows = windows
        self._turns = turns
        self._replica = replica
        self._loop = asyncio.get_running_loop()
        self._work: asyncio.Queue[Call] = asyncio.Queue()
        self._listener = Listener(
            lone, CHANNEL, replica, Ears(self._heard, self._later(self._tell_last), self._later(self._take_up))
        )
        self._task: Optional[asyncio.Task[None]] = None

    async def begin(self) -> None:
        """Begins to listen.

        Raises:
            SQLAlchemyError: the database failed.
            psycopg2.Error: the same.
        """
        await self._loop.run_in_executor(None, self._listener.start)
        self._task = asyncio.create_task(self._attend())

    async def end(self) -> None:
        """Stops listening; other replicas may take up what is not answered."""
        await self._loop.run_in_executor(None, self._listener.stop)
        if self._task is not None:
            self._task.cancel()

    def _heard(self, payload: str) -> None:
        note = heard(payload)
        if note.replica != self._replica:
            self._later(lambda: self._pass_on(note))()

    def _later(self, do: Call) -> Callable[[], None]:
        """Returns what puts some work into the row, from any thread."""

        def put() -> None:
            self._loop.call_soon_threadsafe(self._work.put_nowait, do)

        return put

    async def _attend(self) -> None:
        while True:
            do = await self._work.get()
            try:
                await do()
            except SQLAlchemyError as error:  # a window that misses something notices at the next message, and asks
                log.error("widget.not_passed_on", error=type(error).__name__)

    async def _pass_on(self, note: Note) -> None:
        conversation = self._windows.conversation(note.mark)
        if conversation is None:
            return
        if note.what == "taken":
            await self._tell_messages(conversation, note.seq, lambda entry: bool(entry["seq"] == note.seq))
            await self._windows.tell("typing", conversation, {"on": True})
        elif note.what == "answered":
            await self._tell_messages(conversation, note.seq, lambda entry: entry.get("reply_to") == note.message)
            await self._windows.tell("turn_end", conversation, {"id": note.message})
        elif note.what == "seen":
            await self._windows.tell("unread", conversation, {"seen": note.seq})
        else:
            await self._windows.tell("erased", conversation, {})
            await self._windows.close(conversation)

    async def _tell_messages(self, conversation: str, first: int, wanted: Callable[[Entry], bool]) -> None:
        for entry in await self._turns.in_thread(lambda: self._log.after(conversation, first - 1)):
            if wanted(entry):
                event = "bot_uttered" if entry["from"] == ASSISTANT else "user_uttered"
                await self._windows.tell(event, conversation, shown(entry))

    async def _tell_last(self) -> None:
        """Tells every window the last message; one that has missed any before it notices, and asks for them."""
        for conversation in self._windows.conversations():
            last = await self._turns.in_thread(functools.partial(self._log.last, conversation))
            await self._tell_messages(conversation, last, bool)

    async def _take_up(self) -> None:
        """Answers what replicas that have ended left in conversations that are looked at here."""
        if self._windows.conversations():
            for mark in await self._turns.in_thread(self._log.left):
                conversation = self._windows.conversation(mark)
                if conversation is not None:
                    await self._turns.take_up(conversation)
