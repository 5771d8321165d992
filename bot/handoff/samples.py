"""The invented providers of the demo."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.handoff.provider_import import Report, import_file
from bot.privacy.audit import WORKER
from bot.settings import Settings
from bot.storage.database import transaction
from bot.storage.postgresql import SAMPLES as SAMPLE_PROVIDERS
from bot.storage.postgresql import alone

log = structlog.get_logger(__name__)

SAMPLES = Path(__file__).parent / "sample_providers.yml"


def load_samples(session: Session, today: date) -> Report:
    """Adds the sample providers or renews their days, which are relative to today; for the demo only.

    In production nothing may call it; were it called all the same, no sample would be offered, see
    `bot.handoff.directory.reasons_hidden`.
    """
    return import_file(session, SAMPLES, "demo", WORKER, datetime.combine(today, time()))


def load_demo(engine: Engine, options: Settings, today: date) -> None:
    """Loads the samples in the demo, and does nothing in production; to be called at the start and once a day.

    Args:
        engine: of the database.
        options: with the environment.
        today: the day, in UTC.

    Raises:
        KeyProblem: there is no key to seal with.
        SQLAlchemyError: the database failed; nothing was written.
    """
    if options.environment != "demo":
        return
    with transaction(engine) as session:
        alone(session.connection(), SAMPLE_PROVIDERS)
        report = load_samples(session, today)
    if report.added:
        log.info("samples.added", providers=len(report.added))
