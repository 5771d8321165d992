"""How an answer looks in a terminal."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from bot.channels.short_answers import Turn
from bot.shell.render import WIDEST, make_console, show_turn


def rendered(*messages: dict[str, Any], width: int = 60, colours: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False, force_terminal=colours)
    show_turn(console, Turn(list(messages), ["utter_x"] * len(messages), refused=False, failed=False))
    return out.getvalue()


def button(title: str) -> dict[str, str]:
    return {"title": title, "payload": f"button:{title}"}


def test_long_answers_are_wrapped_between_words() -> None:
    text = "A thin needle goes into a tight spot in a muscle. " * 5
    lines = rendered({"text": text}, width=40).splitlines()
    assert max(len(line) for line in lines) <= 40
    assert " ".join(" ".join(lines).split()) == text.strip()


def test_the_source_has_a_dim_line_of_its_own() -> None:
    custom = {"sources": [{"section": "Conclusion", "url": "https://clinic.example/article"}]}
    lines = rendered({"text": "Yes.", "custom": custom}, colours=True).splitlines()
    source = next(line for line in lines if "Conclusion" in line)
    assert "Source: Conclusion (https://clinic.example/article)" in source
    assert "\x1b[2m" in source
    assert not any("\x1b[2m" in line for line in lines if "Yes." in line)


def test_buttons_are_numbered_through_all_messages() -> None:
    shown = rendered({"text": "a", "buttons": [button("One"), button("Two")]}, {"text": "b", "buttons": [button("Three")]})
    numbered = [line.split() for line in shown.splitlines() if line.startswith("    ")]
    assert numbered == [["1", "One"], ["2", "Two"], ["3", "Three"]]


def test_square_brackets_and_colons_are_not_taken_for_markup() -> None:
    assert "[bold]x[/bold] :smile:" in rendered({"text": "[bold]x[/bold] :smile:"})


def test_an_emergency_stands_out_where_there_are_colours() -> None:
    assert "\x1b[1;31m" in rendered({"text": "Call now.", "custom": {"kind": "urgent"}}, colours=True)


def test_the_console_is_never_wider_than_people_read() -> None:
    assert make_console().width <= WIDEST
