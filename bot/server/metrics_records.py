"""Figures that stand in the database, read anew whenever they are asked for, and never for longer than a scrape may wait."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from datetime import datetime
from typing import Any, Dict, Iterator, NamedTuple, Optional, Sequence

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import now
from bot.handoff.outbox import STATES as DELIVERY_STATES
from bot.handoff.outbox import TO_BE_SENT
from bot.handoff.states import STATES as ENQUIRY_STATES
from bot.storage.models import Delivery, Enquiry, MessagingSender

log = structlog.get_logger(__name__)

MOST_SECONDS = 2.0


class Figures(NamedTuple):
    """What was counted."""

    enquiries: Dict[str, int]
    """By state."""
    deliveries: Dict[str, int]
    """By state."""
    oldest: Optional[datetime]
    """When the message that waits longest was put into the outbox; None when none waits."""
    handed_over: int
    """Conversations on messaging apps that staff have."""


def count(engine: Engine) -> Figures:
    """Counts.

    Raises:
        SQLAlchemyError: the database failed.
    """
    with Session(engine, future=True) as session:
        oldest = select(func.min(Delivery.created_at)).where(Delivery.state.in_(TO_BE_SENT))
        with_staff = select(func.count()).select_from(MessagingSender).where(MessagingSender.handed_over_until > now())
        return Figures(
            _counted(session, Enquiry.state, ENQUIRY_STATES),
            _counted(session, Delivery.state, DELIVERY_STATES),
            session.execute(oldest).scalar_one(),
            session.execute(with_staff).scalar_one(),
        )


def _counted(session: Session, state: Any, states: Sequence[str]) -> Dict[str, int]:
    found: Dict[str, int] = dict(session.execute(select(state, func.count()).group_by(state)).all())
    return {name: found.get(name, 0) for name in states}


class RecordsCollector(Collector):
    """Reads the figures in a thread of its own: a database that does not answer in time costs these, not the others."""

    def __init__(self, engine: Engine, most_seconds: float = MOST_SECONDS) -> None:
        """Takes the database, and how long a scrape may wait for it."""
        self._engine = engine
        self._most_seconds = most_seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._reading: Optional[Future[Figures]] = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields the figures; without an answer, only that there is none."""
        figures = self._read()
        yield GaugeMetricFamily("assistant_records_up", "Could the database be read just now?", value=figures is not None)
        if figures is None:
            return
        yield _by_state("assistant_enquiries", "Enquiries by state.", figures.enquiries)
        yield _by_state("assistant_deliveries", "Messages of the outbox by state.", figures.deliveries)
        yield GaugeMetricFamily("assistant_handed_over", "Conversations that staff have.", value=figures.handed_over)
        waits = (now() - figures.oldest).total_seconds() if figures.oldest else 0.0
        yield GaugeMetricFamily("assistant_oldest_undelivered_seconds", "Age of what waits longest.", value=waits)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names nothing beforehand, so that the registry does not read the database to find out."""
        return iter(())

    def _read(self) -> Optional[Figures]:
        if self._reading is None or self._reading.done():  # one that hangs is not joined by another
            self._reading = self._thread.submit(count, self._engine)
        try:
            return self._reading.result(self._most_seconds)
        except (SQLAlchemyError, TookTooLong) as error:
            log.error("metrics.database_failed", error=type(error).__name__)
            return None


def _by_state(name: str, meaning: str, counts: Dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=["state"])
    for state, number in counts.items():
        family.add_metric([state], number)
    return family
