"""Buttons that only the assistant can make: what they mean is signed, for one conversation."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from pathlib import Path
from typing import Optional

PREFIX = "button:"
SHORTEST_KEY = 32
"""Characters of a secret."""
_FORM = re.compile(r"button:([a-z_]{2,40}):([0-9a-f]{24})")


class ButtonSigner:
    """Signs the intent of a button with a key of the server (HMAC-SHA-256, 96 bits kept)."""

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


def secret_key(configured: Optional[str], folder: Path) -> str:
    """Returns the configured secret, or one that is made once and kept in a file that only this user can read.

    Args:
        configured: SECRET_KEY, shared by all replicas.
        folder: where the made one is kept.
    """
    if configured:
        return configured
    path = folder / "secret_key"
    kept = path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
    if len(kept) >= SHORTEST_KEY:
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32), encoding="ascii")  # also when a start was cut short and left the file empty
    return path.read_text(encoding="ascii")
