"""The APIs of Telegram and Twilio on this machine: they check what they get, and can fail, be slow and ask for patience."""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Dict, List, NamedTuple, Optional

from aiohttp import web

PATIENCE = 30.0
TOKEN = "123456:sample-token-that-opens-nothing"
ACCOUNT = "AC" + "0" * 32
AUTH_TOKEN = "t" * 32
NUMBER = "+17805550100"


class Sent(NamedTuple):
    """A message that an API was asked to send."""

    to: str
    text: str
    content: Dict[str, Any]


class Refusal(NamedTuple):
    """How a message is not taken."""

    status: int
    content: Optional[Dict[str, Any]] = None
    headers: Optional[Dict[str, str]] = None


class Api:
    """Both APIs at one address."""

    def __init__(self) -> None:
        self.sent: List[Sent] = []
        """What was taken, in order."""
        self.courtesies: List[str] = []
        self.wrong: List[str] = []
        """What no API would accept."""
        self.refuses: Dict[str, List[Refusal]] = {}
        """By whom it is meant for: answers that are given before anything is taken, one a request."""
        self.holds: Callable[[str], bool] = lambda to: False
        """To whom a message is not taken, and not refused either."""
        self.held = 0
        self.address = ""

    def to(self, who: str) -> List[str]:
        """The texts that somebody was sent."""
        return [sent.text for sent in self.sent if sent.to == who]

    def wait_for(self, count: int, who: Optional[str] = None) -> List[Sent]:
        """Waits until so many messages were taken, and returns them."""

        def found() -> List[Sent]:
            return [sent for sent in list(self.sent) if who in (None, sent.to)]

        until(lambda: len(found()) >= count, lambda: f"{len(found())} of {count}; wrong: {self.wrong}")
        return found()

    def routes(self) -> List[web.RouteDef]:
        return [
            web.post(f"/bot{TOKEN}/{{method}}", self._telegram),
            web.post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", self._twilio),
            web.route("*", "/{anything:.*}", self._unknown),
        ]

    async def _unknown(self, request: web.Request) -> web.Response:
        self.wrong.append(f"{request.method} {request.path}")
        return web.json_response({"ok": False}, status=404)

    async def _telegram(self, request: web.Request) -> web.Response:
        body, method = await request.json(), request.match_info["method"]
        if method in ("sendChatAction", "answerCallbackQuery"):
            self.courtesies.append(method)
            return web.json_response({"ok": True, "result": True})
        rows = body.get("reply_markup", {}).get("inline_keyboard", [])
        if method != "sendMessage" or not isinstance(body.get("chat_id"), int) or not 0 < len(body.get("text", "")) <= 4096:
            self.wrong.append(f"{method} {body}")
        if any(not 0 < len(button["callback_data"].encode()) <= 64 or not button["text"] for row in rows for button in row):
            self.wrong.append(f"{method} {body}")
        return await self._take(request, Sent(str(body["chat_id"]), body["text"], body))

    async def _twilio(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != expected or not 0 < len(str(form.get("Body", ""))) <= 1600:
            self.wrong.append(f"messages {form}")
        if str(form.get("From", "")).startswith("whatsapp:") != str(form["To"]).startswith("whatsapp:"):
            self.wrong.append(f"messages {form}")
        return await self._take(request, Sent(str(form["To"]), str(form["Body"]), form), status=201)

    async def _take(self, request: web.Request, sent: Sent, status: int = 200) -> web.Response:
        if self.refuses.get(sent.to):
            refusal = self.refuses[sent.to].pop(0)
            return web.json_response(refusal.content, status=refusal.status, headers=refusal.headers)
        if self.holds(sent.to):
            self.held += 1
            while self.holds(sent.to):
                await asyncio.sleep(0.01)
            if request.transport is None or request.transport.is_closing():  # whoever asked is gone
                return web.json_response({"ok": False}, status=500)
        self.sent.append(sent)
        return web.json_response({"ok": True}, status=status)


@contextmanager
def running_api() -> Iterator[Api]:
    """Runs both APIs in a thread until the block ends."""
    api, loop, ready = Api(), asyncio.SelectorEventLoop(), threading.Event()
    application = web.Application()
    application.add_routes(api.routes())
    runner = web.AppRunner(application, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def run() -> None:
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, name="fake-apis", daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield api
    finally:
        api.holds = lambda to: False
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)


def until(holds: Callable[[], bool], told: Callable[[], str] = lambda: "it never came") -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.01)
