"""What `python -m bot bench-load` and `soak` take; imports nothing heavy, because every command reads it."""

from __future__ import annotations

import argparse
from typing import Callable

SECONDS, QUICK_SECONDS, MOST_SECONDS = 10, 3, 300
VISITORS, MOST_VISITORS = (1, 16, 64, 256), 1000
TURNS, FEWEST_TURNS, MOST_TURNS = 20_000, 5_000, 10_000_000
"""With fewer no conversation of the soak would reach turn 200."""


def add_load_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `bench-load`."""
    parser.add_argument("--stock", action="store_true", help="beside Rasa's default pipeline, in the same run")
    parser.add_argument(
        "--visitors", type=_whole(1, MOST_VISITORS), nargs="+", default=VISITORS, metavar="N", help="how many at once"
    )
    duration = parser.add_mutually_exclusive_group()
    duration.add_argument(
        "--seconds", type=_whole(1, MOST_SECONDS), default=SECONDS, metavar="N", help="measured for each line of the table"
    )
    duration.add_argument(
        "--quick", action="store_const", dest="seconds", const=QUICK_SECONDS, help=f"--seconds {QUICK_SECONDS}"
    )


def add_soak_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `soak`."""
    parser.add_argument(
        "--turns", type=_whole(FEWEST_TURNS, MOST_TURNS), default=TURNS, metavar="N", help="after the warm-up"
    )


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"should be a whole number from {least} to {most}")
        return int(text)

    return number
