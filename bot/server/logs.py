"""One logging set-up: structured lines on standard error, without what visitors write."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

import structlog

QUIET = ("rasa.core.processor", "rasa.core.actions.action", "apscheduler", "sanic.access", "matplotlib", "h5py", "asyncio")
"""Loggers whose messages can hold a conversation, or that nobody reads."""


def configure_logs(level: str) -> None:
    """Sends the logs of the assistant and of Rasa to standard error.

    Rasa's own structured events carry the visitor's words at DEBUG, so structlog starts at INFO whatever the level is.
    """
    number = getattr(logging, level)
    line = "%(asctime)s %(levelname)-7s %(name)s %(message)s"
    logging.basicConfig(level=number, format=line, stream=sys.stderr, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(max(number, logging.INFO)),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=_to_standard_error,
    )


def _to_standard_error(*_: Any) -> structlog.PrintLogger:
    """Looks standard error up for every line: whoever replaces it, as a test runner does, may close what was there."""
    return structlog.PrintLogger(sys.stderr)
