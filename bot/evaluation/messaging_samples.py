"""Accounts at messaging services that open nothing, and what the services deliver, in the shapes of their documentation."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import urlencode

from bot.channels.messaging import messenger, slack
from bot.channels.messaging.telegram import SECRET_HEADER
from bot.channels.messaging.twilio import PATH, SIGNATURE_HEADER, signature

TOKEN = "123456:sample-token-that-opens-nothing"  # nosec B105 # as it says
SECRET = "sample_secret_" * 3
ACCOUNT = "AC" + "0" * 32
AUTH_TOKEN = "t" * 32
NUMBER = "+17805550100"
PAGE = "102030405060708"
PAGE_TOKEN = "EAA" + "p" * 40
APP_SECRET = "0a" * 16
VERIFY_TOKEN = "v" * 32
BOT_TOKEN = "xoxb-sample-token-that-opens-nothing"  # nosec B105 # as it says
SIGNING_SECRET = "0b" * 16
PUBLIC_URL = "https://assistant.clinic.example"
AT = 1_790_000_000
"""Seconds since 1970 at which everything is sent."""

Headers = Dict[str, str]
Fields = List[Tuple[str, str]]
_updates = count(700_000_001)
_messages = count(1)
_people = count(17_805_550_200)


class Delivery(NamedTuple):
    """A request to the webhook of a service."""

    path: str
    body: bytes
    headers: Headers


def settings_for(address: str) -> Dict[str, str]:
    """Returns the settings that switch every service on, in small letters.

    Args:
        address: where the APIs of all of them are.
    """
    return {
        "public_url": PUBLIC_URL,
        "telegram_token": TOKEN,
        "telegram_webhook_secret": SECRET,
        "telegram_api_url": address,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": AUTH_TOKEN,
        "twilio_sms_from": NUMBER,
        "twilio_whatsapp_from": NUMBER,
        "twilio_api_url": address,
        "messenger_page_token": PAGE_TOKEN,
        "messenger_app_secret": APP_SECRET,
        "messenger_verify_token": VERIFY_TOKEN,
        "messenger_api_url": f"{address}/meta",
        "slack_bot_token": BOT_TOKEN,
        "slack_signing_secret": SIGNING_SECRET,
        "slack_api_url": f"{address}/slack",
    }


def somebody(channel: str) -> str:
    """Returns where somebody is answered who has not written before: a chat, a number, or what the service calls them."""
    number = next(_people)
    forms = {
        "telegram": f"{number}",
        "sms": f"+{number}",
        "whatsapp": f"whatsapp:+{number}",
        "messenger": f"240000{number}",
        "slack": f"D{number}",
    }
    return forms[channel]


def update(chat: int, text: Optional[str] = None, kind: str = "private", **more: Any) -> Dict[str, Any]:
    """Returns a message to the bot of Telegram; `more` is what it has besides, such as a picture."""
    said = {"text": text} if text is not None else {}
    return {
        "update_id": next(_updates),
        "message": {
            "message_id": next(_messages),
            "from": {"id": chat, "is_bot": False, "first_name": "Dana", "username": "dana_sample", "language_code": "en"},
            "chat": {"id": chat, "first_name": "Dana", "username": "dana_sample", "type": kind},
            "date": AT,
            **said,
            **more,
        },
    }


def press(chat: int, data: str) -> Dict[str, Any]:
    """Returns what Telegram sends when a button is pressed."""
    return {
        "update_id": next(_updates),
        "callback_query": {
            "id": str(next(_messages)),
            "from": {"id": chat, "is_bot": False, "first_name": "Dana"},
            "message": {
                "message_id": next(_messages),
                "from": {"id": 123456, "is_bot": True, "first_name": "Assistant"},
                "chat": {"id": chat, "type": "private"},
                "date": AT,
                "text": "…",
            },
            "chat_instance": "-1",
            "data": data,
        },
    }


def form(sender: str, body: str, **more: str) -> Fields:
    """Returns the fields of an SMS or, when the sender is one, of a WhatsApp message."""
    sid = f"SM{next(_messages):032x}"
    to = f"whatsapp:{NUMBER}" if sender.startswith("whatsapp:") else NUMBER
    fields = {
        "ToCountry": "CA", "SmsMessageSid": sid, "NumMedia": "0", "FromZip": "", "SmsSid": sid, "FromState": "AB",
        "SmsStatus": "received", "FromCity": "Grande Prairie", "Body": body, "FromCountry": "CA", "To": to,
        "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "ApiVersion": "2010-04-01", **more,
    }  # fmt: skip
    return list(fields.items())


def messaging(person: str, **what: Any) -> Dict[str, Any]:
    """Returns an event of Messenger: a `message`, a `postback`, or another one."""
    at = 1000 * AT + next(_messages)
    return {"sender": {"id": person}, "recipient": {"id": PAGE}, "timestamp": at, **what}


def written(person: str, text: Optional[str] = None, **more: Any) -> Dict[str, Any]:
    """Returns a message to the page; `more` is what it has besides, such as attachments or a quick reply."""
    said = {"text": text} if text is not None else {}
    return messaging(person, message={"mid": f"m_{next(_messages):024d}", **said, **more})


def batch(*events: Dict[str, Any]) -> Dict[str, Any]:
    """Returns a request of Messenger with an entry for each event."""
    entries = [{"id": PAGE, "time": 1000 * AT, "messaging": [event]} for event in events]
    return {"object": "page", "entry": entries}


def by_telegram(content: Any, secret: Optional[str] = SECRET) -> Delivery:
    """Returns the request that delivers an update."""
    headers = {"Content-Type": "application/json", **({SECRET_HEADER: secret} if secret is not None else {})}
    return Delivery("/webhooks/telegram/webhook", json.dumps(content).encode(), headers)


def by_twilio(fields: Fields, token: str = AUTH_TOKEN, url: str = PUBLIC_URL + PATH) -> Delivery:
    """Returns the request that delivers a form."""
    signed = {SIGNATURE_HEADER: signature(token, url, fields)}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "127.0.0.1", **signed}
    return Delivery(PATH, urlencode(fields).encode(), headers)


def by_messenger(content: Any, secret: str = APP_SECRET) -> Delivery:
    """Returns the request that delivers a batch."""
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json", messenger.SIGNATURE_HEADER: messenger.signature(secret, body)}
    return Delivery("/webhooks/messenger/webhook", body, headers)


def at_slack() -> str:
    """Returns a time as Slack has it, later than all before."""
    return f"{AT}.{next(_messages):06d}"


def event(channel: str, text: Optional[str] = None, user: Optional[str] = None, **more: Any) -> Dict[str, Any]:
    """Returns what Slack tells of a message: to the app, or in a channel where it names the app.

    Args:
        channel: one that begins with D is somebody's own with the app.
        text: as Slack writes it.
        user: who wrote; the one of the channel when it is their own.
        more: what the message has besides, such as a thread or a subtype.
    """
    kind = {"type": "message", "channel_type": "im"} if channel.startswith("D") else {"type": "app_mention"}
    sent = at_slack()
    said = {"text": text} if text is not None else {}
    inside = {**kind, "user": user or f"U{channel[1:]}", "ts": sent, "event_ts": sent, "channel": channel, **said, **more}
    return {
        "team_id": "T0SAMPLE", "api_app_id": "A0SAMPLE", "event": inside, "type": "event_callback",
        "event_id": f"Ev{next(_messages)}", "event_time": AT,
    }  # fmt: skip


def pressed(channel: str, value: str, user: Optional[str] = None, thread: Optional[str] = None) -> Dict[str, Any]:
    """Returns what Slack tells of a button that was pressed; the arguments are those of `event`."""
    under = {"thread_ts": thread} if thread else {}
    sent = at_slack()
    return {
        "type": "block_actions",
        "user": {"id": user or f"U{channel[1:]}", "username": "dana_sample", "team_id": "T0SAMPLE"},
        "api_app_id": "A0SAMPLE",
        "container": {"type": "message", "message_ts": sent, "channel_id": channel, "is_ephemeral": False, **under},
        "trigger_id": "1.2.3",
        "team": {"id": "T0SAMPLE", "domain": "sample"},
        "channel": {"id": channel, "name": "directmessage"},
        "message": {"bot_id": "B0SAMPLE", "type": "message", "text": "…", "ts": sent, **under},
        "response_url": "https://hooks.slack.com/actions/x",
        "actions": [{"action_id": "choice_1", "block_id": "x", "type": "button", "value": value, "action_ts": at_slack()}],
    }


def by_slack(content: Any, secret: str = SIGNING_SECRET, late: float = 0.0, again: int = 0) -> Delivery:
    """Returns the request that delivers an event or a click.

    Args:
        content: of the request.
        secret: that it is signed with.
        late: seconds since it was signed.
        again: how often it was tried before.
    """
    clicks = isinstance(content, dict) and content.get("type") == "block_actions"
    written_as = json.dumps(content)
    body = (urlencode({"payload": written_as}) if clicks else written_as).encode()
    at = str(int(time.time() - late))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded" if clicks else "application/json",
        slack.TIME_HEADER: at,
        slack.SIGNATURE_HEADER: slack.signature(secret, at, body),
        **({"X-Slack-Retry-Num": str(again), "X-Slack-Retry-Reason": "http_timeout"} if again else {}),
    }
    return Delivery("/webhooks/slack/webhook", body, headers)


SAY: Dict[str, Callable[[str, str], Delivery]] = {
    "telegram": lambda who, text: by_telegram(update(int(who), text)),
    "sms": lambda who, text: by_twilio(form(who, text)),
    "whatsapp": lambda who, text: by_twilio(form(who, text)),
    "messenger": lambda who, text: by_messenger(batch(written(who, text))),
    "slack": lambda who, text: by_slack(event(who, text)),
}
"""By channel: the request by which somebody says something."""
