"""The channel of the website's widget: Socket.IO, with a session that the server issues and messages that count once.

Rasa's channel of that name joins whatever session a client names, checks no origin, and loses a reply to whoever is cut off;
it is kept as the base for its output channel. What is said over the wire: docs/website.md.
"""

from __future__ import annotations

import logging
import time
from functools import wraps
from typing import Any, Awaitable, Callable, Dict, List, Optional

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.channels.socketio import SocketBlueprint, SocketIOInput
from sanic import Blueprint, Sanic
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse
from socketio import AsyncServer

from bot.channels.conversation import Conversations
from bot.channels.rate import Rate
from bot.channels.turns import TooManyWaiting
from bot.channels.widget_data import deleted, transcript
from bot.channels.widget_log import Entry, WidgetLog, shown
from bot.channels.widget_peers import WidgetPeers
from bot.channels.widget_session import WidgetSession, WidgetSessions
from bot.channels.widget_turns import CHANNEL, WidgetTurns
from bot.channels.widget_windows import WidgetWindows
from bot.clock import now
from bot.kept_secrets import secret_key
from bot.settings import Clinic, Settings, clinic, settings
from bot.storage.database import engine
from bot.storage.postgresql import is_postgresql, lone_connections, new_replica

log = structlog.get_logger(__name__)

PATH = "/widget/socket.io"
LEASE_TURNS = 3
"""A message whose process ended is free again after this many times the longest turn."""
BURST, PER_SECOND = 60.0, 10.0
"""Events other than messages that a window may send at once, and in the long run."""
IN_BYTES = 1_000_000

Answer = Dict[str, Any]


class WidgetBlueprint(SocketBlueprint):
    """Rasa's blueprint, which also begins and ends with the server."""

    def register(self, app: Sanic, options: Dict[str, Any]) -> None:
        """Attaches the Socket.IO server and the channel to the app."""
        line = self.ctx.sio.eio
        line.handle_request = _refusing_garbage(line.handle_request)
        super().register(app, options)
        self.ctx.events.attach(app)


class WidgetChannel(SocketIOInput):
    """`bot.channels.widget.WidgetChannel` in credentials.yml."""

    @classmethod
    def name(cls) -> str:
        """Returns the name by which responses know the channel."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> InputChannel:
        """Returns the channel; its settings are those of the process."""
        return cls(session_persistence=True, socketio_path=PATH)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the routes; messages go to the app's `Conversations`."""
        configured = settings()
        self.sio = AsyncServer(
            async_mode="sanic",
            cors_allowed_origins=lambda origin, environ: is_allowed(origin, environ, configured.origins),
            cors_credentials=False,
            max_http_buffer_size=IN_BYTES,
            logger=False,
            engineio_logger=False,
        )
        logging.getLogger("engineio.server").addFilter(_is_no_stack_trace)
        routes = WidgetBlueprint(self.sio, PATH, "widget_channel")
        routes.ctx.events = WidgetEvents(self.sio, configured, clinic())
        return routes


def is_allowed(origin: Optional[str], environ: Dict[str, Any], origins: List[str]) -> bool:
    """May a page of this origin talk to the assistant: one that is listed, or one that the server itself serves?"""
    scheme = str(environ.get("HTTP_X_FORWARDED_PROTO") or environ.get("wsgi.url_scheme") or "http").split(",")[0].strip()
    return origin in origins or origin == f"{scheme}://{environ.get('HTTP_HOST')}"


