"""Slack's own way to write: what people type comes with links and mentions in brackets, and what they get is escaped."""

from __future__ import annotations

import re

_BRACKETS = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_SCHEME = re.compile(r"^(?:mailto|tel):")
_ADDRESS = re.compile(r"https?://[^\s|]*[^\s|.,;:!?)\"']")


def read_text(text: str) -> str:
    """Returns what a person typed: addresses and numbers as they stood there, without who was named.

    Args:
        text: as Slack sends it, e.g. `<@U0LAN0Z89> I'm at <mailto:dana@example.com|dana@example.com>`.
    """
    typed = _BRACKETS.sub(_typed, text)
    return typed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _typed(found: re.Match[str]) -> str:
    target, label = found[1], found[2] or ""
    if target.startswith("@"):
        return ""
    if target.startswith(("#", "!")):
        return label
    return label or _SCHEME.sub("", target)


def marked_up(text: str) -> str:
    """Returns a text in which only web addresses mean anything to Slack, so that no name can call a whole channel."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ADDRESS.sub(lambda found: f"<{found[0]}>", escaped)
