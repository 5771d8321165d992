"""Buttons that only the assistant can make: what they mean is signed, for one conversation."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Optional

PREFIX = "button:"
_FORM = re.compile(r"button:([a-z_]{2,40}(?:\.[a-z0-9]{1,10})?):([0-9a-f]{24})")


class ButtonSigner:
    """Signs the intent of a button, and what it chooses, with a key of the server (HMAC-SHA-256, 96 bits kept)."""

    def __init__(self, key: str) -> None:
        """Takes a secret of at least 32 characters."""
        self._key = key.encode()

    def sign(self, conversation: str, intent: str) -> str:
        """Returns the payload of a button for one conversation."""
        return f"{PREFIX}{intent}:{self._tag(conversation, intent)}"

    def read(self, conversation: str, payload: str) -> Optional[str]:
        """Returns the intent of a payload, or None when it was not signed for this conversation."""
        match = _FORM.fullmatch(payload.strip())
        if match is None or not hmac.compare_digest(match[2], self._tag(conversation, match[1])):
            return None
        return match[1]

    def _tag(self, conversation: str, intent: str) -> str:
        message = f"{conversation}\n{intent}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:24]


def is_button(text: str) -> bool:
    """Does a message look like the payload of a button, valid or not?"""
    return text.strip().startswith(PREFIX)
