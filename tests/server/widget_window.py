"""A browser window with the widget in it, over the real protocol."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Dict, List, NamedTuple, Optional

import aiohttp
import socketio
from running import Server

PATH = "/widget/socket.io"
PATIENCE = 20.0
"""Seconds until the server must have answered."""
EVENTS = ("user_uttered", "bot_uttered", "typing", "turn_end", "unread", "erased")

Content = Dict[str, Any]

if not hasattr(aiohttp, "ClientWSTimeout"):
    # python-engineio asks for it by name; aiohttp 3.9, which Rasa needs, takes the seconds themselves.
    aiohttp.ClientWSTimeout = lambda ws_close: ws_close  # type: ignore[attr-defined]


class Event(NamedTuple):
    """Something that the server told a window."""

    name: str
    content: Any


class Window:
    """One connection and what came over it."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self._client = client
        self._more = asyncio.Condition()
        self.events: List[Event] = []
        self.session: Content = {}
        for name in EVENTS:
            client.on(name, self._hears(name))

    def _hears(self, name: str) -> Callable[[Any], Any]:
        async def hear(content: Any) -> None:
            async with self._more:
                self.events.append(Event(name, content))
                self._more.notify_all()

        return hear

    @property
    def token(self) -> str:
        """Of the session that the window is in."""
        return str(self.session["token"])

    async def cut(self) -> None:
        """Lets the connection break without a word, as a phone does in a lift."""
        self._client.eio.ws._response.connection.transport.abort()
        await self._client.eio.read_loop_task

    async def emit(self, name: str, *contents: Any) -> None:
        """Sends an event and waits for nothing."""
        await self._client.emit(name, contents)

    async def ask(self, name: str, *contents: Any) -> Any:
        """Sends an event with any arguments and returns the server's acknowledgement."""
        return await self._client.call(name, contents, timeout=PATIENCE)

    async def open(self, token: Any = None, after: Any = 0) -> Content:
        """Begins a session or comes back to one."""
        self.session = await self.ask("session_request", {"token": token, "after": after})
        assert self.session["status"] == "ok", self.session
        return self.session

    async def until(self, name: str, *, count: int = 1, **content: Any) -> List[Any]:
        """Waits until an event has come so often with some content, and returns the contents."""

        def found() -> List[Any]:
            return [
                event.content
                for event in self.events
                if event.name == name and all(event.content.get(key) == value for key, value in content.items())
            ]

        async with self._more:
            try:
                await asyncio.wait_for(self._more.wait_for(lambda: len(found()) >= count), PATIENCE)
            except asyncio.TimeoutError:
                raise AssertionError(f"no {name} with {content}, but {self.events}") from None
        return found()

    async def send(self, text: Any, payload: Optional[str] = None, message_id: Optional[str] = None) -> str:
        """Sends a message that must be taken, and returns its id."""
        message = {"id": message_id or new_id(), "text": text, **({"payload": payload} if payload else {})}
        receipt = await self.ask("user_uttered", message)
        assert receipt["status"] == "taken", receipt
        return str(message["id"])

    async def say(self, text: str, payload: Optional[str] = None) -> List[Content]:
        """Sends a message and returns the replies to it."""
        message_id = await self.send(text, payload)
        await self.until("turn_end", id=message_id)
        return self.replies_to(message_id)

    async def click(self, title: str) -> List[Content]:
        """Clicks the last quick reply whose title holds some words."""
        shown = [reply for message in self.replies() for reply in message["quick_replies"] if title in reply["title"]]
        assert shown, f"no {title!r} in {self.replies()}"
        return await self.say(shown[-1]["title"], shown[-1]["payload"])

    def replies(self) -> List[Content]:
        """All that the assistant has said in this window."""
        return [event.content for event in self.events if event.name == "bot_uttered"]

    def replies_to(self, message_id: str) -> List[Content]:
        """What the assistant has said to one message in this window."""
        return [reply for reply in self.replies() if reply["reply_to"] == message_id]


def new_id() -> str:
    """Returns an id of a message, as the widget makes them."""
    return str(uuid.uuid4())


def words(messages: List[Content]) -> str:
    """Returns the texts of messages, one a line."""
    return "\n".join(message["text"] for message in messages)


@asynccontextmanager
async def window(server: Server, transport: str = "websocket", **headers: str) -> AsyncIterator[Window]:
    """Connects to the server, without a session yet."""
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)
        opened = Window(client)
        await client.connect(
            f"http://127.0.0.1:{server.port}", headers, transports=[transport], socketio_path=PATH, wait_timeout=PATIENCE
        )
        try:
            yield opened
        finally:
            if client.connected and transport == "polling":  # as a page that closes lets go of the request that waits
                client.eio.read_loop_task.cancel()
                await client.eio.disconnect(abort=True)
            else:
                await client.disconnect()


@asynccontextmanager
async def visitor(server: Server, transport: str = "websocket", token: Any = None, after: Any = 0) -> AsyncIterator[Window]:
    """Opens the widget: connects, and begins a session or comes back to one."""
    async with window(server, transport) as opened:
        await opened.open(token, after)
        yield opened
