"""What reading requests and answers of several services has in common: JSON whose values may be anything."""

from __future__ import annotations

import json
from typing import Any, Dict

import httpx

from bot.channels.messaging.service import NotReadable

Object = Dict[str, Any]


def json_object(text: bytes) -> Object:
    """Returns the JSON object that a request holds.

    Raises:
        NotReadable: it is no JSON, or something else.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise NotReadable from None
    if not isinstance(content, dict):
        raise NotReadable
    return content


def answered(response: httpx.Response) -> Object:
    """Returns the JSON object that a service has answered with; an empty one when it is something else."""
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def inner(content: Any, name: str) -> Object:
    """Returns the object of that name inside another one; an empty one where there is none."""
    found = content.get(name) if isinstance(content, dict) else None
    return found if isinstance(found, dict) else {}


def text_in(content: Object, name: str) -> str:
    """Returns the text of that name; an empty one where there is none."""
    found = content.get(name)
    return found if isinstance(found, str) else ""
