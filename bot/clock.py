"""The one clock of the records."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """Returns the present time as the database keeps it: UTC, without a zone, whole microseconds."""
    return datetime.now(timezone.utc).replace(tzinfo=None)
