"""Seals everything anew with the newest key, so that an older one can be destroyed."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional, Tuple

from sqlalchemy import Column, Table, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.privacy.audit import record
from bot.privacy.encryption import KeyProblem, NotAContact, Vault
from bot.privacy.leftovers import erasing
from bot.storage.database import transaction
from bot.storage.models import Base, Enquiry

SEALED = "_sealed"
BATCH = 200
"""Rows of a transaction."""


class Rotated(NamedTuple):
    """What a rotation did, in fields."""

    sealed_anew: int
    newest_already: int
    unopened: int
    """That no key opens: the key that they were sealed with must be put back, or they are lost."""
    marked_anew: int
    """Contacts whose mark changed, because SECRET_KEY did."""


def sealed_columns() -> List[Column]:
    """Returns the columns of all tables that hold sealed texts."""
    return [column for table in Base.metadata.sorted_tables for column in table.columns if column.name.endswith(SEALED)]


def rotate(engine: Engine, vault: Vault, actor: str, batch: int = BATCH) -> Rotated:
    """Seals every field with the newest key, and marks contacts anew when the secret of the marks changed.

    A row at a time and only if it still is as it was read, so that visitors and workers go on; stopped in the middle, it can
    be started again and does what is left.

    Args:
        engine: of the database.
        vault: with the newest key first, and the older ones.
        actor: for the audit trail.
        batch: rows of a transaction.
    """
    total = Rotated(0, 0, 0, 0)
    for column in sealed_columns():
        for rows in _batches(engine, column, batch):
            with erasing(engine) as session:
                total = _added(total, *(_sealed_anew(session, column, vault, *row) for row in rows))
    total = total._replace(marked_anew=_mark_anew(engine, vault, batch))
    with transaction(engine) as session:
        record(session, actor, "keys_rotated", detail=f"{total.sealed_anew} sealed anew, {total.unopened} unopened")
    return total


def _batches(engine: Engine, column: Column, size: int) -> Iterator[List[Tuple[int, str]]]:
    key, last = _key(column.table), 0
    while True:
        with transaction(engine) as session:
            wanted = select(key, column).where(key > last, column.is_not(None)).order_by(key).limit(size)
            rows = [(row[0], row[1]) for row in session.execute(wanted)]
        if not rows:
            return
        last = rows[-1][0]
        yield rows


def _sealed_anew(session: Session, column: Column, vault: Vault, row_id: int, sealed: str) -> Rotated:
    if vault.is_newest(sealed):
        return Rotated(0, 1, 0, 0)
    try:
        text = vault.open(sealed)
    except KeyProblem:
        return Rotated(0, 0, 1, 0)
    changed = _replace(session, column, row_id, sealed, vault.seal(text))
    return Rotated(int(changed), 0, 0, 0)


def _mark_anew(engine: Engine, vault: Vault, batch: int) -> int:
    column, changed = Enquiry.__table__.c.contact_sealed, 0
    for rows in _batches(engine, column, batch):
        with transaction(engine) as session:
            changed += sum(_marked_anew(session, vault, row_id, sealed) for row_id, sealed in rows)
    return changed


def _marked_anew(session: Session, vault: Vault, row_id: int, sealed: str) -> bool:
    mark_column = Enquiry.__table__.c.contact_mark
    old = session.execute(select(mark_column).where(Enquiry.id == row_id)).scalar_one_or_none()
    new = _mark(vault, sealed)
    return old is not None and new not in (None, old) and _replace(session, mark_column, row_id, old, str(new))


def _mark(vault: Vault, sealed: str) -> Optional[str]:
    try:
        return vault.contact_mark(vault.open(sealed))
    except (KeyProblem, NotAContact):
        return None


def _replace(session: Session, column: Column, row_id: int, old: str, new: str) -> bool:
    """Changes one field, unless somebody else has changed or erased it since."""
    changed = session.execute(
        update(column.table).where(_key(column.table) == row_id, column == old).values({column.name: new})
    )
    return bool(changed.rowcount)


def _key(table: Table) -> Column:
    return next(iter(table.primary_key.columns))


def _added(total: Rotated, *more: Rotated) -> Rotated:
    return Rotated(*(sum(numbers) for numbers in zip(total, *more)))
