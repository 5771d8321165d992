"""The root of the errors that a person can act on, and what a log line may say of any error."""

from __future__ import annotations

import traceback


class AssistantError(Exception):
    """Something is missing or wrong, and the message says what to do; the command line prints it in one line."""


def where(error: BaseException) -> str:
    """Returns file and line of an error, never its text: that may hold what a visitor wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
