"""The worker inside the server: delivers, begins anew after a failure, and ends when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, List, Optional, Tuple

import pytest
from databases import empty_database
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from bot.clock import now
from bot.correlation import current_id
from bot.evaluation.enquiry_samples import add_provider, sample_enquiry
from bot.evaluation.receiver import SILENCE, Receiver, webhook_receiver
from bot.handoff.delivery import STEPS, Tried, deliver_next
from bot.handoff.enquiries import submit_enquiry
from bot.handoff.letters import House
from bot.server.background import WorkerThread
from bot.server.metrics import REGISTRY
from bot.settings import Clinic, Settings
from bot.storage.database import migrate, transaction

PATIENCE = 30
"""Seconds."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    with empty_database("sqlite", tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver() as running:
        yield running


def house(folder: Path, **changes: Any) -> House:
    options = Settings(_env_file=None, data_folder=folder, **changes)
    return House(options, Clinic(name="Sample Clinic", town="Grande Prairie"))


def send(database: Engine, receiver: Receiver) -> None:
    with transaction(database) as session:
        provider = add_provider(session, "sample-receiver", today=now().date(), route="webhook", address=receiver.address)
    submit_enquiry(sample_enquiry(provider_id=provider), database)


@contextmanager
def working(worker: WorkerThread) -> Iterator[None]:
    worker.start()
    try:
        yield
    finally:
        assert worker.stop(PATIENCE)


def test_an_enquiry_is_delivered_and_the_worker_stops(database: Engine, receiver: Receiver, tmp_path: Path) -> None:
    send(database, receiver)
    with working(WorkerThread(database, house(tmp_path))):
        assert receiver.arrived.acquire(timeout=PATIENCE)
    assert len(receiver.received) == 1


class _FailsOnce:
    """Settings that cannot be read the first time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._failed = False

    def __getattr__(self, name: str) -> Any:
        if not self._failed:
            self._failed = True
            raise RuntimeError("as nobody expected")
        return getattr(self._settings, name)


def test_a_worker_that_fails_begins_anew_and_the_log_has_no_words_of_it(
    database: Engine, receiver: Receiver, tmp_path: Path
) -> None:
    send(database, receiver)
    right = house(tmp_path)
    fails_once: Any = _FailsOnce(right.options)
    with capture_logs() as logged, working(WorkerThread(database, right._replace(options=fails_once), again=0.01)):
        assert receiver.arrived.acquire(timeout=PATIENCE)
    assert "worker.failed" in [entry["event"] for entry in logged]
    assert "as nobody expected" not in str(logged)


def test_a_database_that_fails_is_waited_for(receiver: Receiver, tmp_path: Path) -> None:
    with (
        capture_logs() as logged,
        empty_database("sqlite", tmp_path) as without_tables,
        working(WorkerThread(without_tables, house(tmp_path))),
    ):
        migrate(without_tables)
        send(without_tables, receiver)
        assert receiver.arrived.acquire(timeout=PATIENCE)
    assert "worker.failed" not in [entry["event"] for entry in logged]


def test_a_message_that_hangs_does_not_hold_up_the_end(database: Engine, receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers.append(SILENCE)
    send(database, receiver)
    worker = WorkerThread(database, house(tmp_path, delivery_timeout_seconds=PATIENCE))
    worker.start()
    assert receiver.arrived.acquire(timeout=PATIENCE)
    assert not worker.stop(0.05)
    receiver.ending.set()
    assert worker.stop(PATIENCE)


def test_a_delivery_is_counted_and_its_log_lines_share_an_id(database: Engine, receiver: Receiver, tmp_path: Path) -> None:
    send(database, receiver)
    seen: List[Tuple[str, Optional[str]]] = []
    tried: List[Tried] = []
    assert deliver_next(
        database, house(tmp_path), "worker", step=lambda step, _: seen.append((step, current_id())), tell=tried.append
    )
    assert [step for step, _ in seen] == list(STEPS)
    assert len({number for _, number in seen} - {None}) == 1
    assert current_id() is None
    ((kind, outcome, seconds),) = tried
    assert (kind, outcome) == ("enquiry", "sent")
    assert 0 < seconds < PATIENCE


def test_the_worker_in_the_server_counts_its_deliveries(database: Engine, receiver: Receiver, tmp_path: Path) -> None:
    labels = {"kind": "enquiry", "outcome": "sent"}
    before = REGISTRY.get_sample_value("assistant_delivery_tries_total", labels)
    send(database, receiver)
    with working(WorkerThread(database, house(tmp_path))):
        assert receiver.arrived.acquire(timeout=PATIENCE)
    assert REGISTRY.get_sample_value("assistant_delivery_tries_total", labels) == before + 1
