"""Figures that stand in the database: right when it answers, and no burden when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from prometheus_client import CollectorRegistry
from sqlalchemy import event, text, update
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from bot.clock import now
from bot.evaluation.enquiry_samples import add_provider, sample_enquiry
from bot.handoff.enquiries import submit_enquiry
from bot.server.metrics_records import RecordsCollector
from bot.storage.database import migrate, transaction
from bot.storage.models import Delivery, MessagingSender

QUICK = 0.2
PATIENT = 30.0


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


def figures(engine: Engine, most_seconds: float = PATIENT) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(RecordsCollector(engine, most_seconds))
    return registry


def test_enquiries_and_messages_are_counted_by_state_with_the_age_of_the_oldest(database: Engine) -> None:
    shown = figures(database)
    assert shown.get_sample_value("assistant_enquiries", {"state": "queued"}) == 0
    assert shown.get_sample_value("assistant_oldest_undelivered_seconds") == 0
    with transaction(database) as session:
        provider = add_provider(session, "sample-one", today=now().date())
    submit_enquiry(sample_enquiry(provider_id=provider), database)
    with transaction(database) as session:
        session.execute(update(Delivery).values(created_at=now() - timedelta(hours=2)))
    assert shown.get_sample_value("assistant_records_up") == 1
    assert shown.get_sample_value("assistant_enquiries", {"state": "queued"}) == 1
    assert shown.get_sample_value("assistant_deliveries", {"state": "pending"}) == 1
    assert shown.get_sample_value("assistant_deliveries", {"state": "dead"}) == 0
    assert shown.get_sample_value("assistant_oldest_undelivered_seconds") == pytest.approx(7200, abs=PATIENT)


def test_conversations_that_staff_have_are_counted_as_long_as_they_have_them(database: Engine) -> None:
    with transaction(database) as session:
        for number, hours in enumerate((2, 1, -1, None)):
            until = None if hours is None else now() + timedelta(hours=hours)
            session.add(MessagingSender(mark=f"person {number}", used_at=now(), handed_over_until=until))
    assert figures(database).get_sample_value("assistant_handed_over") == 2


def test_a_database_that_fails_costs_these_figures_only_and_is_told(database: Engine) -> None:
    shown = figures(database)
    with transaction(database) as session:
        session.execute(text("ALTER TABLE enquiries RENAME TO gone"))
    with capture_logs() as logged:
        assert shown.get_sample_value("assistant_records_up") == 0
        assert shown.get_sample_value("assistant_enquiries", {"state": "queued"}) is None
    assert {(line["event"], line["log_level"]) for line in logged} == {("metrics.database_failed", "error")}
    with transaction(database) as session:
        session.execute(text("ALTER TABLE gone RENAME TO enquiries"))
    assert shown.get_sample_value("assistant_records_up") == 1


def test_a_database_that_hangs_is_asked_once_and_not_waited_for() -> None:
    with empty_database("postgresql", Path()) as database:
        migrate(database)
        asked = []
        event.listen(database, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
        shown, later = figures(database, QUICK), figures(database)
        with database.begin() as holder, capture_logs():
            holder.execute(text("LOCK TABLE deliveries, enquiries IN ACCESS EXCLUSIVE MODE"))
            assert [shown.get_sample_value("assistant_records_up") for _ in range(3)] == [0, 0, 0]
            assert len([statement for statement in asked if "count" in statement]) == 1
        assert later.get_sample_value("assistant_records_up") == 1
