"""Opens the database and brings it to the newest migration."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import FrozenSet, Iterator, Optional, Tuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from bot.errors import AssistantError
from bot.settings import Settings, settings
from bot.storage.postgresql import MIGRATION, alone, connect_args

MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseError(AssistantError):
    """The database cannot be used; the message says what to look at, and no password."""


def make_engine(address: str, configured: Optional[Settings] = None) -> Engine:
    """Returns an engine for SQLite or PostgreSQL.

    SQLite writes ahead, so that readers do not wait for a writer, and overwrites what it deletes. With PostgreSQL a process
    keeps `database_pool_size` connections and opens `database_pool_overflow` more under load. Besides these a server has one
    that holds its locks, `lock_connections` that wait for a lock, and one that listens: 5 + 5 + 1 + 3 + 1 = 15 by default,
    so six servers and a worker fit into the 100 that PostgreSQL allows as it is installed.

    Args:
        address: of the database.
        configured: the settings; those of the process by default.
    """
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return _postgresql(url, configured or settings())
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


def _postgresql(url: URL, configured: Settings) -> Engine:
    return create_engine(
        url,
        future=True,
        pool_pre_ping=True,
        pool_size=configured.database_pool_size,
        max_overflow=configured.database_pool_overflow,
        pool_timeout=configured.database_pool_timeout_seconds,
        connect_args=connect_args(url, configured, configured.database_statement_timeout_seconds),
    )


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the schema to a revision, forwards or backwards; of several processes at once, one after the other."""
    config = _alembic()
    with engine.begin() as connection:
        alone(connection, MIGRATION)
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def is_behind(engine: Engine) -> bool:
    """Does the schema lack a migration that this version knows?

    One that a newer version has migrated further is not behind: while a new version is rolled out, the old one goes on.

    Raises:
        SQLAlchemyError: the database failed.
    """
    with engine.connect() as connection:
        stands = MigrationContext.configure(connection).get_current_revision()
    return stands is None or stands in _older_revisions()


@lru_cache(maxsize=1)
def _older_revisions() -> FrozenSet[str]:
    scripts = ScriptDirectory.from_config(_alembic())
    every = {str(script.revision) for script in scripts.walk_revisions()}
    return frozenset(every - set(scripts.get_heads()))


@lru_cache(maxsize=1)
def engine() -> Engine:
    """Returns the engine of this process, with the schema in place.

    Raises:
        DatabaseError: the database cannot be opened or brought to the newest migration, or is behind it and
            MIGRATE_AT_START is false.
    """
    made, behind = opened(settings().migrate_at_start)
    if behind:
        raise DatabaseError("MIGRATE_AT_START is false and the database is behind: run `python -m bot database upgrade`.")
    return made


def opened(upgrade: bool) -> Tuple[Engine, bool]:
    """Returns a new engine on the database of the settings, and whether its schema is behind.

    Args:
        upgrade: bring the schema to the newest migration first.

    Raises:
        DatabaseError: the database cannot be opened or migrated.
    """
    try:
        made = make_engine(settings().database)
        if upgrade:
            migrate(made)
        return made, is_behind(made)
    except (SQLAlchemyError, CommandError, OSError) as error:
        raise DatabaseError(f"DATABASE_URL, DATA_FOLDER: the database does not open ({type(error).__name__}).") from error


@contextmanager
def transaction(on: Engine) -> Iterator[Session]:
    """Opens a session that commits at the end, or rolls back when something is raised."""
    with Session(on, future=True) as session, session.begin():
        yield session
