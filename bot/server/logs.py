"""One logging set-up: one JSON object a line on standard error, without what visitors write.

The assistant's own lines carry the fields that their writers chose. Those of Rasa, Sanic and other libraries come in the
same form, but only with their message: their fields, and the texts of their errors, can hold a conversation.
"""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any, List, MutableMapping

import structlog
from structlog.typing import Processor

from bot.errors import where
from bot.server.metrics import count_loud_lines

QUIET = (
    "rasa.core.processor",
    "rasa.core.actions.action",
    "rasa.core.lock_store",
    "apscheduler",
    "sanic.access",
    "httpx",
    "matplotlib",
    "h5py",
    "asyncio",
)
"""Loggers whose messages can hold a conversation or name it, or a key in an address, or that nobody reads."""
OWN = ("bot.", "actions.")
Line = MutableMapping[str, Any]


def configure_logs(level: str) -> None:
    """Sends the logs of the assistant and of Rasa to standard error.

    Rasa's own structured events carry the visitor's words at DEBUG, so structlog starts at INFO whatever the level is.
    """
    number = getattr(logging, level)
    logging.basicConfig(level=number, handlers=[_handler()], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.captureWarnings(True)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(max(number, logging.INFO)),
        processors=[_only_the_event_of_others, *_shared(), structlog.processors.JSONRenderer()],
        logger_factory=_to_standard_error,
    )


class _Named(structlog.PrintLogger):
    """Writes lines, and knows whose they are."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr)
        self.own = name.startswith(OWN)


def _to_standard_error(name: str = "", *_: Any) -> structlog.PrintLogger:
    """Looks standard error up for every line: whoever replaces it, as a test runner does, may close what was there."""
    return _Named(name)


class _ToStandardError(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Writes a line, to where standard error is now as well."""
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except Exception:  # noqa: BLE001 - a line that cannot be written must not fail what it tells of
            self.handleError(record)


def _shared() -> List[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        count_loud_lines,
    ]


def _handler() -> logging.Handler:
    """Returns what writes the lines of the standard library's loggers in the form of structlog's."""
    handler = _ToStandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _without_trace, *_shared()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    return handler


def _only_the_event_of_others(logger: Any, method: str, line: Line) -> Line:
    """Leaves out the fields of a library's structured line: Rasa's hold events and texts."""
    return line if logger.own else {"event": line.get("event", "")}


def _without_trace(logger: Any, method: str, line: Line) -> Line:
    """Puts kind and place of an error where its stack trace would be, whose last line can repeat what a visitor wrote."""
    line.pop("stack_info", None)
    raised = line.pop("exc_info", None)
    if raised and raised[1] is not None:
        line.update(event="library.failed", error=type(raised[1]).__name__, where=where(raised[1]))
    return line
