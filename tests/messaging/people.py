"""People who write by messaging apps: what the services deliver for them, and what they get."""

from __future__ import annotations

import http.client
from contextlib import closing
from typing import Any, Dict, List, Optional, Tuple

from fakes import AUTH_TOKEN, Api, Sent

from bot.channels.messaging.twilio import PATH
from bot.evaluation.messaging_samples import (
    APP_SECRET,
    PUBLIC_URL,
    SAY,
    SECRET,
    Delivery,
    Fields,
    batch,
    by_messenger,
    by_slack,
    by_telegram,
    by_twilio,
    form,
    press,
    pressed,
    settings_for,
    somebody,
    update,
    written,
)

__all__ = ["PUBLIC_URL", "REST_TOKEN", "SECRET", "Person", "Web", "form", "press", "somebody", "switched_on", "update"]
REST_TOKEN = "r" * 40
FAST = {"messaging_first_wait_seconds": 0.05, "messaging_attempts": 4}


def switched_on(api: Api) -> dict[str, object]:
    """The settings that switch everything on."""
    return {**settings_for(api.address), "rest_token": REST_TOKEN, **FAST}


class Web:
    """Delivers to the webhooks of a server."""

    def __init__(self, port: int) -> None:
        self._port = port

    def request(self, method: str, path: str, body: bytes, headers: Dict[str, str]) -> Tuple[int, bytes, Dict[str, str]]:
        """Returns status, body and headers of the answer."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), {name.lower(): value for name, value in response.getheaders()}

    def post(self, path: str, body: bytes, headers: Dict[str, str]) -> Tuple[int, bytes, Dict[str, str]]:
        """The same for a POST."""
        return self.request("POST", path, body, headers)

    def deliver(self, delivery: Delivery) -> int:
        """Delivers anything and returns the status."""
        return self.post(*delivery)[0]

    def telegram(self, content: Any, secret: Optional[str] = SECRET) -> int:
        """Delivers an update and returns the status."""
        return self.deliver(by_telegram(content, secret))

    def twilio(self, fields: Fields, token: str = AUTH_TOKEN, url: str = PUBLIC_URL + PATH) -> int:
        """Delivers a message and returns the status."""
        return self.deliver(by_twilio(fields, token, url))

    def messenger(self, content: Any, secret: str = APP_SECRET) -> int:
        """Delivers a batch and returns the status."""
        return self.deliver(by_messenger(content, secret))

    def slack(self, content: Any, **how: Any) -> int:
        """Delivers an event or a click and returns the status."""
        return self.deliver(by_slack(content, **how))


class Person:
    """Somebody who writes, waits for the answer, and writes again."""

    def __init__(self, web: Web, api: Api, who: str) -> None:
        self._web = web
        self._api = api
        self.who = who
        self.seen = 0

    @property
    def channel(self) -> str:
        """By which they write, as their id shows."""
        if self.who.startswith("D"):
            return "slack"
        if self.who.isdigit():
            return "messenger" if len(self.who) > 15 else "telegram"
        return "whatsapp" if self.who.startswith("whatsapp:") else "sms"

    def say(self, text: str, replies: int = 1) -> str:
        """Writes and returns what comes back, as soon as there are so many messages."""
        assert self._web.deliver(SAY[self.channel](self.who, text)) == 200
        return self.read(replies)

    def press(self, title: str, replies: int = 1) -> str:
        """Presses a button under one of the messages that came last."""
        shown = {"telegram": _telegram_buttons, "messenger": _messenger_buttons, "slack": slack_buttons}[self.channel]
        buttons = [button for sent in reversed(self.all()) for button in shown(sent)]
        name, payload = next(button for button in buttons if button[0].startswith(title))
        assert self._web.deliver(self._click(name, payload)) == 200
        return self.read(replies)

    def _click(self, name: str, payload: str) -> Delivery:
        if self.channel == "telegram":
            return by_telegram(press(int(self.who), payload))
        if self.channel == "slack":
            return by_slack(pressed(self.who, payload))
        return by_messenger(batch(written(self.who, name, quick_reply={"payload": payload})))

    def read(self, replies: int) -> str:
        """Waits for so many messages."""
        new = self._api.wait_for(self.seen + replies, self.who)[self.seen :]
        self.seen += len(new)
        return "\n".join(sent.text for sent in new)

    def all(self) -> List[Sent]:
        """All that came."""
        return [sent for sent in self._api.sent if sent.to == self.who]


def _telegram_buttons(sent: Sent) -> List[Tuple[str, str]]:
    rows = sent.content.get("reply_markup", {}).get("inline_keyboard", [])
    return [(button["text"], button["callback_data"]) for row in rows for button in row]


def _messenger_buttons(sent: Sent) -> List[Tuple[str, str]]:
    return [(each["title"], each["payload"]) for each in sent.content["message"].get("quick_replies", [])]


def slack_buttons(sent: Sent) -> List[Tuple[str, str]]:
    """Words and payloads of the buttons under a message of Slack."""
    elements = [element for block in sent.content["blocks"][1:] for element in block["elements"]]
    return [(each["text"]["text"], each["value"]) for each in elements]
