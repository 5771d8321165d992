"""Twilio: SMS and WhatsApp, with signed requests, numbered choices, and STOP. For the clinic: docs/channels/twilio.md."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import parse_qsl

import httpx

from bot.channels.messaging.choices import numbered
from bot.channels.messaging.prepare import texts_of
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
from bot.channels.messaging.short_text import plain, segments, split

SMS, WHATSAPP = "sms", "whatsapp"
PATH = "/webhooks/twilio/webhook"
SIGNATURE_HEADER = "X-Twilio-Signature"
MOST_SEGMENTS = 3
"""SMS that one message is sent as; a longer one is sent as several messages, which may arrive in another order."""
LONGEST = 1600
"""Characters of one message."""
STOPPED_THERE = 21610
"""Twilio's error when somebody has sent STOP and Twilio noted it itself."""
WORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "arret", "arrêt"), "stop"),
    **dict.fromkeys(("cancel", "end", "quit"), "cancel"),
    **dict.fromkeys(("start", "unstop"), "start"),
    **dict.fromkeys(("help", "info", "aide"), "help"),
}
"""By Canada's anti-spam law and the carriers' code. `cancel` and its like depend on what is under way."""
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_ADDRESS = re.compile(r"(whatsapp:)?\+?[0-9]{3,15}")


class Account(NamedTuple):
    """An account at Twilio, and the numbers that the clinic writes from."""

    sid: str
    token: str
    sms_from: Optional[str]
    """A number such as +17805550100, or a messaging service (MG…); None: no SMS."""
    whatsapp_from: Optional[str]
    """A number such as +17805550100; None: no WhatsApp."""


class Twilio:
    """One account."""

    name = "twilio"
    longest_body = 65_536

    def __init__(self, account: Account, api: str, public_url: str) -> None:
        """Takes the account, where Twilio's API is, and where Twilio reaches this server: what it signs starts with that."""
        self._account = account
        self._messages = f"{api.rstrip('/')}/2010-04-01/Accounts/{account.sid}/Messages.json"
        self._webhook = f"{public_url.rstrip('/')}{PATH}"
        self._from = {SMS: account.sms_from, WHATSAPP: account.whatsapp_from}

    def read(self, incoming: Incoming) -> List[Inbound]:
        """Returns the message of a request; see `Service.read`."""
        fields = _fields(incoming.body)
        url = f"{self._webhook}?{incoming.query}" if incoming.query else self._webhook
        given = incoming.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, signature(self._account.token, url, fields).encode()):
            raise NotGenuine
        form = dict(fields)
        sender, message = form.get("From", ""), form.get("MessageSid", "")
        if form.get("AccountSid") != self._account.sid or not _SID.fullmatch(message) or not _ADDRESS.fullmatch(sender):
            raise NotReadable
        channel = WHATSAPP if sender.startswith(f"{WHATSAPP}:") else SMS
        if self._from[channel] is None:
            return []
        return [Inbound(channel, sender, sender, message, _content(form))]

    def receipt(self, incoming: Incoming) -> Tuple[bytes, str]:
        """Returns instructions to do nothing; see `Service.receipt`."""
        return b"<Response/>", "text/xml"

    def keyword(self, channel: str, content: Content) -> Optional[str]:
        """Returns what one of the words of `WORDS` asks for, or what Twilio took it for; see `Service.keyword`."""
        if content.get("confirmed"):
            return str(content["confirmed"])
        return WORDS.get(str(content.get("text", "")).strip(" .!\n").casefold())

    def prepare(self, channel: str, messages: Sequence[Message]) -> Prepared:
        """Returns the texts with numbered choices, in parts that are not too long; see `Service.prepare`."""
        texts, choices = numbered(messages, texts_of(messages))
        if channel == SMS:
            texts = [plain(text) for text in texts]
        fits = _fits_sms if channel == SMS else _fits
        return Prepared([{"text": part} for text in texts for part in split(text, fits)], choices)

    def call(self, channel: str, to: str, reply: Reply) -> Call:
        """Returns the request that sends a message; see `Service.call`."""
        sender = str(self._from[channel])
        form = {"To": to, "Body": str(reply["text"])}
        if _SID.fullmatch(sender):
            form["MessagingServiceSid"] = sender
        else:
            form["From"] = f"{WHATSAPP}:{sender}" if channel == WHATSAPP else sender
        return Call(self._messages, form=form, auth=(self._account.sid, self._account.token))

    def courtesies(self, channel: str, to: str, content: Content) -> List[Call]:
        """Returns nothing: an SMS shows nothing while it is written; see `Service.courtesies`."""
        return []

    def verdict(self, response: httpx.Response) -> Verdict:
        """Returns what the status says, and whether the person has sent STOP, as Twilio knows; see `Service.verdict`."""
        verdict = by_status(response)
        try:
            return verdict._replace(unwanted=bool(response.json()["code"] == STOPPED_THERE))
        except (ValueError, KeyError, TypeError):
            return verdict


def signature(token: str, url: str, fields: Sequence[Tuple[str, str]]) -> str:
    """Returns Twilio's signature of a request.

    Args:
        token: of the account.
        url: that Twilio was told to call.
        fields: of the form.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(
        hmac.new(token.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()
    ).decode()


def _fields(body: bytes) -> List[Tuple[str, str]]:
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise NotReadable from None


def _content(form: Dict[str, str]) -> Content:
    """Returns what a message says: its words, also those under a picture, or that there are none."""
    text = form.get("Body", "")
    without_words = not text.strip() and (form.get("NumMedia", "0") != "0" or "Latitude" in form)
    content: Content = {"unreadable": True} if without_words else {"text": text}
    taken_for = form.get("OptOutType", "").casefold()
    if taken_for in ("stop", "start", "help"):  # Twilio has noted and answered it already
        content["confirmed"] = taken_for
    return content


def _fits(text: str) -> bool:
    return len(text) <= LONGEST


def _fits_sms(text: str) -> bool:
    return segments(text) <= MOST_SEGMENTS
