"""What is done once a day, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from databases import KINDS, empty_database
from delivering import HandClock, rows, sample_house
from sqlalchemy import text
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from bot.evaluation.enquiry_samples import AT, TODAY, sample_enquiry
from bot.handoff.daily import once_a_day
from bot.handoff.directory import offerable
from bot.handoff.enquiries import submit_enquiry
from bot.handoff.samples import load_demo
from bot.handoff.worker import run_worker
from bot.storage.database import migrate, transaction
from bot.storage.models import Enquiry, Provider


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


def offered(database: Engine, later: timedelta) -> int:
    with transaction(database) as session:
        return len(offerable(session, TODAY + later, "demo"))


def test_the_invented_providers_stay_offerable_however_long_the_demo_runs(database: Engine, tmp_path: Path) -> None:
    options = sample_house(tmp_path).options
    load_demo(database, options, TODAY)
    assert offered(database, timedelta(days=0)) == 4
    assert offered(database, timedelta(days=400)) == 0
    once_a_day(database, options, AT + timedelta(days=400))
    assert offered(database, timedelta(days=400)) == 4


def test_in_production_there_are_none(database: Engine, tmp_path: Path) -> None:
    options = sample_house(tmp_path, environment="production").options
    load_demo(database, options, TODAY)
    once_a_day(database, options, AT)
    assert rows(database, Provider) == []


def test_a_provider_that_staff_have_retired_does_not_come_back(database: Engine, tmp_path: Path) -> None:
    options = sample_house(tmp_path).options
    load_demo(database, options, TODAY)
    with transaction(database) as session:
        session.execute(text("UPDATE providers SET retired_on = '2026-01-05' WHERE key = 'sample-one'"))
    once_a_day(database, options, AT + timedelta(days=1))
    assert offered(database, timedelta(days=1)) == 3


def test_old_enquiries_are_deleted_every_day(database: Engine, tmp_path: Path) -> None:
    submit_enquiry(sample_enquiry(kind="question", question="Does it last?"), database, AT)
    options = sample_house(tmp_path).options
    once_a_day(database, options, AT + timedelta(days=89))
    assert len(rows(database, Enquiry)) == 1
    once_a_day(database, options, AT + timedelta(days=91))
    assert rows(database, Enquiry) == []


def test_a_file_that_cannot_be_deleted_stops_nobody(database: Engine, tmp_path: Path) -> None:
    options = sample_house(tmp_path).options
    undeletable = options.mail / "a-folder.eml"
    undeletable.mkdir(parents=True)
    os.utime(undeletable, (0, 0))
    with capture_logs() as logged:
        once_a_day(database, options, AT)
    assert "daily.mail_not_deleted" in [entry["event"] for entry in logged]


def test_a_worker_does_it_at_the_start_and_on_every_new_day(database: Engine, tmp_path: Path) -> None:
    stop, days = Event(), HandClock()

    def clock() -> object:
        days.forward(hours=6)
        if days.at > AT + timedelta(days=3):
            stop.set()
        return days.at

    run_worker(database, sample_house(tmp_path), stop, clock)
    with transaction(database) as session:
        done = session.execute(text("SELECT at FROM audit WHERE action = 'expired'")).scalars().all()
    assert len({str(at)[:10] for at in done}) == len(done) >= 3
