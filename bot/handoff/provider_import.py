"""Brings provider files into the directory: all of a file or nothing, and the same file again changes nothing."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

from sqlalchemy import false, select, text, update
from sqlalchemy.orm import Session

from bot.handoff.directory import VERIFICATION_HOLDS
from bot.handoff.provider_files import ProviderFileError, ReadRow, read_rows
from bot.handoff.provider_reading.entries import Problem
from bot.handoff.provider_reading.fields import ProviderRow
from bot.privacy.audit import record
from bot.privacy.encryption import KeyProblem, vault
from bot.storage.models import Provider

VERIFICATION = ("verified_on", "verified_by", "next_check_due")
UNCHECKED = frozenset({"practice", "languages", "contact_by", "financial_relationship", "webhook_secret_sealed"})
"""What may change without the entry having to be verified anew; all else is what a verification stands for."""


class Report(NamedTuple):
    """What an import did, by the keys of the entries."""

    added: List[str]
    changed: Dict[str, List[str]]
    """With the names of the fields."""
    unchanged: List[str]
    to_verify: List[str]
    """Lost their verification, because what was verified has changed."""


def import_file(session: Session, path: Path, environment: str, actor: str, at: datetime) -> Report:
    """Adds and changes entries as a file says; entries that it does not name stay as they are.

    Args:
        session: commits at its end; nothing is written when anything is wrong.
        path: of a CSV or YAML file; docs/providers.md has the fields.
        environment: demo or production.
        actor: who imports, for the audit trail.
        at: the time now, in UTC.

    Raises:
        ProviderFileError: anything in the file is wrong; the message has all of it.
    """
    rows, problems = read_rows(path, at.date(), environment)
    _alone(session)
    known = {provider.key: provider for provider in session.execute(select(Provider)).scalars()}
    problems += _without_secret(rows, known)
    if problems:
        raise ProviderFileError(path, problems)
    report = Report([], {}, [], [])
    for _, row in rows:
        _bring_in(session, row, known.get(row.key), report)
    for key in (*report.added, *report.changed):
        action = "provider_changed" if key in report.changed else "provider_added"
        record(session, actor, action, f"provider {key}", ", ".join(report.changed.get(key, [])), at)
    return report


def _alone(session: Session) -> None:
    """Lets one import run at a time, so that two of them cannot both add the same entry."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE providers IN SHARE ROW EXCLUSIVE MODE"))
    else:  # SQLite: whoever writes has the database to itself until the end
        nothing = update(Provider).where(false()).values(town="")
        session.execute(nothing, execution_options={"synchronize_session": False})


def _without_secret(rows: Sequence[ReadRow], known: Dict[str, Provider]) -> Iterator[Problem]:
    for entry, row in rows:
        sealed = row.key in known and known[row.key].webhook_secret_sealed
        if row.route == "webhook" and not (row.webhook_secret or sealed):
            yield Problem(entry.at("webhook_secret"), "webhook_secret", "is needed for the route webhook")


def _bring_in(session: Session, row: ProviderRow, provider: Optional[Provider], report: Report) -> None:
    if provider is None:
        facts = row.dict(exclude={"webhook_secret", *VERIFICATION})
        session.add(Provider(**facts, **_verification(row), webhook_secret_sealed=_sealed(row, None)))
        report.added.append(row.key)
        return
    changes = _changes(provider, row)
    if not changes:
        report.unchanged.append(row.key)
        return
    report.changed[row.key] = [name.removesuffix("_sealed") for name in changes]
    if provider.verified_on and (changes.get("verified_on", provider.verified_on) or date.min) < provider.verified_on:
        report.to_verify.append(row.key)
    for name, value in changes.items():
        setattr(provider, name, value)


def _changes(provider: Provider, row: ProviderRow) -> Dict[str, Any]:
    """Returns what a row changes: a field that the file does not have stays, one that is empty there is emptied.

    A verification stands for the facts that were checked. When those change, that of the file replaces it, or none; else
    the later one counts, so that an old file does not undo a check made since.
    """
    given = row.dict(exclude_unset=True, exclude={"webhook_secret", *VERIFICATION})
    wanted = {**given, "webhook_secret_sealed": _sealed(row, provider.webhook_secret_sealed)}
    changes = {name: value for name, value in wanted.items() if getattr(provider, name) != value}
    later = row.verified_on is not None and row.verified_on >= (provider.verified_on or date.min)
    if later or not UNCHECKED.issuperset(changes):
        changes.update({name: value for name, value in _verification(row).items() if getattr(provider, name) != value})
    return changes


def _verification(row: ProviderRow) -> Dict[str, Any]:
    due = row.next_check_due or (row.verified_on and row.verified_on + VERIFICATION_HOLDS)
    return {"verified_on": row.verified_on, "verified_by": row.verified_by, "next_check_due": due}


def _sealed(row: ProviderRow, before: Optional[str]) -> Optional[str]:
    """Returns the sealed secret; the seal of the same secret stays, although sealing anew would look different."""
    if row.route != "webhook":
        return None
    if not row.webhook_secret or (before and _opens_as(before, row.webhook_secret)):
        return before
    return vault().seal(row.webhook_secret)


def _opens_as(sealed: str, secret: str) -> bool:
    try:
        return vault().open(sealed) == secret
    except KeyProblem:  # its key is gone; the file has the secret, and it is sealed anew
        return False
