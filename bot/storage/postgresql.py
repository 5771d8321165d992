"""What only PostgreSQL has: limits of a connection, advisory locks, and messages between processes.

The numbers of advisory locks are given out here alone. One number of 64 bits stands for a conversation, two of 32 bits for
a kind (`MIGRATION`, `REPLICA`, `SAMPLES`) and one of that kind; PostgreSQL keeps the two sorts apart.
"""

from __future__ import annotations

import secrets
from typing import Any, Dict

import psycopg2
from psycopg2.errorcodes import ADMIN_SHUTDOWN, CRASH_SHUTDOWN
from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from bot.settings import Settings
from bot.storage.answers_in_time import MILLISECONDS, limited, unlimited

MIGRATION, REPLICA, SAMPLES = 1, 2, 3
MARK_DIGITS = 16
"""Hexadecimal digits of a mark that make 64 bits."""
GRACE_SECONDS = 1.0
"""How much longer than PostgreSQL, which ends a slow statement with an answer, the other side of a connection waits."""
SERVER_KEEPALIVES = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2"
"""Within 15 s the server notices a machine that went without a word, and gives back what it had locked."""


def is_postgresql(engine: Engine) -> bool:
    """Is the database PostgreSQL, so that several processes may share it?"""
    return bool(engine.dialect.name == "postgresql")


def is_unanswered(error: DBAPIError) -> bool:
    """Has the connection gone without PostgreSQL saying what became of the statement, or was there none?

    After a COMMIT it may then have been done. Other errors, and all of SQLite's, mean that it has not.
    """
    return isinstance(error.orig, psycopg2.Error) and error.orig.pgcode in (None, ADMIN_SHUTDOWN, CRASH_SHUTDOWN)


def connect_args(url: URL, configured: Settings, statement_seconds: float, options: str = "") -> Dict[str, Any]:
    """Returns what psycopg2 needs so that a slow or vanished database is an error in time rather than a hang.

    Args:
        url: of the database; options in it stay.
        configured: the settings.
        statement_seconds: after which a statement fails.
        options: more of the session, as `-c name=value`.
    """
    own = f"-c statement_timeout={_milliseconds(statement_seconds)} {SERVER_KEEPALIVES} {options}"
    return {
        "connection_factory": limited(configured.database_connect_timeout_seconds, statement_seconds + GRACE_SECONDS),
        "options": f"{url.query.get('options', '')} {own}".strip(),
        "application_name": "assistant",
        "keepalives_idle": 5,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": _milliseconds(statement_seconds),
    }


def lone_connections(engine: Engine, configured: Settings) -> Engine:
    """Returns an engine for connections outside the pool that stay open: what they lock holds until they close.

    A lock is waited for as long as `lock_wait_seconds`; every statement is a transaction of its own.
    """
    wait = f"-c lock_timeout={_milliseconds(configured.lock_wait_seconds)}"
    limit = configured.lock_wait_seconds + configured.database_statement_timeout_seconds
    return create_engine(
        engine.url,
        future=True,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args=connect_args(engine.url, configured, limit, wait),
    )


def conversation_key(mark: str) -> int:
    """Returns the number that stands for a conversation.

    Args:
        mark: its keyed hash (`Vault.mark`), the same in every replica.
    """
    return int.from_bytes(bytes.fromhex(mark[:MARK_DIGITS]), "big", signed=True)


def alone(connection: Connection, kind: int) -> None:
    """Waits until no other process does the same, and keeps the others waiting until the transaction ends.

    That may take as long as it takes: the limit of statements is lifted. SQLite has one writer at a time as it is.

    Args:
        connection: in a transaction.
        kind: of what is done: `MIGRATION` or `SAMPLES`.
    """
    if connection.dialect.name == "postgresql":
        unlimited(connection.connection.dbapi_connection)
        connection.detach()  # from the pool: nobody else gets it
        connection.execute(select(func.set_config("statement_timeout", "0", True)))
        connection.execute(select(func.pg_advisory_xact_lock(kind, 0)))


def new_replica() -> int:
    """Returns a number for this process, drawn from so many that replicas do not share one."""
    return secrets.randbelow(2**31)


def is_gone(session: Session, replica: int) -> bool:
    """Has a replica ended? As long as it runs, its listener holds the lock that is tried here."""
    return bool(session.execute(select(func.pg_try_advisory_xact_lock_shared(REPLICA, replica))).scalar_one())


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * MILLISECONDS))
