"""Facebook Messenger: signed batches of a page's messages, and quick replies. For the clinic: docs/channels/messenger.md."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any, Dict, List, Optional, Sequence, Tuple
from urllib.parse import parse_qs

import httpx

from bot.channels.buttons import is_button
from bot.channels.messaging.choices import Choice, numbered
from bot.channels.messaging.prepare import shortened, texts_of
from bot.channels.messaging.reading import Object, answered, inner, json_object, text_in
from bot.channels.messaging.sending import by_status
from bot.channels.messaging.service import (
    Call,
    Content,
    Inbound,
    Incoming,
    Message,
    NotGenuine,
    Prepared,
    Reply,
    Verdict,
)
from bot.channels.messaging.short_text import split

CHANNEL = "messenger"
SIGNATURE_HEADER = "X-Hub-Signature-256"
LONGEST = 2000
LONGEST_TITLE, MOST_QUICK_REPLIES = 20, 13
BEGINNINGS = {"GET_STARTED": "Hello"}
"""What buttons that the page has for itself carry, and mean in words; others mean what is written on them."""
PASSING = frozenset({2, 4, 17, 32, 613, 1200, 80006})
"""Errors that pass: of Meta's own making, and limits of the app, the page and the conversation."""
UNWANTED = frozenset({551})
UNWANTED_BESIDES = frozenset({1545041, 2018278})
"""By the error's subcode: the person receives nothing from the page, or wrote more than 24 hours ago."""

_ID, _ID_OF_A_MESSAGE, _TIME = re.compile(r"[0-9]{1,32}"), re.compile(r"[!-~]{1,512}"), re.compile(r"[0-9]{1,15}")


class Messenger:
    """One page."""

    name = "messenger"
    longest_body = 1_000_000
    """Messages come up to a thousand at a time after a pause."""

    def __init__(self, page_token: str, app_secret: str, verify_token: str, api: str) -> None:
        """Takes the page's token, the app's secret, what Meta's question for the webhook holds, and where Meta's API is."""
        self._messages = f"{api.rstrip('/')}/me/messages"
        self._page_token = page_token
        self._app_secret = app_secret
        self._verify_token = verify_token.encode()

    def verify(self, query: str) -> bytes:
        """Returns the challenge; see `Verified.verify`."""
        asked = parse_qs(query, errors="surrogateescape")
        given = asked.get("hub.verify_token", [""])[0].encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._verify_token) or asked.get("hub.mode") != ["subscribe"]:
            raise NotGenuine
        return asked.get("hub.challenge", [""])[0].encode("utf-8", "surrogateescape")

    def read(self, incoming: Incoming) -> List[Inbound]:
        """Returns the messages and clicks of a batch, in its order; see `Service.read`."""
        given = incoming.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, signature(self._app_secret, incoming.body).encode()):
            raise NotGenuine
        batch = json_object(incoming.body)
        if batch.get("object") != "page":
            return []
        events = [event for entry in _objects(batch.get("entry")) for event in _objects(entry.get("messaging"))]
        return [inbound for inbound in map(_inbound, events) if inbound]

    def receipt(self, incoming: Incoming) -> Tuple[bytes, str]:
        """Returns the words that Meta's documentation has; see `Service.receipt`."""
        return b"EVENT_RECEIVED", "text/plain"

    def keyword(self, channel: str, content: Content) -> Optional[str]:
        """Returns None: who wants no messages blocks the page in the app, and it is told by Meta's answer."""
        return None

    def prepare(self, channel: str, messages: Sequence[Message]) -> Prepared:
        """Returns the messages with quick replies under the last one; see `Service.prepare`.

        Choices that a quick reply has no room for stand in the text, numbered, and may be picked by number too.
        """
        buttons = list(messages[-1].get("buttons") or []) if messages else []
        texts, choices = texts_of(messages), list[Choice]()
        if len(buttons) > MOST_QUICK_REPLIES or any(len(button["title"]) > LONGEST_TITLE for button in buttons):
            texts, choices = numbered(messages, texts)
            buttons = [{"title": f"{each.number}. {each.title}", "payload": each.payload} for each in choices]
        replies: List[Reply] = [{"text": part} for text in texts for part in split(text, lambda part: len(part) <= LONGEST)]
        if buttons:
            replies[-1]["buttons"] = buttons[:MOST_QUICK_REPLIES]
        return Prepared(replies, choices)

    def call(self, channel: str, to: str, reply: Reply) -> Call:
        """Returns the request that sends a message; see `Service.call`."""
        message: Dict[str, Any] = {"text": reply["text"]}
        if reply.get("buttons"):
            message["quick_replies"] = [
                {
                    "content_type": "text",
                    "title": shortened(button["title"], LONGEST_TITLE),
                    "payload": button["payload"],
                }
                for button in reply["buttons"]
            ]
        return self._to(to, messaging_type="RESPONSE", message=message)

    def courtesies(self, channel: str, to: str, content: Content) -> List[Call]:
        """Returns what shows that the message was seen, and that the page is typing; see `Service.courtesies`."""
        return [self._to(to, sender_action=action) for action in ("mark_seen", "typing_on")]

    def verdict(self, response: httpx.Response) -> Verdict:
        """Returns what Meta's error says, which has a code besides the status; see `Service.verdict`."""
        verdict = by_status(response)
        if verdict.refusal is None:
            return verdict
        error = inner(answered(response), "error")
        code, besides = error.get("code"), error.get("error_subcode")
        if not isinstance(code, int):
            return verdict
        unwanted = code in UNWANTED or besides in UNWANTED_BESIDES
        again = not unwanted and (verdict.again or code in PASSING or error.get("is_transient") is True)
        return Verdict(f"{verdict.refusal} code {code}", again, verdict.wait, unwanted)

    def _to(self, to: str, **what: Any) -> Call:
        return Call(self._messages, json={"recipient": {"id": to}, **what}, bearer=self._page_token)


def signature(secret: str, body: bytes) -> str:
    """Returns Meta's signature of a request.

    Args:
        secret: of the app.
        body: as it was sent.
    """
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _objects(value: Any) -> List[Object]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _inbound(event: Object) -> Optional[Inbound]:
    """Returns a message or a click; None for the page's own messages, for what was read or delivered, and the like."""
    message, postback = inner(event, "message"), inner(event, "postback")
    sender, at = text_in(inner(event, "sender"), "id"), _TIME.fullmatch(str(event.get("timestamp")))
    content = _clicked(postback) if postback else _said(message)
    if not _ID.fullmatch(sender) or content is None:
        return None
    place, mark = int(at[0]) if at else 0, text_in(message or postback, "mid")
    return Inbound(
        CHANNEL, sender, sender, mark if _ID_OF_A_MESSAGE.fullmatch(mark) else f"{sender} {place}", content, place
    )


def _said(message: Object) -> Optional[Content]:
    if not message or message.get("is_echo") or message.get("is_deleted"):
        return None
    picked = text_in(inner(message, "quick_reply"), "payload")
    if is_button(picked):
        return {"payload": picked}
    text = text_in(message, "text")
    return {"text": text} if text.strip() else {"unreadable": True}


def _clicked(postback: Object) -> Content:
    """Returns what a button stands for that stays: one of the page's menu, or the one that begins a conversation."""
    payload = text_in(postback, "payload")
    if is_button(payload):
        return {"payload": payload}
    return {"text": BEGINNINGS.get(payload) or text_in(postback, "title") or payload}
