"""Conversations on messaging apps in the terminal: `python -m bot handover list | show | take | say | release`."""

from __future__ import annotations

import argparse
import sys
from typing import Dict, List, Optional

from sqlalchemy.orm import Session

from bot.channels.messaging.handover import Conversation, HandoverError, Said, conversations, read, release, say, take
from bot.handoff.enquiry_commands import Action, Desk, act
from bot.handoff.enquiry_pages import MINUTE
from bot.privacy.audit import staff

FROM_INPUT = "-"
WHO = {"visitor": "they", "staff": "you"}


def run_handover(arguments: argparse.Namespace, desk: Optional[Desk] = None) -> int:
    """Runs one action; see `bot.channels.messaging.handover_arguments`.

    Returns:
        The exit code 0.

    Raises:
        HandoverError: the action cannot be done, and nothing was changed.
        KeyProblem: something was sealed with a key that is no longer there.
    """
    actions: Dict[str, Action] = {
        "list": _list,
        "show": _show,
        "take": _take,
        "say": _say,
        "release": _release,
    }
    return act(actions, arguments, desk, HandoverError)


def _list(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    found = conversations(session, desk.at, arguments.all)
    return [_line(one) for one in found] or ["There are no conversations" + ("." if arguments.all else " for staff.")]


def _line(one: Conversation) -> str:
    who = f"staff since {one.handed_over_at:{MINUTE}}" if one.handed_over_at else "assistant"
    return (
        f"{one.reference}  {one.channel:<9}  {who:<28}  {one.unread:>3} unread  last {one.used_at:{MINUTE}}  {one.code}"
    ).rstrip()


def _show(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    return [_told(one) for one in read(session, arguments.reference, desk.at, staff())] or ["Nothing was written to staff."]


def _told(one: Said) -> str:
    told = f"{one.at:{MINUTE}}  {WHO[one.author]:<5} {one.text}"
    return f"{told}  ({one.fate})" if one.fate else told


def _take(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    take(session, arguments.reference, desk.at, staff())
    return [f"{arguments.reference}: taken over; the person is told"]


def _say(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    text = sys.stdin.read() if arguments.text == FROM_INPUT else arguments.text
    say(session, arguments.reference, text, desk.at, staff())
    return [f"{arguments.reference}: goes out within seconds; `show` says whether it was sent"]


def _release(session: Session, arguments: argparse.Namespace, desk: Desk) -> List[str]:
    release(session, arguments.reference, desk.at, staff())
    return [f"{arguments.reference}: the assistant answers again"]
