"""The database, on SQLite and on a real PostgreSQL server: migrations both ways, transactions, mistakes in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import KINDS, empty_database
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from bot.settings import settings
from bot.storage.database import DatabaseError, engine, migrate, transaction
from bot.storage.models import Base, OpenQuestion


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        yield made


def tables(database: Engine) -> set[str]:
    return set(inspect(database).get_table_names())


def test_migrations_go_up_and_down_and_up_again(database: Engine) -> None:
    migrate(database)
    assert tables(database) == {"alembic_version", *Base.metadata.tables}
    migrate(database, "base")
    assert tables(database) == {"alembic_version"}
    migrate(database)
    assert "open_questions" in tables(database)


def test_migrating_twice_keeps_what_is_stored(database: Engine) -> None:
    migrate(database)
    with transaction(database) as session:
        session.add(OpenQuestion(text="kept", reason="passed_on", times=1))
    migrate(database)
    with transaction(database) as session:
        assert session.execute(select(OpenQuestion.text)).scalars().all() == ["kept"]


def test_the_migrations_build_the_tables_that_the_models_describe(database: Engine) -> None:
    migrate(database)
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_transaction_that_fails_leaves_nothing(database: Engine) -> None:
    migrate(database)
    with pytest.raises(IntegrityError), transaction(database) as session:
        session.add_all([OpenQuestion(text="lost", reason="passed_on", times=1), OpenQuestion(reason="no text", times=1)])
    with transaction(database) as session:
        assert session.execute(select(OpenQuestion)).first() is None


def test_the_database_sets_the_day_of_a_question(database: Engine) -> None:
    migrate(database)
    with transaction(database) as session:
        session.add(OpenQuestion(text="when", reason="passed_on", times=1))
    with transaction(database) as session:
        assert session.execute(select(OpenQuestion.noted_at)).scalar_one().year >= 2024


def test_sqlite_writes_ahead_so_that_readers_do_not_wait(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as made, made.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


@pytest.mark.parametrize(
    "address", ["sqlite:////proc/nowhere/assistant.db", "postgresql://clinic:hunter2@127.0.0.1:1/assistant"]
)
def test_a_database_that_does_not_open_is_one_clear_error_without_the_password(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    settings.cache_clear()
    engine.cache_clear()
    try:
        with pytest.raises(DatabaseError, match="DATABASE_URL") as error:
            engine()
    finally:
        settings.cache_clear()
        engine.cache_clear()
    assert "hunter2" not in str(error.value)
