"""Letters as signed JSON to a provider's own system. The contract for receivers is in docs/enquiries.md."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Dict, Optional
from urllib.parse import urlsplit

import httpx

from bot.handoff.sending import Letter, SendFailed
from bot.privacy.encryption import vault
from bot.settings import Settings

TRY_AGAIN = frozenset({408, 409, 425, 429})
FIELDS = (
    "code",
    "about",
    "made_at",
    "clinic",
    "staff_email",
    "acknowledge",
    "first_name",
    "contact",
    "contact_kind",
    "concern",
    "town",
    "language",
    "best_time",
    "consent",
)
"""The contract with receivers: docs/enquiries.md."""
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


def write_body(letter: Letter) -> bytes:
    """Returns the JSON of a letter, the same at every try."""
    told = {name: letter.content[name] for name in FIELDS if name in letter.content}
    body = {"version": 1, "id": letter.key, "kind": letter.kind, **told}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_moment).encode()


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    raise TypeError(f"{type(value).__name__} has no place in a webhook")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Returns the HMAC-SHA-256 of a timestamp, a full stop and the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def send_webhook(letter: Letter, options: Settings, at: datetime) -> None:
    """Posts a letter and reads only the status of the answer.

    Args:
        letter: what is sent.
        options: how long it may take.
        at: the time that is signed, in UTC.

    Raises:
        SendFailed: there was no answer in time, or one that is not 2xx.
    """
    _check_address(letter.address)
    if not letter.secret_sealed:
        raise SendFailed("no secret", permanent=True)
    body = write_body(letter)
    headers = _headers(letter.key, vault().open(letter.secret_sealed), body, at)
    limit = min(options.delivery_timeout_seconds, options.delivery_lease_seconds / 2)
    try:
        answer = asyncio.run(asyncio.wait_for(_post(letter.address, headers, body, limit), limit))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, asyncio.TimeoutError) as error:
        raise SendFailed(type(error).__name__, permanent=isinstance(error, httpx.InvalidURL)) from error
    if not answer.is_success:
        raise SendFailed(f"http {answer.status_code}", _is_permanent(answer.status_code), _wait(answer, at))


async def _post(address: str, headers: Dict[str, str], body: bytes, limit: float) -> httpx.Response:
    """Posts without following redirects, which could lead a visitor's details anywhere, and without reading the answer."""
    async with (
        httpx.AsyncClient(timeout=limit, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", address, headers=headers, content=body) as answer,
    ):
        return answer


def _headers(key: str, secret: str, body: bytes, at: datetime) -> Dict[str, str]:
    timestamp = str(int(at.replace(tzinfo=timezone.utc).timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "dry-needling-assistant",
        "Idempotency-Key": key,
        "X-Assistant-Timestamp": timestamp,
        "X-Assistant-Signature": f"v1={signature(secret, timestamp, body)}",
    }


def _check_address(address: str) -> None:
    """Refuses to send details in clear, except inside this machine."""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise SendFailed("address", permanent=True) from error
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise SendFailed("address is not https", permanent=True)


def _is_permanent(code: int) -> bool:
    return 300 <= code < 500 and code not in TRY_AGAIN


def _wait(answer: httpx.Response, at: datetime) -> Optional[float]:
    """Returns how many seconds a receiver asks to wait, by Retry-After in seconds or as a date."""
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - at.replace(tzinfo=timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        return None
