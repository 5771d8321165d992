"""What `python -m bot providers` takes; imports nothing heavy, because every command reads it."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

DAYS_AHEAD = 30


def add_provider_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on the directory to the parser of `providers`."""
    actions = parser.add_subparsers(dest="action", required=True)
    importing = actions.add_parser("import", help="add and change entries as a file says: all of it or nothing")
    importing.add_argument("file", type=Path, help=".csv, .yml or .yaml; docs/providers.md has the fields")
    importing.add_argument("--by", help="who imports; by default who is logged in")
    actions.add_parser("list", help="all entries, and whether they are offered today")
    show = actions.add_parser("show", help="every field of an entry, and why it is hidden")
    verify = actions.add_parser("verify", help="note that somebody has checked an entry against the register")
    verify.add_argument("--on", type=_day, help="day of the check, e.g. 2027-03-31; by default today")
    verify.add_argument("--next", type=_day, help="when the next check is due; by default 90 days later")
    retire = actions.add_parser("retire", help="offer a provider no more; the entry stays")
    restore = actions.add_parser("restore", help="undo retire; the entry has to be verified anew")
    for one in (show, verify, retire, restore):
        one.add_argument("key", help="of the entry, as `list` shows it")
    for change in (verify, retire, restore):
        change.add_argument("--by", required=True, help="who does it")
    check = actions.add_parser("check", help="who is hidden and why, and who is about to lapse")
    check.add_argument("--days", type=_days, default=DAYS_AHEAD, help=f"how far to look ahead; by default {DAYS_AHEAD}")


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{value}' is not a date: write it as 2027-03-31") from None


def _days(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 <= int(value) <= 3650:
        raise argparse.ArgumentTypeError(f"'{value}' is not a number of days from 0 to 3650")
    return int(value)
