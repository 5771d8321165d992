"""Sessions of the website's widget: the server gives them out, and only its token opens one.

A token is `id.expires.tag`, the tag an HMAC-SHA-256 of both. The id alone opens nothing, and the conversation's id cannot be
made from it without the server's key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple, Optional

_TOKEN = re.compile(r"(?P<id>[A-Za-z0-9_-]{22})\.(?P<expires>\d{10})\.(?P<tag>[0-9a-f]{64})")
ID_BYTES = 16


class WidgetSession(NamedTuple):
    """One visitor's session, in all of their tabs."""

    token: str
    conversation: str
    """Id of the conversation that belongs to it."""
    expires: int
    """Seconds since 1970."""


class WidgetSessions:
    """Gives out sessions and reads their tokens."""

    def __init__(self, key: str, lifetime_seconds: int) -> None:
        """Takes a secret of the server and how long a session that is not used lives."""
        self._key = key.encode()
        self._lifetime = lifetime_seconds

    def start(self, at: float) -> WidgetSession:
        """Returns a new session.

        Args:
            at: the time, in seconds since 1970.
        """
        return self._session(secrets.token_urlsafe(ID_BYTES), at)

    def resume(self, token: object, at: float) -> Optional[WidgetSession]:
        """Returns the session of a token, with a token that lives on from now; None when it is wrong or has run out.

        Args:
            token: as the visitor's browser sent it, of any type.
            at: the time, in seconds since 1970.
        """
        found = _TOKEN.fullmatch(token) if isinstance(token, str) else None
        if found is None or not hmac.compare_digest(found["tag"], self._tag("token", f"{found['id']}.{found['expires']}")):
            return None
        return self._session(found["id"], at) if int(found["expires"]) > at else None

    def _session(self, session_id: str, at: float) -> WidgetSession:
        expires = int(at) + self._lifetime
        signed = f"{session_id}.{expires}"
        return WidgetSession(f"{signed}.{self._tag('token', signed)}", self._conversation(session_id), expires)

    def _conversation(self, session_id: str) -> str:
        return f"widget-{self._tag('conversation', session_id)[:32]}"

    def _tag(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"widget {purpose}\n{text}".encode(), hashlib.sha256).hexdigest()
