"""What ties the log lines of one message, or of one delivery, together: an id by chance, wherever the work goes on."""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from contextvars import copy_context
from typing import Callable, Iterator, Optional, TypeVar

from structlog.contextvars import bound_contextvars, get_contextvars

from bot.privacy.encryption import vault

FIELD = "correlation_id"
ACCEPTED = re.compile(r"[A-Za-z0-9-]{8,64}")
"""Ids that a caller may give."""
TAG_LENGTH = 12
_TAGS = "in log lines: "
"""Keeps the tags apart from the marks in the database, so that a log cannot be joined with its tables."""
Result = TypeVar("Result")


def new_id() -> str:
    """Returns an id that nobody can guess, and that says nothing."""
    return secrets.token_hex(8)


def accepted(given: Optional[str]) -> Optional[str]:
    """Returns an id that a caller gives, or None when it is missing or odd."""
    return given if given and ACCEPTED.fullmatch(given) else None


def current_id() -> Optional[str]:
    """Returns the id of what is being done, or None outside of everything."""
    found: Optional[str] = get_contextvars().get(FIELD)
    return found


def tag(conversation: str) -> str:
    """Returns what stands for a conversation in log lines: the same for the same one; it leads back to nobody."""
    return vault().mark(_TAGS + conversation)[:TAG_LENGTH]


@contextmanager
def correlated(correlation_id: Optional[str] = None, conversation: Optional[str] = None) -> Iterator[str]:
    """Puts an id, and the tag of a conversation, on every log line within.

    Args:
        correlation_id: a new one by default.
        conversation: that the work belongs to.

    Yields:
        The id.
    """
    fields = {FIELD: correlation_id or new_id()}
    if conversation is not None:
        fields["conversation"] = tag(conversation)
    with bound_contextvars(**fields):
        yield fields[FIELD]


def in_context(do: Callable[[], Result]) -> Callable[[], Result]:
    """Returns a function that does the same, with the log lines' id, in whatever thread it runs."""
    context = copy_context()
    return lambda: context.run(do)
