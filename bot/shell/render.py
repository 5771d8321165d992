"""How an answer looks in a terminal: wrapped text, its source as a dim line, numbered buttons."""

from __future__ import annotations

from typing import Dict, Iterator, List

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.channels.short_answers import Turn

WIDEST = 88
"""Columns; longer lines are hard to read."""

STYLES = {"urgent": "bold red", "amber": "yellow", "notice": "dim"}
"""By the kind of a message; the words alone say enough where a terminal has no colours."""


def make_console() -> Console:
    """Returns a console on standard output, no wider than people read well; nothing in a text is taken for markup."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDEST)
    return console


def buttons_of(turn: Turn) -> List[Dict[str, str]]:
    """Returns all buttons of an answer, in order: title and payload."""
    return [button for message in turn.messages for button in message.get("buttons", [])]


def text_of(turn: Turn) -> str:
    """Returns the words of an answer, one message a line."""
    return "\n".join(message["text"] for message in turn.messages)


def show_turn(console: Console, turn: Turn) -> None:
    """Prints an answer; the buttons are numbered through all of its messages."""
    number = 0
    for message in turn.messages:
        custom = message.get("custom", {})
        console.print()
        _show(console, Text(message["text"], style=STYLES.get(custom.get("kind", ""), "")), 2)
        for source in _sources(custom):
            _show(console, Text(source, style="dim"), 2)
        for button in message.get("buttons", []):
            number += 1
            _show(console, Text(f"{number}  {button['title']}", style="cyan"), 4)
    console.print()


def show_note(console: Console, text: str, indent: int = 2) -> None:
    """Prints a line of the shell itself: help, a trace, what a command did."""
    _show(console, Text(text, style="dim"), indent)


def _sources(custom: Dict[str, List[Dict[str, str]]]) -> Iterator[str]:
    for source in custom.get("sources", []):
        yield f"Source: {source['section']}" + (f" ({source['url']})" if source.get("url") else "")


def _show(console: Console, text: Text, indent: int) -> None:
    console.print(Padding(text, (0, 0, 0, indent), expand=False))
