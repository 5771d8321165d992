"""The worker: empties the outbox, follows up, and does what is due every day. Any number of them may run."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import date, datetime
from threading import Event
from typing import Optional

import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import now
from bot.handoff.daily import once_a_day
from bot.handoff.delivery import Clock, Step, Tell, deliver_next, go_on, tell_nobody
from bot.handoff.follow_up import Followed, follow_up
from bot.handoff.letters import House

log = structlog.get_logger(__name__)

IDLE_SECONDS = 2.0
FOLLOW_UP_SECONDS = 60.0
NAME_LENGTH = 64


def worker_name() -> str:
    """Returns a name that no other worker has."""
    return f"{secrets.token_hex(8)} {os.getpid()} {socket.gethostname()}"[:NAME_LENGTH]


def work_once(engine: Engine, house: House, clock: Clock = now, step: Step = go_on) -> int:
    """Follows up, sends everything that is due, and returns how many messages were tried."""
    name, tried = worker_name(), 0
    _follow_up(engine, house, clock)
    while deliver_next(engine, house, name, clock, step):
        tried += 1
    return tried


def run_worker(engine: Engine, house: House, stop: Event, clock: Clock = now, tell: Tell = tell_nobody) -> None:
    """Works until `stop` is set; a message that has been begun is finished. A database that fails is waited for.

    Args:
        engine: of the database.
        house: settings and clinic.
        stop: set it to end.
        clock: gives the time in UTC.
        tell: called after each try at a message.
    """
    name = worker_name()
    follow_up_at: Optional[datetime] = None
    day: Optional[date] = None
    log.info("worker.ready")
    while not stop.is_set():
        try:
            today = clock().date()
            if day != today:
                once_a_day(engine, house.options, clock())
                day = today
            if follow_up_at is None or (clock() - follow_up_at).total_seconds() >= FOLLOW_UP_SECONDS:
                follow_up_at = clock()
                _follow_up(engine, house, clock)
            busy = deliver_next(engine, house, name, clock, tell=tell)
        except SQLAlchemyError as error:
            log.error("worker.database_failed", error=type(error).__name__)
            busy = False
        if not busy:
            stop.wait(IDLE_SECONDS)
    log.info("worker.stopped")


def _follow_up(engine: Engine, house: House, clock: Clock) -> None:
    done = follow_up(engine, house.options, clock())
    if done != Followed(0, 0, 0, 0):
        log.info("worker.followed_up", **done._asdict())
