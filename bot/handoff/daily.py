"""What is done once a day: what is too old is deleted, and in the demo the invented providers get new days."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.engine import Engine

from bot.errors import AssistantError
from bot.handoff.samples import load_demo
from bot.privacy.audit import WORKER
from bot.privacy.retention import expire
from bot.settings import Settings

log = structlog.get_logger(__name__)


def once_a_day(engine: Engine, options: Settings, at: datetime) -> None:
    """Does it; what cannot be done today is logged, and tried again tomorrow. More than one a day does no harm.

    Args:
        engine: of the database.
        options: ages, folders and environment.
        at: the time, in UTC.

    Raises:
        SQLAlchemyError: the database failed.
    """
    try:
        load_demo(engine, options, at.date())
    except AssistantError as error:
        log.error("daily.samples_not_loaded", error=type(error).__name__)
    try:
        log.info("daily.expired", **expire(engine, at, options, WORKER)._asdict())
    except OSError as error:
        log.error("daily.mail_not_deleted", error=type(error).__name__)
