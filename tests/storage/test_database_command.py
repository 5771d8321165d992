"""`python -m bot database`: the schema is brought up to date once, however many try, and what is behind is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from sqlalchemy import text
from sqlalchemy.engine import Engine

from bot.settings import ROOT
from bot.storage.database import is_behind, migrate


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        yield made


def begun(address: str, action: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "database", action],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address_of(database: Engine) -> str:
    return str(database.url.render_as_string(hide_password=False))


def done(database: Engine, action: str) -> tuple[int, str]:
    process = begun(address_of(database), action)
    out, errors = process.communicate()
    assert errors == ""
    return process.returncode, out


def test_a_database_that_is_behind_is_told_and_brought_up_to_date(database: Engine) -> None:
    assert done(database, "check") == (1, "The database is behind: run `python -m bot database upgrade`.\n")
    assert done(database, "upgrade") == (0, "The database is up to date.\n")
    assert done(database, "check") == (0, "The database is up to date.\n")


def test_several_that_migrate_at_once_do_it_once(tmp_path: Path) -> None:
    with empty_database("postgresql", tmp_path) as database:
        processes = [begun(address_of(database), "upgrade") for _ in range(3)]
        assert [process.communicate() for process in processes] == [("The database is up to date.\n", "")] * 3
        assert [process.returncode for process in processes] == [0, 0, 0]


def test_what_a_newer_version_has_migrated_is_not_behind(database: Engine) -> None:
    migrate(database)
    set_revision(database, "0004")
    assert is_behind(database)
    set_revision(database, "9999")
    assert not is_behind(database)


def set_revision(database: Engine, revision: str) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_database_that_cannot_be_opened_is_one_clear_line_without_the_password() -> None:
    process = begun("postgresql://clinic:hunter2@127.0.0.1:1/assistant", "check")
    _, errors = process.communicate()
    assert errors == "DATABASE_URL, DATA_FOLDER: the database does not open (OperationalError).\n"
    assert process.returncode == 2
