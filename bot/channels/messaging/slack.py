"""Slack: signed events and clicks of one workspace, answered in blocks. For the clinic: docs/channels/slack.md."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import parse_qs

import httpx

from bot.channels.messaging.prepare import shortened, with_buttons
from bot.channels.messaging.reading import Object, answered, inner, json_object, text_in
from bot.channels.messaging.sending import by_status, retry_after
from bot.channels.messaging.service import (
    Call,
    Content,
    Inbound,
    Incoming,
    Message,
    NotGenuine,
    NotReadable,
    Prepared,
    Reply,
    Verdict,
)
from bot.channels.messaging.slack_text import marked_up, read_text
from bot.clock import now

CHANNEL = "slack"
SIGNATURE_HEADER, TIME_HEADER = "X-Slack-Signature", "X-Slack-Request-Timestamp"
EPOCH, WINDOW = datetime(1970, 1, 1), timedelta(minutes=5)
"""The clock of Slack's times, and how old a request may be, or how far the clocks may be apart."""
LONGEST, LONGEST_TITLE = 3000, 75
"""Characters of a section, and of a button."""
PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout", "service_unavailable"}
)
WRITTEN = frozenset({"", "file_share", "thread_broadcast"})
"""Kinds of messages that people write; the others tell of edits, of who has come, and the like."""
NOTHING_BUT_ITS_NAME = "Hello"
"""What it means to name the app and to say nothing."""
_ERROR = re.compile(r"[a-z_]{2,30}")
_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_TIME = re.compile(r"([0-9]{1,12})\.([0-9]{6})")


class Slack:
    """One app in one workspace."""

    name = "slack"
    longest_body = 262_144
    """A click brings along the message that it was made under."""

    def __init__(self, bot_token: str, signing_secret: str, api: str) -> None:
        """Takes the token of the app's bot, the secret that Slack signs with, and where Slack's API is."""
        self._post = f"{api.rstrip('/')}/chat.postMessage"
        self._token = bot_token
        self._secret = signing_secret

    def read(self, incoming: Incoming) -> List[Inbound]:
        """Returns the message, or the click, of a request; see `Service.read`."""
        self._prove(incoming)
        content = _content(incoming)
        found = _click(content) if content.get("type") == "block_actions" else _event(content)
        return [found] if found else []

    def receipt(self, incoming: Incoming) -> Tuple[bytes, str]:
        """Returns nothing, or the challenge when Slack asks whether the address is the clinic's; see `Service.receipt`."""
        content = _content(incoming)
        asked = text_in(content, "challenge") if content.get("type") == "url_verification" else ""
        return asked.encode("utf-8", "surrogatepass"), "text/plain"

    def keyword(self, channel: str, content: Content) -> Optional[str]:
        """Returns None: who wants no messages mutes the app, and it writes only to who has written."""
        return None

    def prepare(self, channel: str, messages: Sequence[Message]) -> Prepared:
        """Returns the messages with their buttons below; see `Service.prepare`."""
        return with_buttons(messages, lambda part: len(marked_up(part)) <= LONGEST)

    def call(self, channel: str, to: str, reply: Reply) -> Call:
        """Returns the request that sends a message; see `Service.call`."""
        text = marked_up(reply["text"])
        blocks: List[Object] = [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}]
        if reply.get("buttons"):
            blocks.append({"type": "actions", "elements": _buttons(reply["buttons"])})
        where, _, thread = to.partition(" ")
        body: Dict[str, Any] = {"channel": where, "text": text, "blocks": blocks, "unfurl_links": False}
        return Call(self._post, json={**body, "thread_ts": thread} if thread else body, bearer=self._token)

    def courtesies(self, channel: str, to: str, content: Content) -> List[Call]:
        """Returns nothing: Slack lets apps of this kind show nothing while they write; see `Service.courtesies`."""
        return []

    def verdict(self, response: httpx.Response) -> Verdict:
        """Returns what Slack says in the body, which refuses with status 200 too; see `Service.verdict`."""
        verdict = by_status(response)
        if verdict.refusal is not None:
            return verdict
        answer = answered(response)
        if answer.get("ok") is True:
            return verdict
        error = text_in(answer, "error")
        known = error if _ERROR.fullmatch(error) else "unknown"
        return Verdict(f"error {known}", error in PASSING, retry_after(response))

    def _prove(self, incoming: Incoming) -> None:
        """Raises NotGenuine when the signature is missing, wrong, or of another time."""
        time = incoming.headers.get(TIME_HEADER, "")
        given = incoming.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "surrogateescape")
        expected = signature(self._secret, time, incoming.body).encode()
        if not hmac.compare_digest(given, expected) or not _is_of_now(time):
            raise NotGenuine


