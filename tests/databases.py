"""Real databases for tests: an SQLite file, and a PostgreSQL server that is started once and stops with the tests."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import make_url

from bot.storage.database import make_engine

KINDS = ("sqlite", "postgresql")
_numbers = count()


def _new_postgresql() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the folder of the run-time files
        from pgserver.postgres_server import get_server

        return get_server(tempfile.mkdtemp(prefix="assistant-postgresql-"), cleanup_mode="delete")


@lru_cache(maxsize=1)
def _postgresql() -> Any:
    return _new_postgresql()


@contextmanager
def postgresql_of_its_own() -> Iterator[Any]:
    """Gives a PostgreSQL server that a test may restart: with the databases of all other tests that takes half a minute."""
    server = _new_postgresql()
    yield server
    server.cleanup()


@contextmanager
def empty_database(kind: str, folder: Path, server_of_its_own: Any = None) -> Iterator[Engine]:
    """Gives an engine on a database without tables."""
    if kind == "sqlite":
        engine = make_engine(f"sqlite:///{folder / 'some' / 'assistant.db'}")
        yield engine
        engine.dispose()
        return
    name = f"test_{next(_numbers)}"
    address = make_url((server_of_its_own or _postgresql()).get_uri())
    server = create_engine(address, isolation_level="AUTOCOMMIT", future=True)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    engine = make_engine(address.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()


@contextmanager
def out_of_reach(database: Engine) -> Iterator[None]:
    """Ends all connections to a PostgreSQL database and refuses new ones until the block ends."""
    name = database.url.database
    server = create_engine(make_url(_postgresql().get_uri()), isolation_level="AUTOCOMMIT", future=True)
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"))
        cut(connection, database)
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"))
            server.dispose()


def restart(server: Any) -> None:
    """Restarts PostgreSQL as after a crash: what was not committed is gone, and so is every connection."""
    from pgserver._commands import pg_ctl

    pg_ctl(["-w", "-m", "immediate", "restart"], pgdata=server.pgdata, user=server.system_user, timeout=30)


def cut(by: Connection, database: Engine) -> None:
    """Ends every connection to a PostgreSQL database, but that which does so, as a restart would."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = :name"
    by.execute(text(end), {"name": database.url.database})


def somebody_waits(database: Engine) -> bool:
    """Does a session wait for an advisory lock inside PostgreSQL?"""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = :name"
    with database.connect() as connection:
        return bool(connection.execute(text(waiting), {"name": database.url.database}).scalar())
