"""Enquiries in the terminal: `python -m bot enquiries list | show | retry | acknowledge | close | export`, and `worker`."""

from __future__ import annotations

import argparse
import signal
from datetime import datetime
from threading import Event
from typing import Callable, Dict, List, NamedTuple, Optional, Type

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import AssistantError
from bot.handoff.delivery import Tell, tell_nobody
from bot.handoff.enquiry_pages import listed, story, write_table
from bot.handoff.letters import House
from bot.handoff.staff import StaffError, acknowledge_for, close, find, retry
from bot.handoff.states import STATES
from bot.handoff.worker import run_worker, work_once
from bot.privacy.audit import record, staff
from bot.privacy.encryption import vault
from bot.settings import Clinic, Settings, clinic, settings
from bot.storage.database import engine, transaction


class Desk(NamedTuple):
    """What the commands work with."""

    engine: Engine
    options: Settings
    at: datetime
    """The time now, in UTC."""


Action = Callable[[Session, argparse.Namespace, Desk], List[str]]
"""Returns what it has to say."""


def run_enquiries(arguments: argparse.Namespace, desk: Optional[Desk] = None) -> int:
    """Runs one action; see `bot.handoff.enquiry_arguments`.

    Returns:
        The exit code 0.

    Raises:
        StaffError: the action cannot be done, and nothing was changed.
        NotAllowed: the enquiry is not in a state for it.
        ExportError: a file cannot be written.
    """
    actions: Dict[str, Action] = {
        "list": _list,
        "show": _show,
        "retry": _retry,
        "acknowledge": _acknowledge,
        "close": _close,
        "export": _export,
    }
    return act(actions, arguments, desk, StaffError)


def act(
    actions: Dict[str, Action], arguments: argparse.Namespace, desk: Optional[Desk], failed: Type[AssistantError]
) -> int:
    """Runs an action in a transaction, prints what it has to say once that is stored, and returns the exit code 0.

    Args:
        actions: by their names.
        arguments: as typed.
        desk: what it works with; that of the process by default.
        failed: is raised when the database does not answer.
    """
    desk = desk or Desk(engine(), settings(), now())
    try:
        with transaction(desk.engine) as session:
            lines = actions[arguments.action](session, arguments, desk)
    except SQLAlchemyError as error:
        raise failed(f"The database did not answer ({type(error).__name__}); nothing was changed.") from None
    for line in lines:
        print(line)
    return 0


def run_worker_command(arguments: argparse.Namespace, tell: Tell = tell_nobody) -> int:
    """Works until SIGTERM or Ctrl-C; with --once sends what is due and ends.

    Args:
        arguments: see `bot.handoff.enquiry_arguments`.
        tell: called after each try at a message.

    Raises:
        StaffError: see `ready_house`.
        KeyProblem: see `ready_house`.
    """
    house, stop = ready_house(settings(), clinic()), Event()
    if arguments.once:
        print(f"{work_once(engine(), house)} messages tried")
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(engine(), house, stop, tell=tell)
    return 0


def ready_house(options: Settings, of: Clinic) -> House:
    """Returns the side that sends; what is missing is said at the start rather than at every message.

    Raises:
        StaffError: nobody would read what goes to staff.
        KeyProblem: a key is missing or wrong.
    """
    house = House(options, of)
    if options.smtp_host and not house.staff_email:
        raise StaffError("STAFF_EMAIL: must be set with SMTP_HOST (or `email` in clinic.yml), or nobody is told of trouble.")
    vault()
    return house


def _list(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    if arguments.state and arguments.state not in STATES:
        raise StaffError(f"There is no state '{arguments.state}'; there are {', '.join(STATES)}.")
    return listed(session, arguments.state) or ["There are no enquiries" + (" in that state." if arguments.state else ".")]


def _show(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    enquiry = find(session, arguments.code)
    if arguments.reveal:
        record(session, staff(), "details_read", f"enquiry {enquiry.id}", at=desk.at)
    return story(session, enquiry, arguments.reveal)


def _retry(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    return [f"{arguments.code}: {retry(session, arguments.code, desk.at, desk.options, staff())}"]


def _acknowledge(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    acknowledge_for(session, arguments.code, desk.at, staff())
    return [f"{arguments.code}: acknowledged"]


def _close(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    close(session, arguments.code, desk.at, staff())
    return [f"{arguments.code}: closed"]


def _export(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    record(session, staff(), "exported", detail=f"details {'in' if arguments.reveal else 'out'}", at=desk.at)
    session.flush()  # what cannot be noted is not exported
    return [f"{write_table(session, arguments.file, arguments.reveal)} enquiries written to {arguments.file}"]
