"""Migrations of tables that hold something: what was there stays, what the older version does not know goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from databases import KINDS, empty_database
from sqlalchemy import text
from sqlalchemy.engine import Engine

from bot.storage.database import _alembic, migrate

AT = "2026-11-20 12:00:00"
SENDER = f"INSERT INTO messaging_senders (id, mark, used_at) VALUES (1, 'dana', '{AT}')"
COLUMNS = "id, sender_id, mark, place, at, content_sealed, tries, sent, outcome"
WAITS = f"INSERT INTO messaging_messages ({COLUMNS}) VALUES (1, 1, 'first', 7, '{AT}', 'sealed', 0, 0, '')"
BY_STAFF = (
    f"INSERT INTO messaging_messages ({COLUMNS}, author, said_sealed) "
    f"VALUES (2, 1, 'second', 0, '{AT}', 's', 0, 0, '', 'staff', 's')"
)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        yield made


def run(database: Engine, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(database: Engine, query: str) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def downgrade(database: Engine, revision: str) -> None:
    config = _alembic()
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_who_writes_by_a_messaging_app_stays_with_the_assistant(database: Engine) -> None:
    migrate(database, "0006")
    run(database, SENDER, WAITS)
    migrate(database, "0007")
    handed_over = "SELECT mark, address_sealed, handed_over_at, handed_over_until FROM messaging_senders"
    assert rows(database, handed_over) == [("dana", None, None, None)]
    assert rows(database, "SELECT mark, content_sealed, author, said_sealed FROM messaging_messages") == [
        ("first", "sealed", "visitor", None)
    ]
    # The version before goes on while the new one is rolled out.
    run(database, WAITS.replace("(1, 1, 'first'", "(3, 1, 'third'"))
    assert rows(database, "SELECT author FROM messaging_messages WHERE id = 3") == [("visitor",)]


def test_going_back_leaves_what_the_older_version_can_answer(database: Engine) -> None:
    migrate(database, "0007")
    run(database, SENDER, WAITS, BY_STAFF, f"UPDATE messaging_senders SET handed_over_until = '{AT}'")
    downgrade(database, "0006")
    assert rows(database, "SELECT mark, place, content_sealed FROM messaging_messages") == [("first", 7, "sealed")]
    assert rows(database, "SELECT mark FROM messaging_senders") == [("dana",)]
    migrate(database, "0007")
    assert rows(database, "SELECT handed_over_until FROM messaging_senders") == [(None,)]
