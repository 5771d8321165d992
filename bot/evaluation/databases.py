"""A real PostgreSQL server for measurements."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import contextmanager
from typing import Iterator

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.pool import NullPool

SESSIONS = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Runs PostgreSQL on this machine, with its files in a temporary folder, until the block ends.

    Yields:
        The address of its first database.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the folder of its run-time files
        from pgserver.postgres_server import get_server

        started = get_server(tempfile.mkdtemp(prefix="bench-postgresql-"), cleanup_mode="delete")
    with started as server:
        yield str(server.get_uri())


def new_database(server: str, name: str) -> str:
    """Makes an empty database and returns its address.

    Args:
        server: address of another database of the same server.
        name: letters only.
    """
    engine = observer(server)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return str(make_url(server).set(database=name).render_as_string(hide_password=False))


def observer(address: str) -> Engine:
    """Returns an engine whose connections close as soon as they are given back, so that it leaves none to be counted."""
    return create_engine(address, future=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")


def sessions(engine: Engine) -> int:
    """Returns how many connections to a database are open, besides the one that asks."""
    with engine.connect() as connection:
        return int(connection.execute(SESSIONS).scalar_one())


def version(engine: Engine) -> str:
    """Returns PostgreSQL's version, e.g. 16.2."""
    with engine.connect() as connection:
        return str(connection.execute(text("SHOW server_version")).scalar_one()).split()[0]
