"""Telegram: updates of a bot, with a secret in the header, and buttons. For the clinic: docs/channels/telegram.md."""

from __future__ import annotations

import hmac
from typing import Any, Dict, List, Optional, Sequence, Tuple

import httpx

from bot.channels.messaging.prepare import with_buttons
from bot.channels.messaging.reading import json_object
from bot.channels.messaging.sending import by_status
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

CHANNEL = "telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # nosec B105 # the header's name
LONGEST = 4096
LONGEST_DATA = 64
"""Bytes of what a button carries."""
COMMANDS = {"/start": "Hello", "/help": "What can you do?"}
"""What Telegram's own commands mean in words; `/start` is what the app writes when somebody opens the bot."""


class Telegram:
    """One bot."""

    name = "telegram"
    longest_body = 65_536

    def __init__(self, token: str, secret: str, api: str) -> None:
        """Takes the bot's token, the secret that its webhook was set with, and where Telegram's API is."""
        self._base = f"{api.rstrip('/')}/bot{token}"
        self._secret = secret.encode()

    def read(self, incoming: Incoming) -> List[Inbound]:
        """Returns the message, or the click, of an update; see `Service.read`."""
        given = incoming.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            raise NotGenuine
        update = json_object(incoming.body)
        number = update.get("update_id")
        if not isinstance(number, int) or isinstance(number, bool):
            raise NotReadable
        found = _click(update) or _message(update)
        if found is None:
            return []
        chat, content = found
        return [Inbound(CHANNEL, str(chat), str(chat), str(number), content, place=number)]

    def receipt(self, incoming: Incoming) -> Tuple[bytes, str]:
        """Returns an empty object; see `Service.receipt`."""
        return b"{}", "application/json"

    def keyword(self, channel: str, content: Content) -> Optional[str]:
        """Returns None: who wants no messages stops the bot in the app, and it is told by its answer."""
        return None

    def prepare(self, channel: str, messages: Sequence[Message]) -> Prepared:
        """Returns the messages with their buttons below; see `Service.prepare`."""
        return with_buttons(messages, lambda part: len(part) <= LONGEST)

    def call(self, channel: str, to: str, reply: Reply) -> Call:
        """Returns the request that sends a message; see `Service.call`."""
        body: Dict[str, Any] = {
            "chat_id": int(to),
            "text": reply["text"],
            "link_preview_options": {"is_disabled": True},
        }
        if reply.get("buttons"):
            rows = [[{"text": button["title"], "callback_data": button["payload"]}] for button in reply["buttons"]]
            body["reply_markup"] = {"inline_keyboard": rows}
        return Call(f"{self._base}/sendMessage", json=body)

    def courtesies(self, channel: str, to: str, content: Content) -> List[Call]:
        """Returns what shows that the assistant is typing, and that a button was pressed; see `Service.courtesies`."""
        typing = Call(f"{self._base}/sendChatAction", json={"chat_id": int(to), "action": "typing"})
        if "click" not in content:
            return [typing]
        return [Call(f"{self._base}/answerCallbackQuery", json={"callback_query_id": content["click"]}), typing]

    def verdict(self, response: httpx.Response) -> Verdict:
        """Returns what the status says: how long to wait stands in the body, and 403 is a person who has stopped the bot."""
        verdict = by_status(response)._replace(unwanted=response.status_code == httpx.codes.FORBIDDEN)
        try:
            told = response.json()["parameters"]["retry_after"]
        except (ValueError, KeyError, TypeError):
            return verdict
        return verdict._replace(wait=float(told)) if isinstance(told, int) else verdict


def _click(update: Dict[str, Any]) -> Optional[Tuple[int, Content]]:
    """Returns chat and payload of a button that was pressed."""
    click = update.get("callback_query")
    if not isinstance(click, dict):
        return None
    chat = _private_chat(click.get("message"))
    query, data = click.get("id"), click.get("data")
    if chat is None or not isinstance(query, str) or not isinstance(data, str):
        return None
    return chat, {"payload": data, "click": query}


def _message(update: Dict[str, Any]) -> Optional[Tuple[int, Content]]:
    """Returns chat and content of a new message; edited ones were answered when they were new."""
    message = update.get("message")
    chat = _private_chat(message)
    if chat is None or not isinstance(message, dict):
        return None
    text = message.get("text", message.get("caption"))
    if not isinstance(text, str):
        return chat, {"unreadable": True}
    command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    return chat, {"text": COMMANDS.get(command, text)}


def _private_chat(message: Any) -> Optional[int]:
    """Returns the chat of a message when one person writes there; what is said in groups is for others."""
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(chat, dict) or chat.get("type") != "private":
        return None
    number = chat.get("id")
    return number if isinstance(number, int) and not isinstance(number, bool) else None
