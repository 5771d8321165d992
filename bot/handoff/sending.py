"""What a letter is and how sending it can fail; which way it goes is in mail.py and webhook.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, NamedTuple, Optional

from bot.errors import AssistantError


class Letter(NamedTuple):
    """A message with its content, made when it is sent and kept nowhere."""

    key: str
    """By which the receiver tells a repeat."""
    kind: str
    """enquiry, reminder, withdrawn or notice: which template it is written from."""
    subject: str
    written_at: datetime
    route: str
    """email or webhook."""
    address: str
    receiver: str
    """Name of the receiver."""
    sender: str
    """Name of the clinic."""
    reply_to: str
    """Email address; empty when there is none."""
    secret_sealed: str
    """Of the webhook."""
    content: Dict[str, Any]
    """What the templates fill in, and what a webhook gets."""


class SendFailed(AssistantError):
    """A letter did not go out, or it is not known whether it did. The message is a kind of error, without addresses."""

    def __init__(self, kind: str, permanent: bool = False, wait_seconds: Optional[float] = None) -> None:
        """Takes what went wrong in a word or two, whether trying again is useless, and the wait the receiver asks for."""
        super().__init__(kind)
        self.kind = kind
        self.permanent = permanent
        self.wait_seconds = wait_seconds
