"""Opens the database and brings it to the newest migration."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Iterator

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from bot.errors import AssistantError
from bot.settings import settings

MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseError(AssistantError):
    """The database cannot be used; the message says what to look at, and no password."""


def make_engine(address: str) -> Engine:
    """Returns an engine for SQLite or PostgreSQL.

    SQLite writes ahead, so that readers do not wait for a writer, and overwrites what it deletes.
    """
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, future=True, pool_pre_ping=True)
    pool = {}
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        # Without it SQLAlchemy 1.4 opens the file anew for every transaction, and most take less than that.
        pool = {"poolclass": QueuePool}
    engine = create_engine(url, future=True, connect_args={"timeout": 5, "check_same_thread": False}, **pool)

    @event.listens_for(engine, "connect")
    def set_up(connection: object, record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]
        connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]
        connection.execute("PRAGMA secure_delete=ON")  # type: ignore[attr-defined]

    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the schema to a revision, forwards or backwards."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


@lru_cache(maxsize=1)
def engine() -> Engine:
    """Returns the engine of this process, with the schema in place.

    Raises:
        DatabaseError: the database cannot be opened or brought to the newest migration.
    """
    try:
        made = make_engine(settings().database)
        migrate(made)
    except (SQLAlchemyError, CommandError, OSError) as error:
        raise DatabaseError(f"DATABASE_URL, DATA_FOLDER: the database does not open ({type(error).__name__}).") from error
    return made


@contextmanager
def transaction(on: Engine) -> Iterator[Session]:
    """Opens a session that commits at the end, or rolls back when something is raised."""
    with Session(on, future=True) as session, session.begin():
        yield session
