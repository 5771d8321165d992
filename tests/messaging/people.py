"""What Telegram and Twilio send to a webhook, in the shapes of their documentation, and people who write by them."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from itertools import count
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import urlencode

from fakes import ACCOUNT, AUTH_TOKEN, NUMBER, TOKEN, Api, Sent

from bot.channels.messaging.telegram import SECRET_HEADER
from bot.channels.messaging.twilio import PATH, SIGNATURE_HEADER, signature

SECRET = "s" * 40
REST_TOKEN = "r" * 40
PUBLIC_URL = "https://assistant.clinic.example"
TELEGRAM_PATH = "/webhooks/telegram/webhook"
_numbers = count(700_000_001)
_messages = count(1)
_people = count(17_805_550_200)


FAST = {"messaging_first_wait_seconds": 0.05, "messaging_attempts": 4}


def switched_on(api: Api) -> dict[str, object]:
    """The settings that switch everything on."""
    return {
        "public_url": PUBLIC_URL,
        "telegram_token": TOKEN,
        "telegram_webhook_secret": SECRET,
        "telegram_api_url": api.address,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": AUTH_TOKEN,
        "twilio_sms_from": NUMBER,
        "twilio_whatsapp_from": NUMBER,
        "twilio_api_url": api.address,
        "rest_token": REST_TOKEN,
        **FAST,
    }


def somebody(channel: str) -> str:
    """Returns the id of a chat, or the number, of somebody who has not written before."""
    number = next(_people)
    return {"telegram": str(number), "sms": f"+{number}", "whatsapp": f"whatsapp:+{number}"}[channel]


def update(chat: int, text: Optional[str] = None, kind: str = "private", **more: Any) -> Dict[str, Any]:
    """A message to the bot; `more` is what it has besides, such as a picture."""
    said = {"text": text} if text is not None else {}
    return {
        "update_id": next(_numbers),
        "message": {
            "message_id": next(_messages),
            "from": {"id": chat, "is_bot": False, "first_name": "Dana", "username": "dana_sample", "language_code": "en"},
            "chat": {"id": chat, "first_name": "Dana", "username": "dana_sample", "type": kind},
            "date": 1_790_000_000,
            **said,
            **more,
        },
    }


def press(chat: int, data: str) -> Dict[str, Any]:
    """A button that is pressed."""
    return {
        "update_id": next(_numbers),
        "callback_query": {
            "id": str(next(_messages)),
            "from": {"id": chat, "is_bot": False, "first_name": "Dana"},
            "message": {
                "message_id": next(_messages),
                "from": {"id": 123456, "is_bot": True, "first_name": "Assistant"},
                "chat": {"id": chat, "type": "private"},
                "date": 1_790_000_000,
                "text": "…",
            },
            "chat_instance": "-1",
            "data": data,
        },
    }


def form(sender: str, body: str, **more: str) -> List[Tuple[str, str]]:
    """The fields of an SMS or, when the sender is one, of a WhatsApp message."""
    sid = f"SM{next(_messages):032x}"
    to = f"whatsapp:{NUMBER}" if sender.startswith("whatsapp:") else NUMBER
    fields = {
        "ToCountry": "CA", "SmsMessageSid": sid, "NumMedia": "0", "FromZip": "", "SmsSid": sid, "FromState": "AB",
        "SmsStatus": "received", "FromCity": "Grande Prairie", "Body": body, "FromCountry": "CA", "To": to,
        "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "ApiVersion": "2010-04-01", **more,
    }  # fmt: skip
    return list(fields.items())


class Web:
    """Delivers to the webhooks of a server."""

    def __init__(self, port: int) -> None:
        self._port = port

    def post(self, path: str, body: bytes, headers: Dict[str, str]) -> Tuple[int, bytes, Dict[str, str]]:
        """Returns status, body and headers of the answer."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), {name.lower(): value for name, value in response.getheaders()}

    def telegram(self, content: Any, secret: Optional[str] = SECRET) -> int:
        """Delivers an update and returns the status."""
        headers = {"Content-Type": "application/json", **({SECRET_HEADER: secret} if secret is not None else {})}
        return self.post(TELEGRAM_PATH, json.dumps(content).encode(), headers)[0]

    def twilio(self, fields: List[Tuple[str, str]], token: str = AUTH_TOKEN, url: str = PUBLIC_URL + PATH) -> int:
        """Delivers a message and returns the status."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "127.0.0.1",
            SIGNATURE_HEADER: signature(token, url, fields),
        }
        return self.post(PATH, urlencode(fields).encode(), headers)[0]


class Person:
    """Somebody who writes, waits for the answer, and writes again."""

    def __init__(self, web: Web, api: Api, who: str) -> None:
        self._web = web
        self._api = api
        self.who = who
        self.seen = 0

    def say(self, text: str, replies: int = 1) -> str:
        """Writes and returns what comes back, as soon as there are so many messages."""
        status = (
            self._web.telegram(update(int(self.who), text)) if self.who.isdigit() else self._web.twilio(form(self.who, text))
        )
        assert status == 200
        return self.read(replies)

    def press(self, title: str, replies: int = 1) -> str:
        """Presses a button under one of the messages that came last."""
        rows = [
            row for sent in reversed(self.all()) for row in sent.content.get("reply_markup", {}).get("inline_keyboard", [])
        ]
        data = next(button["callback_data"] for row in rows for button in row if button["text"].startswith(title))
        assert self._web.telegram(press(int(self.who), data)) == 200
        return self.read(replies)

    def read(self, replies: int) -> str:
        """Waits for so many messages."""
        new = self._api.wait_for(self.seen + replies, self.who)[self.seen :]
        self.seen += len(new)
        return "\n".join(sent.text for sent in new)

    def all(self) -> List[Sent]:
        """All that came."""
        return [sent for sent in self._api.sent if sent.to == self.who]
