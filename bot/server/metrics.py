"""What Prometheus may ask about: counts and times, by labels of a few known values, never by anything of a visitor.

What each figure means, and when to worry: docs/watching.md
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, MutableMapping, Tuple, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

if TYPE_CHECKING:  # the log needs this module, and a command that only logs need not load what delivers
    from bot.handoff.delivery import Tried

Outcome = Literal["answered", "refused", "busy", "failed", "cancelled", "for_staff"]
"""refused: the door kept it out; busy: too many were waiting; cancelled: whoever asked has gone; for_staff: the conversation
was handed over."""
Stage = Literal["waiting", "door", "reading", "dialogue", "store"]
"""waiting: for the turn before; store: the database, which is not counted in what it happens within."""
OUTCOMES: Tuple[str, ...] = get_args(Outcome)
STAGES: Tuple[str, ...] = get_args(Stage)
CHANNELS = ("rest", "widget", "api", "telegram", "sms", "whatsapp", "messenger", "slack")
MESSAGING = CHANNELS[3:]
FATES = ("sent", "failed", "unwanted")
URGENCIES = ("amber", "urgent_symptom", "urgent_crisis")
KINDS = ("enquiry", "reminder", "withdrawn", "notice")
RESULTS = ("sent", "refused", "failed")
NOT_UNDERSTOOD = frozenset(
    {"utter_did_you_mean", "utter_not_understood", "utter_not_understood_again", "utter_not_understood_person"}
)
"""Responses that ask back. A name or number given to a form is often no intent either, but is understood there."""
OTHER = "other"

_TURN_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_DELIVERY_BUCKETS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
ERROR_EVENTS = frozenset(
    {
        "acknowledge.failed",
        "action.failed",
        "action.hangs",
        "api.failed",
        "conversation.not_opened",
        "conversation.not_redacted",
        "conversations.not_forgotten",
        "daily.mail_not_deleted",
        "daily.samples_not_loaded",
        "delivery.gave_up",
        "enquiry.not_kept",
        "health.database",
        "library.failed",
        "messaging.database_failed",
        "messaging.failed",
        "messaging.gave_up",
        "messaging.not_kept",
        "messaging.not_opened",
        "messaging.silent",
        "metrics.database_failed",
        "open_question.not_noted",
        "records.failed",
        "turn.failed",
        "turn.hangs",
        "turn.not_kept",
        "turn.silent",
        "website.database",
        "widget.answer_not_kept",
        "widget.failed",
        "widget.not_forgotten",
        "widget.not_passed_on",
        "widget.not_taken",
        "worker.database_failed",
        "worker.failed",
    }
)
"""What the assistant logs as errors; each has its row in docs/watching.md."""
_ERROR = re.compile(r"[A-Za-z_ ]{1,40}")
_LOUD = ("error", "critical")

disable_created_metrics()  # type: ignore[no-untyped-call]  # a time for every row, which nobody asks for
REGISTRY = CollectorRegistry()
TURNS = Counter("assistant_turns", "Messages by how they ended.", ["channel", "outcome"], registry=REGISTRY)
TURN_SECONDS = Histogram(
    "assistant_turn_seconds",
    "From a message's arrival to its answer; answered ones only.",
    ["channel"],
    buckets=_TURN_BUCKETS,
    registry=REGISTRY,
)
STAGE_SECONDS = Histogram(
    "assistant_stage_seconds", "The same by stage.", ["stage"], buckets=_TURN_BUCKETS, registry=REGISTRY
)
UNDER_WAY = Gauge("assistant_turns_under_way", "Messages that wait or are being answered.", registry=REGISTRY)
INTENTS = Counter("assistant_intents", "Questions as they were understood.", ["intent"], registry=REGISTRY)
FALLBACKS = Counter("assistant_fallbacks", "Messages answered with a question back.", registry=REGISTRY)
URGENT = Counter("assistant_urgent", "Messages read as urgent, or maybe so (amber).", ["urgency"], registry=REGISTRY)
ANSWERS_SENT = Counter(
    "assistant_answers_sent", "Answers to messaging apps by what became of them.", ["channel", "outcome"], registry=REGISTRY
)
REFUSED = Counter("assistant_refused", "Messages that were refused.", ["channel", "reason"], registry=REGISTRY)
ERRORS = Counter("assistant_errors", "Errors in the log by event.", ["event"], registry=REGISTRY)
ERROR_TYPES = Counter("assistant_error_types", "The same by what went wrong.", ["type"], registry=REGISTRY)
DELIVERY_TRIES = Counter("assistant_delivery_tries", "Tries at messages to people.", ["kind", "outcome"], registry=REGISTRY)
DELIVERY_SECONDS = Histogram(
    "assistant_delivery_seconds", "Seconds of a try.", ["kind"], buckets=_DELIVERY_BUCKETS, registry=REGISTRY
)
MODEL = Info("assistant_model", "What the running model was trained from.", registry=REGISTRY)
ProcessCollector(registry=REGISTRY)


def note_model(fingerprint: str) -> None:
    """Tells which model is running: the hash of what it was trained from."""
    MODEL.info({"fingerprint": fingerprint})


def note_refusal(channel: str, response: str) -> None:
    """Counts a message that was not let in.

    Args:
        channel: that it came by.
        response: name of the response that says why, or the reason itself.
    """
    REFUSED.labels(channel, response.removeprefix("utter_")).inc()


def note_sent(channel: str, fate: str) -> None:
    """Counts an answer that was sent by a messaging app, or was not; `fate` is one of FATES."""
    ANSWERS_SENT.labels(channel, fate).inc()


def note_delivery(tried: Tried) -> None:
    """Counts one try at a delivery."""
    DELIVERY_TRIES.labels(tried.kind, tried.outcome).inc()
    DELIVERY_SECONDS.labels(tried.kind).observe(tried.seconds)


def count_loud_lines(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Counts what is logged as an error: a processor of structlog, so that none is logged without being counted."""
    if line.get("level") in _LOUD:
        event = line.get("event")
        ERRORS.labels(event if event in ERROR_EVENTS else OTHER).inc()
        ERROR_TYPES.labels(_type(line.get("error"))).inc()
    return line


def _type(error: object) -> str:
    """Returns the words of an error, which are written in the program, without what a mail server or a receiver answered."""
    found = _ERROR.match(str(error)) if error else None
    return found.group().strip() if found else OTHER


def _start_at_zero() -> None:
    """Makes the rows whose rise is watched: a row that appears with its first event has not risen."""
    for channel, outcome in product(CHANNELS, OUTCOMES):
        TURN_SECONDS.labels(channel)
        TURNS.labels(channel, outcome)
    for stage in STAGES:
        STAGE_SECONDS.labels(stage)
    for urgency in URGENCIES:
        URGENT.labels(urgency)
    for event in (*ERROR_EVENTS, OTHER):
        ERRORS.labels(event)
    for kind, result in product(KINDS, RESULTS):
        DELIVERY_SECONDS.labels(kind)
        DELIVERY_TRIES.labels(kind, result)
    for channel, fate in product(MESSAGING, FATES):
        ANSWERS_SENT.labels(channel, fate)


_start_at_zero()
