"""The invented providers of the demo."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

from sqlalchemy.orm import Session

from bot.handoff.provider_import import Report, import_file
from bot.privacy.audit import WORKER

SAMPLES = Path(__file__).parent / "sample_providers.yml"


def load_samples(session: Session, today: date) -> Report:
    """Adds the sample providers or renews their days, which are relative to today; for the demo only.

    Call it at the start, and once a day while it runs. In production nothing may call it; were it called all the same, no
    sample would be offered, see `bot.handoff.directory.reasons_hidden`.
    """
    return import_file(session, SAMPLES, "demo", WORKER, datetime.combine(today, time()))
