"""Messages that lie in the mail folder because no SMTP server is configured: they hold details, and go with them."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.models import Delivery, Enquiry


def delete_mails_of(session: Session, enquiry: Enquiry, folder: Path) -> int:
    """Deletes what was written about an enquiry, except that it was withdrawn; returns how many files there were.

    Raises:
        OSError: a file cannot be deleted.
    """
    keys = select(Delivery.idempotency_key).where(
        Delivery.enquiry_id == enquiry.id, Delivery.kind.in_(("enquiry", "reminder"))
    )
    names = [name for key in session.execute(keys).scalars() for name in (f"{key}.eml", f".{key}.unfinished")]
    return _delete(folder / name for name in names)


def delete_mails_before(folder: Path, before: datetime) -> int:
    """Deletes messages that were last written before a time in UTC; returns how many there were.

    Raises:
        OSError: a file cannot be deleted.
    """
    oldest = before.replace(tzinfo=timezone.utc).timestamp()
    written = [*folder.glob("*.eml"), *folder.glob(".*.unfinished")]
    return _delete(path for path in written if path.stat().st_mtime < oldest)


def _delete(paths: Iterable[Path]) -> int:
    deleted = 0
    for path in paths:
        if path.exists():
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted
