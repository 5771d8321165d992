"""What people wrote to staff on messaging apps and staff have not read."""

from __future__ import annotations

from typing import Any, List

from bot.storage.models import MessagingMessage

UNREAD: List[Any] = [
    MessagingMessage.author == "visitor",
    MessagingMessage.said_sealed.is_not(None),
    MessagingMessage.read_at.is_(None),
]
"""Conditions on `MessagingMessage`."""