class WidgetEvents:
    """What a window may say to the server; every event gets an answer, whatever it holds."""

    def __init__(self, sio: AsyncServer, configured: Settings, of: Clinic) -> None:
        """Takes the Socket.IO server and the settings."""
        self._windows = WidgetWindows(sio)
        self._settings = configured
        self._clinic = of
        self._rate = Rate(BURST, PER_SECOND)
        self._ready = False
        self._peers: Optional[WidgetPeers] = None
        for name in ("session_request", "user_uttered", "seen", "transcript_request", "erase_request"):
            sio.on(name, self._handler(getattr(self, f"_{name}")))
        sio.on("disconnect", self._disconnect)

    def attach(self, app: Sanic) -> None:
        """Begins when the server has loaded its model, and ends before it stops."""

        async def begin(running: Sanic, loop: Any) -> None:
            await self._begin(running.ctx.conversations)

        async def end(running: Sanic, loop: Any) -> None:
            if self._peers is not None:
                await self._peers.end()

        app.register_listener(begin, "after_server_start")
        app.register_listener(end, "before_server_stop")

    async def _begin(self, conversations: Conversations) -> None:
        options, database = self._settings, engine()
        replica = new_replica() if is_postgresql(database) else None
        key = secret_key(options.secret_key, options.data_folder)
        self._conversations = conversations
        self._sessions = WidgetSessions(key, int(options.widget_hours * 3600))
        self._log = WidgetLog(database, LEASE_TURNS * options.turn_timeout_seconds, replica)
        self._turns = WidgetTurns(
            conversations, self._log, self._windows.tell, options.message_max_characters, options.waiting_per_conversation
        )
        if replica is None:
            self._log.free()  # nobody else can be answering what an earlier process left
        else:
            lone = lone_connections(database, options)
            self._peers = WidgetPeers(lone, self._log, self._windows, self._turns, replica)
            await self._peers.begin()
        self._ready = True

    def _handler(self, do: Callable[[str, Any], Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
        async def handle(window: str, *contents: Any) -> Answer:
            if not self._ready:
                return {"status": "refused", "again": True, "text": ""}
            if not self._rate.allows(window):
                return self._turns.refused("utter_too_fast", again=True)
            try:
                return await do(window, contents[0] if len(contents) == 1 else None)
            except TooManyWaiting:
                return self._turns.refused("utter_too_fast", again=True)
            except Exception as error:  # noqa: BLE001 - a visitor always gets an answer; the log gets no words of theirs
                if self._windows.is_there(window):  # who has left meanwhile has no session any more, and needs no answer
                    log.error("widget.failed", event_name=do.__name__, error=type(error).__name__)
                return self._turns.refused("utter_message_not_kept", again=True)

        return handle

    async def _session_request(self, window: str, content: Any) -> Answer:
        wanted = content if isinstance(content, dict) else {}
        session = await self._resumed(wanted.get("token"))
        resumed = session is not None
        session = session or self._sessions.start(time.time())
        after = _place(wanted.get("after")) if resumed else None
        await self._windows.enter(window, session)
        entries, seen = await self._kept(session, after or 0)  # only now: what comes from here on is told to this window
        await self._turns.take_up(session.conversation)
        return {
            "status": "ok",
            "resumed": resumed,
            "token": session.token,
            "expires": session.expires,
            "seen": seen,
            "messages": [shown(entry) for entry in entries],
            **self._frame(),
        }

    async def _resumed(self, token: Any) -> Optional[WidgetSession]:
        session = self._sessions.resume(token, time.time())
        if session is None or not await self._turns.in_thread(lambda: self._log.come_back(session.conversation, now())):
            return None
        return session

    async def _kept(self, session: WidgetSession, after: int) -> tuple[List[Entry], int]:
        return await self._turns.in_thread(
            lambda: (self._log.after(session.conversation, after), self._log.seen(session.conversation))
        )

    def _frame(self) -> Answer:
        """What stands around the messages: who is speaking, and where to turn in an emergency."""
        words = self._conversations.short.words
        return {
            "greeting": words("utter_widget_greeting"),
            "emergency": {
                "text": words("utter_widget_emergency"),
                "numbers": [
                    self._clinic.emergency_number,
                    self._clinic.health_line_number,
                    self._clinic.crisis_number,
                ],
            },
            "clinic": {"name": self._clinic.name, "phone": self._clinic.phone},
            "longest": self._settings.message_max_characters,
        }

    async def _user_uttered(self, window: str, content: Any) -> Answer:
        conversation = await self._windows.conversation_of(window)
        return await self._turns.take(conversation, content, window) if conversation else {"status": "no_session"}

    async def _seen(self, window: str, content: Any) -> Answer:
        conversation = await self._windows.conversation_of(window)
        seq = _place(content.get("seq")) if isinstance(content, dict) else None
        if conversation is None or seq is None:
            return {"status": "refused", "again": False, "text": ""}
        await self._turns.in_thread(lambda: self._log.see(conversation, seq))
        await self._windows.tell("unread", conversation, {"seen": seq}, window)
        return {"status": "ok"}

    async def _transcript_request(self, window: str, content: Any) -> Answer:
        conversation = await self._windows.conversation_of(window)
        if conversation is None:
            return {"status": "no_session"}
        entries = await self._turns.in_thread(lambda: self._log.after(conversation, 0))
        return {"status": "ok", "text": transcript(self._conversations.short.words("utter_widget_greeting"), entries)}

    async def _erase_request(self, window: str, content: Any) -> Answer:
        conversation = await self._windows.conversation_of(window)
        if conversation is None:
            return {"status": "no_session"}
        await self._conversations.forget(conversation)
        enquiries = await self._turns.in_thread(lambda: deleted(conversation, now()))
        await self._turns.in_thread(lambda: self._log.erase(conversation, now()))
        await self._windows.tell("erased", conversation, {}, window)
        await self._windows.leave(window, conversation)
        name = "utter_widget_erased_enquiries" if enquiries else "utter_widget_erased"
        return {"status": "ok", "text": self._conversations.short.words(name)}

    async def _disconnect(self, window: str, *reason: Any) -> None:
        if not self._windows.is_there(window):  # or it is an event that the window named so
            self._rate.forget(window)


def _is_no_stack_trace(record: logging.LogRecord) -> bool:
    """Leaves out of the log what the library says of packets that are none of the protocol's: anybody can send those."""
    return record.exc_info is None


def _refusing_garbage(handle: Callable[[Request], Awaitable[HTTPResponse]]) -> Callable[[Request], Awaitable[HTTPResponse]]:
    @wraps(handle)
    async def answer(request: Request) -> HTTPResponse:
        try:
            return await handle(request)
        except (ValueError, IndexError) as error:  # the library lets such packets through to the server, which logs a trace
            raise InvalidUsage("This is not the protocol of the widget.") from error

    return answer


def _place(value: Any) -> Optional[int]:
    """Returns a place in a conversation as a client sent it; None when it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None
