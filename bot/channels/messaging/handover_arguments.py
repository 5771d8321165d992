"""What `python -m bot handover` takes; imports nothing heavy, because every command reads it."""

from __future__ import annotations

import argparse


def add_handover_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on conversations to the parser of `handover`."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="conversations that staff have or have not read, the oldest first")
    listing.add_argument("--all", action="store_true", help="also those of the assistant, to take one over")
    show = actions.add_parser("show", help="what the person wrote meanwhile and what staff answered; it counts as read")
    take = actions.add_parser("take", help="take it over from the assistant, which then keeps quiet there")
    say = actions.add_parser("say", help="write to the person; takes it over when the assistant has it")
    release = actions.add_parser("release", help="give it back to the assistant")
    for one in (show, take, say, release):
        one.add_argument("reference", help="of the conversation, as `list` shows it, e.g. 3fa85f6457")
    say.add_argument("text", help="what to write, in quotes; - reads it from the input")
