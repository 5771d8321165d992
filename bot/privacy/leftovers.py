"""Deletes so that nothing is left in the file: SQLite otherwise keeps what was deleted until the space is used again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.storage.database import transaction


@contextmanager
def erasing(engine: Engine) -> Iterator[Session]:
    """Opens a transaction whose deletions are overwritten in an SQLite file, also in its write-ahead log.

    PostgreSQL clears by itself (autovacuum), within minutes of a change.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with transaction(engine) as session:
        if is_sqlite:
            session.execute(text("PRAGMA secure_delete=ON"))
        yield session
    if is_sqlite:
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
