"""The APIs of messaging services on this machine: they check what they get, and can fail, be slow and ask for patience."""

from __future__ import annotations

import asyncio
import base64
import threading
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set

from aiohttp import web

from bot.errors import AssistantError
from bot.evaluation.messaging_samples import ACCOUNT, AUTH_TOKEN, BOT_TOKEN, PAGE_TOKEN, TOKEN

START_SECONDS = 30.0
Content = Dict[str, Any]


class ApisFailed(AssistantError):
    """The APIs did not start."""


class Sent(NamedTuple):
    """A message that an API was asked to send."""

    to: str
    text: str
    content: Content


class Refusal(NamedTuple):
    """How a message is not taken."""

    status: int
    content: Optional[Content] = None
    headers: Optional[Dict[str, str]] = None


CUT = Refusal(0)
"""No answer at all: the connection is cut."""


class Apis:
    """All of them at one address."""

    def __init__(self) -> None:
        self.sent: List[Sent] = []
        """What was taken, in order."""
        self.courtesies: List[str] = []
        self.wrong: List[str] = []
        """What no API would accept."""
        self.refuses: Dict[str, List[Refusal]] = {}
        """By whom it is meant for: answers that are given before anything is taken, one a request."""
        self.refused = 0
        """How many such answers were given, ever."""
        self.delay: Callable[[str], float] = lambda to: 0.0
        """Seconds until a message to somebody is taken."""
        self._holds: Callable[[str], bool] = lambda to: False
        self._changed = asyncio.Event()
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self.held: Set[str] = set()
        """To whom a message was held, ever."""
        self.address = ""

    @property
    def holds(self) -> Callable[[str], bool]:
        """To whom nothing is taken, and nothing refused either."""
        return self._holds

    @holds.setter
    def holds(self, holds: Callable[[str], bool]) -> None:
        self._holds = holds
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._look_again)

    def _look_again(self) -> None:
        """Wakes what is held: waiting costs nothing, or it would be what is measured."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def start(self) -> web.AppRunner:
        """Serves on a free port until what is returned is cleaned up."""
        application = web.Application()
        application.add_routes(self.routes())
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._loop = asyncio.get_running_loop()
        return runner

    def routes(self) -> List[web.RouteDef]:
        """Returns what is served."""
        return [
            web.post(f"/bot{TOKEN}/{{method}}", self._telegram),
            web.post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", self._twilio),
            web.post("/meta/me/messages", self._messenger),
            web.post("/slack/chat.postMessage", self._slack),
            web.route("*", "/{anything:.*}", self._unknown),
        ]

    async def _unknown(self, request: web.Request) -> web.Response:
        self.wrong.append(f"{request.method} {request.path}")
        return web.json_response({"ok": False}, status=404)

    def _expect(self, right: bool, what: Any) -> None:
        if not right:
            self.wrong.append(str(what))

    async def _telegram(self, request: web.Request) -> web.Response:
        body, method = await request.json(), request.match_info["method"]
        if method in ("sendChatAction", "answerCallbackQuery"):
            self.courtesies.append(method)
            await self._until_not_held(str(body.get("chat_id")))
            return web.json_response({"ok": True, "result": True})
        buttons = [each for row in body.get("reply_markup", {}).get("inline_keyboard", []) for each in row]
        self._expect(method == "sendMessage" and isinstance(body.get("chat_id"), int), body)
        self._expect(0 < len(body.get("text", "")) <= 4096, body)
        self._expect(all(0 < len(each["callback_data"].encode()) <= 64 and each["text"] for each in buttons), body)
        return await self._take(request, Sent(str(body["chat_id"]), body["text"], body), {"ok": True})

    async def _twilio(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        self._expect(request.headers.get("Authorization") == expected, form)
        self._expect(0 < len(form.get("Body", "")) <= 1600, form)
        self._expect(form.get("From", "").startswith("whatsapp:") == form["To"].startswith("whatsapp:"), form)
        return await self._take(request, Sent(form["To"], form["Body"], form), {"status": "queued"}, status=201)

    async def _messenger(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._expect(request.headers.get("Authorization") == f"Bearer {PAGE_TOKEN}" and not request.query_string, body)
        to = str(body["recipient"]["id"])
        if "sender_action" in body:
            self._expect("message" not in body and body["sender_action"] in ("mark_seen", "typing_on"), body)
            self.courtesies.append(body["sender_action"])
            await self._until_not_held(to)
            return web.json_response({"recipient_id": to})
        message = body["message"]
        quick = message.get("quick_replies", [])
        self._expect(body.get("messaging_type") == "RESPONSE" and 0 < len(message.get("text", "")) <= 2000, body)
        self._expect(len(quick) <= 13 and all(each["content_type"] == "text" for each in quick), body)
        self._expect(all(0 < len(each["title"]) <= 20 and 0 < len(each["payload"]) <= 1000 for each in quick), body)
        return await self._take(request, Sent(to, message["text"], body), {"recipient_id": to, "message_id": "m_1"})

    async def _slack(self, request: web.Request) -> web.Response:
        body = await request.json()
        section, *rest = body["blocks"]
        buttons = [element for block in rest for element in block["elements"]]
        self._expect(request.headers.get("Authorization") == f"Bearer {BOT_TOKEN}", body)
        self._expect(section["type"] == "section" and 0 < len(section["text"]["text"]) <= 3000, body)
        self._expect(body["text"] == section["text"]["text"] and len(rest) <= 1 and len(buttons) <= 25, body)
        self._expect(all(0 < len(each["text"]["text"]) <= 75 and 0 < len(each["value"]) <= 2000 for each in buttons), body)
        self._expect(len({each["action_id"] for each in buttons}) == len(buttons), body)
        return await self._take(request, Sent(body["channel"], body["text"], body), {"ok": True, "ts": "1.000001"})

    async def _until_not_held(self, to: str) -> None:
        while self.holds(to):
            await self._changed.wait()

    async def _take(self, request: web.Request, sent: Sent, answer: Content, status: int = 200) -> web.Response:
        if self.refuses.get(sent.to):
            refusal = self.refuses[sent.to].pop(0)
            self.refused += 1
            if refusal == CUT and request.transport is not None:
                request.transport.close()
            return web.json_response(refusal.content, status=refusal.status or 500, headers=refusal.headers)
        await asyncio.sleep(self.delay(sent.to))
        if self.holds(sent.to):
            self.held.add(sent.to)
            await self._until_not_held(sent.to)
        if request.transport is None or request.transport.is_closing():  # whoever asked is gone
            return web.json_response({"ok": False}, status=500)
        self.sent.append(sent)
        return web.json_response(answer, status=status)


@contextmanager
def running_apis(apis: Apis) -> Iterator[None]:
    """Runs the APIs in a thread until the block ends, and lets them know their address.

    Args:
        apis: all of them.

    Raises:
        ApisFailed: they did not start.
    """
    loop, ready = asyncio.SelectorEventLoop(), threading.Event()
    thread = threading.Thread(target=_run, args=(loop, apis, ready), name="messaging-apis", daemon=True)
    thread.start()
    if not ready.wait(START_SECONDS):
        raise ApisFailed(f"The APIs of messaging services did not start in {START_SECONDS:.0f} s")
    try:
        yield
    finally:
        apis.holds = lambda to: False
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_SECONDS)


def _run(loop: asyncio.AbstractEventLoop, apis: Apis, ready: threading.Event) -> None:
    runner = loop.run_until_complete(apis.start())
    ready.set()
    loop.run_forever()
    loop.run_until_complete(runner.cleanup())
    loop.close()
