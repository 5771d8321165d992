"""Enquiries as staff read them: the list, the story of one, and a table for a spreadsheet."""

from __future__ import annotations

import csv
import os
from datetime import datetime
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import AssistantError
from bot.privacy.encryption import vault
from bot.storage.models import Consent, Delivery, Enquiry, Provider

MINUTE = "%Y-%m-%d %H:%M"
COLUMNS = (
    "code",
    "state",
    "kind",
    "concern",
    "town",
    "language",
    "provider",
    "made",
    "changed",
    "delivered",
    "acknowledged",
)
PERSONAL = ("first_name", "contact", "contact_kind", "best_time", "question")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")


class ExportError(AssistantError):
    """A file cannot be written."""


def listed(session: Session, state: Optional[str]) -> List[str]:
    """Returns one line an enquiry, the oldest first, with the trouble that its messages have."""
    wanted = select(Enquiry).order_by(Enquiry.id)
    keys, troubles = _provider_keys(session), _troubles(session)
    enquiries = session.execute(wanted.where(Enquiry.state == state) if state else wanted).scalars()
    return [
        f"{one.code}  {one.state:<12}  {one.kind:<9}  {one.concern:<9}  {keys.get(one.provider_id, '-'):<20}  "
        f"{one.created_at:{MINUTE}}  {troubles.get(one.id, '')}".rstrip()
        for one in enquiries
    ]


def story(session: Session, enquiry: Enquiry, reveal: bool) -> List[str]:
    """Returns what happened to an enquiry; the visitor's details only when they are to be revealed."""
    fields = _row(enquiry, _provider_keys(session), reveal)
    consents = session.execute(select(Consent).where(Consent.enquiry_id == enquiry.id).order_by(Consent.id)).scalars()
    messages = session.execute(select(Delivery).where(Delivery.enquiry_id == enquiry.id).order_by(Delivery.id)).scalars()
    return [
        *(f"{name:<14}{value}" for name, value in fields.items() if value),
        "agreed to:",
        *(f"  {_consent(one)}" for one in consents),
        "messages (UTC):",
        *(f"  {_message(one, _provider_keys(session))}" for one in messages),
    ]


def write_table(session: Session, path: Path, reveal: bool) -> int:
    """Writes all enquiries as CSV that a spreadsheet takes for text, readable by the owner alone.

    Returns:
        How many there are.

    Raises:
        ExportError: the file cannot be written, or is there already.
    """
    keys = _provider_keys(session)
    rows = [_row(one, keys, reveal) for one in session.execute(select(Enquiry).order_by(Enquiry.id)).scalars()]
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS + (PERSONAL if reveal else ()))
            table.writerows([harmless(value) for value in row.values()] for row in rows)
    except OSError as error:
        raise ExportError(f"{path}: cannot be written: {error.strerror}") from error
    return len(rows)


def harmless(cell: str) -> str:
    """Returns a cell that no spreadsheet runs as a formula."""
    bare = cell.lstrip()
    return f"'{cell}" if bare.startswith(_STARTS_A_FORMULA) or cell[:1] in ("\t", "\r", "\n") else cell


def _row(one: Enquiry, keys: Dict[int, str], reveal: bool) -> Dict[str, str]:
    row = {
        "code": one.code,
        "state": one.state,
        "kind": one.kind,
        "concern": one.concern,
        "town": one.town,
        "language": one.language,
        "provider": keys.get(one.provider_id, ""),
        "made": _minute(one.created_at),
        "changed": _minute(one.changed_at),
        "delivered": _minute(one.delivered_at),
        "acknowledged": _minute(one.acknowledged_at),
    }
    if reveal:
        name, contact = (vault().open(sealed) if sealed else "" for sealed in (one.first_name_sealed, one.contact_sealed))
        personal = (name, contact, one.contact_kind or "", one.best_time, one.question)
        row.update(zip(PERSONAL, personal))
    return row


def _provider_keys(session: Session) -> Dict[int, str]:
    return {row.id: row.key for row in session.execute(select(Provider.id, Provider.key))}


def _troubles(session: Session) -> Dict[int, str]:
    """Returns what is wrong with messages that are not sent yet, by enquiry; of several the last."""
    rows: List[Tuple[int, str, str, str]] = session.execute(
        select(Delivery.enquiry_id, Delivery.kind, Delivery.state, Delivery.last_error)
        .where(Delivery.state.in_(("pending", "sending", "dead")), Delivery.last_error != "")
        .order_by(Delivery.id)
    ).all()
    return {enquiry_id: f"{kind} {state}: {error}" for enquiry_id, kind, state, error in rows}


def _consent(one: Consent) -> str:
    withdrawn = f", withdrawn {_minute(one.withdrawn_at)}" if one.withdrawn_at else ""
    return f"{one.kind} (text {one.text_version}), {_minute(one.given_at)} to {_minute(one.holds_until)}{withdrawn}"


def _message(one: Delivery, keys: Dict[int, str]) -> str:
    about = f" {one.subject}" if one.subject else ""
    when = f"sent {_minute(one.sent_at)}" if one.sent_at else f"next try {_minute(one.next_try_at)}"
    trouble = f", {one.last_error}" if one.last_error else ""
    to = keys.get(one.provider_id, "staff") if one.provider_id else "staff"
    return f"{one.kind}{about} to {to}: {one.state}, {one.attempts} tries, {when}{trouble}"


def _minute(at: Optional[datetime]) -> str:
    return at.strftime(MINUTE) if at else ""