def signature(secret: str, time: str, body: bytes) -> str:
    """Returns Slack's signature of a request.

    Args:
        secret: of the app.
        time: seconds since 1970, as the header has them.
        body: as it was sent.
    """
    signed = b"v0:" + time.encode("utf-8", "surrogateescape") + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _is_of_now(time: str) -> bool:
    if not re.fullmatch(r"[0-9]{1,10}", time):
        return False
    return abs(now() - EPOCH - timedelta(seconds=int(time))) <= WINDOW


def _content(incoming: Incoming) -> Object:
    """Returns what a request holds: events are JSON, clicks a form with JSON in it."""
    if not incoming.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return json_object(incoming.body)
    try:
        (payload,) = parse_qs(incoming.body.decode("ascii"), max_num_fields=10).get("payload", [])
    except ValueError:
        raise NotReadable from None
    return json_object(payload.encode("utf-8", "surrogatepass"))


def _event(content: Object) -> Optional[Inbound]:
    """Returns what somebody wrote to the app: in the channel that they have with it, or by its name in another one."""
    event = inner(content, "event")
    if content.get("type") != "event_callback" or not _is_for_us(event):
        return None
    sent, channel = text_in(event, "ts"), text_in(event, "channel")
    thread = text_in(event, "thread_ts") or ("" if _is_direct(channel) else sent)
    text = read_text(text_in(event, "text")) or ("" if event.get("files") or _is_direct(channel) else NOTHING_BUT_ITS_NAME)
    said: Content = {"text": text} if text else {"unreadable": True}
    return _inbound(text_in(event, "user"), (channel, thread), text_in(content, "event_id"), sent, said)


def _is_for_us(event: Object) -> bool:
    if event.get("bot_id") or event.get("edited") or text_in(event, "subtype") not in WRITTEN:
        return False
    is_direct = _is_direct(text_in(event, "channel"))
    return event.get("type") == ("message" if is_direct else "app_mention")


def _click(content: Object) -> Optional[Inbound]:
    """Returns the button that somebody pressed under one of the app's messages."""
    container, actions = inner(content, "container"), content.get("actions")
    if not isinstance(actions, list) or len(actions) != 1 or not isinstance(actions[0], dict):
        return None
    user, channel = text_in(inner(content, "user"), "id"), text_in(container, "channel_id")
    thread = text_in(container, "thread_ts") or text_in(inner(content, "message"), "thread_ts")
    pressed, value = text_in(actions[0], "action_ts"), text_in(actions[0], "value")
    if not value:
        return None
    mark = f"{user} {channel} {text_in(container, 'message_ts')} {pressed}"
    return _inbound(user, (channel, thread), mark, pressed, {"payload": value})


def _inbound(user: str, where: Tuple[str, str], mark: str, at: str, content: Content) -> Optional[Inbound]:
    """Returns a message of a person: in a channel each thread is a conversation of its own with each of those who write."""
    channel, thread = where
    time = _TIME.fullmatch(at)
    if not _ID.fullmatch(user) or not _ID.fullmatch(channel) or not mark.isascii() or not mark or not time:
        return None
    if thread and not _TIME.fullmatch(thread):
        return None
    to = f"{channel} {thread}".strip()
    sender = user if _is_direct(channel) else f"{user} {to}"
    return Inbound(CHANNEL, sender, to, mark, content, place=int(time[1] + time[2]))


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _buttons(buttons: Sequence[Mapping[str, str]]) -> List[Object]:
    return [
        {
            "type": "button",
            "action_id": f"choice_{number}",
            "text": {"type": "plain_text", "text": shortened(button["title"], LONGEST_TITLE)},
            "value": button["payload"],
        }
        for number, button in enumerate(buttons, start=1)
    ]
