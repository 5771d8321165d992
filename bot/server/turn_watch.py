"""Watches a turn from its arrival to its answer: how it ended and where its time went, for the log and the metrics."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from time import perf_counter
from typing import Any, Collection, ContextManager, Dict, Iterator, List, Optional, Sequence

import structlog

from bot.correlation import correlated, current_id
from bot.server import metrics
from bot.server.metrics import OTHER, Outcome, Stage

log = structlog.get_logger(__name__)


class TurnWatch:
    """What is noted of one turn; never its words."""

    def __init__(self, channel: str) -> None:
        """Begins to count the time."""
        self.channel = channel
        self.outcome: Outcome = "cancelled"
        self.intents: List[str] = []
        self.urgency = "none"
        self.responses: List[str] = []
        self.seconds: Dict[Stage, float] = {}
        self._began = perf_counter()
        self._within: Optional[Stage] = None

    def waited(self) -> None:
        """Notes that the turn before is over."""
        self.seconds["waiting"] = self.elapsed()

    def elapsed(self) -> float:
        """Returns the seconds since the message arrived."""
        return perf_counter() - self._began

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Adds the time of what is done within to a stage, and takes it off the stage around it."""
        around, self._within, began = self._within, name, perf_counter()
        try:
            yield
        finally:
            self._within, spent = around, perf_counter() - began
            self._add(name, spent)
            if around is not None:
                self._add(around, -spent)

    def _add(self, name: Stage, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def read(self, parse_data: Dict[str, Any], known: Collection[str]) -> None:
        """Notes how the message was understood.

        Args:
            parse_data: of the message.
            known: names of the domain's intents; any other counts as OTHER.
        """
        names = parse_data.get("questions") or [parse_data["intent"]["name"]]
        self.intents = [name if name in known else OTHER for name in names]
        self.urgency = parse_data.get("urgency", "none")

    def end(self, outcome: Outcome, responses: Sequence[str]) -> None:
        """Notes how the turn ended, and the names of what was said."""
        self.outcome = outcome
        self.responses = list(responses)


_current: ContextVar[Optional[TurnWatch]] = ContextVar("turn", default=None)


def stage(name: Stage) -> ContextManager[None]:
    """Returns the stage of the turn that is under way here; outside of turns it counts nothing."""
    watch = _current.get()
    return nullcontext() if watch is None else watch.stage(name)


@contextmanager
def watched(conversation: str, channel: str) -> Iterator[TurnWatch]:
    """Watches one turn; its log lines share an id and the tag of the conversation, and at its end there is one line of it.

    Args:
        conversation: id of the conversation.
        channel: that the message came by.
    """
    watch = TurnWatch(channel)
    before = _current.set(watch)
    try:
        with correlated(current_id(), conversation), metrics.UNDER_WAY.track_inprogress():
            try:
                yield watch
            finally:
                _tell(watch)
    finally:
        _current.reset(before)


def _tell(watch: TurnWatch) -> None:
    seconds = watch.elapsed()
    log.info(
        "turn.done",
        channel=watch.channel,
        outcome=watch.outcome,
        questions=len(watch.intents),
        intents=watch.intents,
        responses=watch.responses,
        milliseconds=_milliseconds(seconds),
        stages={name: _milliseconds(spent) for name, spent in watch.seconds.items()},
    )
    _count(watch, seconds)


def _count(watch: TurnWatch, seconds: float) -> None:
    metrics.TURNS.labels(watch.channel, watch.outcome).inc()
    for intent in watch.intents:
        metrics.INTENTS.labels(intent).inc()
    if not metrics.NOT_UNDERSTOOD.isdisjoint(watch.responses):
        metrics.FALLBACKS.inc()
    if watch.urgency in metrics.URGENCIES:
        metrics.URGENT.labels(watch.urgency).inc()
    if watch.outcome == "answered":
        metrics.TURN_SECONDS.labels(watch.channel).observe(seconds)
        for name, spent in watch.seconds.items():
            metrics.STAGE_SECONDS.labels(name).observe(spent)
    if watch.outcome in ("refused", "busy"):
        metrics.note_refusal(watch.channel, watch.responses[0] if watch.outcome == "refused" else "busy")


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)
