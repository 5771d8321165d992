"""The directory in the terminal: `python -m bot providers import | list | show | verify | retire | restore | check`."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import now
from bot.handoff import directory
from bot.handoff.directory import DirectoryError, everybody, find, lapsing, reasons_hidden
from bot.handoff.provider_import import import_file
from bot.handoff.provider_reading.texts import person
from bot.privacy.audit import staff
from bot.settings import settings
from bot.storage.database import engine, transaction
from bot.storage.models import Provider

SECRET = "webhook_secret_sealed"  # nosec B105 # the name of a column
EMPTY = "The directory is empty; `python -m bot providers import FILE.csv` fills it (docs/providers.md)."


class Desk(NamedTuple):
    """What the commands work with."""

    engine: Engine
    environment: str
    at: datetime
    """The time now, in UTC."""


class Answer(NamedTuple):
    """What an action has to say; printed when all that it did is safely stored."""

    lines: List[str]
    code: int = 0


def run_providers(arguments: argparse.Namespace, desk: Optional[Desk] = None) -> int:
    """Runs one action; see `bot.handoff.provider_arguments`.

    Returns:
        The exit code: 1 when `check` found something to do, else 0.

    Raises:
        DirectoryError: the action cannot be done, and nothing was changed.
        ProviderFileError: the same, for a file.
    """
    desk = desk or Desk(engine(), settings().environment, now())
    actions: Dict[str, Callable[[Session, argparse.Namespace, Desk], Answer]] = {
        "import": _import,
        "list": _list,
        "show": _show,
        "verify": _verify,
        "retire": _retire,
        "restore": _restore,
        "check": _check,
    }
    try:
        with transaction(desk.engine) as session:
            answer = actions[arguments.action](session, arguments, desk)
    except SQLAlchemyError as error:
        raise DirectoryError(f"The database did not answer ({type(error).__name__}); nothing was changed.") from None
    for line in answer.lines:
        print(line)
    return answer.code


def _import(session: Session, arguments: argparse.Namespace, desk: Desk) -> Answer:
    actor = f"staff:{_who(arguments)}" if arguments.by is not None else staff()
    report = import_file(session, arguments.file, desk.environment, actor, desk.at)
    return Answer(
        [
            *(f"added      {key}" for key in report.added),
            *(f"changed    {key}: {', '.join(fields)}" for key, fields in report.changed.items()),
            *(f"to verify  {key}: what was verified has changed; check it again" for key in report.to_verify),
            f"{len(report.added)} added, {len(report.changed)} changed, {len(report.unchanged)} unchanged.",
        ]
    )


def _list(session: Session, arguments: argparse.Namespace, desk: Desk) -> Answer:
    rows = [("key", "name", "profession", "town", "services", "today")]
    for provider in everybody(session):
        hidden = len(_reasons(provider, desk))
        today = f"hidden ({hidden} reason{'s' if hidden > 1 else ''})" if hidden else "offered"
        services = ", ".join(provider.services)
        rows.append((provider.key, provider.legal_name, provider.profession, provider.town, services, today))
    return Answer(_table(rows) if len(rows) > 1 else [EMPTY])


def _show(session: Session, arguments: argparse.Namespace, desk: Desk) -> Answer:
    provider = find(session, arguments.key)
    shown = {
        column.name.removesuffix("_sealed"): _said(column.name, getattr(provider, column.name))
        for column in Provider.__table__.columns
        if column.name != "id"
    }
    return Answer([*_table(list(shown.items())), *_state(provider, desk)])


def _verify(session: Session, arguments: argparse.Namespace, desk: Desk) -> Answer:
    directory.verify(session, arguments.key, _who(arguments), desk.at, arguments.on, arguments.next)
    return Answer(_state(find(session, arguments.key), desk))


def _retire(session: Session, arguments: argparse.Namespace, desk: Desk) -> Answer:
    directory.retire(session, arguments.key, _who(arguments), desk.at)
    return Answer(_state(find(session, arguments.key), desk))


def _restore(session: Session, arguments: argparse.Namespace, desk: Desk) -> Answer:
    directory.restore(session, arguments.key, _who(arguments), desk.at)
    return Answer(_state(find(session, arguments.key), desk))


def _check(session: Session, arguments: argparse.Namespace, desk: Desk) -> Answer:
    everyone = everybody(session)
    listed = [provider for provider in everyone if not provider.retired_on]
    retired = [provider.key for provider in everyone if provider.retired_on]
    to_do = {provider.key: _to_do(provider, arguments.days, desk) for provider in listed}
    count = sum(map(bool, to_do.values()))
    lines = [f"{key}: {line}" for key, found in to_do.items() for line in found]
    lines += [f"Retired, and never offered: {', '.join(retired)}."] if retired else []
    lines.append(f"{len(listed)} entries, {count} to look at (today or within {arguments.days} days).")
    return Answer(lines, 1 if count else 0)


def _to_do(provider: Provider, days: int, desk: Desk) -> List[str]:
    soon = lapsing(provider, desk.at.date(), days)
    return [
        *(f"hidden: {reason}" for reason in _reasons(provider, desk)),
        *(f"lapses: {last.what}, last day {last.day}" for last in soon),
    ]


def _who(arguments: argparse.Namespace) -> str:
    try:
        return person(arguments.by)
    except ValueError as error:
        raise DirectoryError(f"--by: {error}") from None


def _reasons(provider: Provider, desk: Desk) -> List[str]:
    return reasons_hidden(provider, desk.at.date(), desk.environment)


def _state(provider: Provider, desk: Desk) -> List[str]:
    reasons = _reasons(provider, desk)
    return [f"{provider.key}: {'hidden' if reasons else 'offered'} today", *(f"- {reason}" for reason in reasons)]


def _said(name: str, value: Any) -> str:
    if name == SECRET:
        return "set" if value else "none"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _table(rows: Sequence[Sequence[str]]) -> List[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
