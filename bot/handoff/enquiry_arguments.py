"""What `python -m bot enquiries` and `worker` take; imports nothing heavy, because every command reads it."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_enquiry_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on enquiries to the parser of `enquiries`."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="all enquiries, the oldest first, and the trouble of their messages")
    listing.add_argument("--state", help="only those in this state; docs/enquiries.md has them")
    show = actions.add_parser("show", help="what happened to one, without the visitor's details")
    retry = actions.add_parser("retry", help="send it again, or to another provider if the visitor agreed to that")
    acknowledge = actions.add_parser("acknowledge", help="the provider said that they have it")
    close = actions.add_parser("close", help="it is done; what is still to be sent about it is stopped")
    for one in (show, retry, acknowledge, close):
        one.add_argument("code", help="reference code, e.g. K7QM-4XWP-2H")
    export = actions.add_parser("export", help="write all enquiries into a new file for a spreadsheet")
    export.add_argument("file", type=Path, help="a file that is not there yet, e.g. enquiries.csv")
    for one in (show, export):
        one.add_argument("--reveal", action="store_true", help="with the visitors' details; it is noted who did that")


def add_worker_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `worker`."""
    parser.add_argument("--once", action="store_true", help="send what is due, and end")
