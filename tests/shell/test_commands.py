"""What a person can type in the shell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Optional

import pytest

from bot.shell.repl import Command, command_of

Talk = Callable[..., Awaitable[str]]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (":help", Command("help", "")),
        (":SAVE asks  about scars ", Command("save", "asks  about scars")),
        (":)", None),
        (": hello", None),
        (":", None),
        ("is it safe?", None),
    ],
)
def test_only_a_colon_with_a_word_is_a_command(line: str, command: Optional[Command]) -> None:
    assert command_of(line) == command


async def test_help_names_every_command(talk: Talk) -> None:
    shown = await talk(":help")
    assert all(name in shown for name in (":trace", ":short", ":new", ":save NAME", ":quit"))


async def test_an_unknown_command_is_named_and_never_sent(talk: Talk) -> None:
    shown = await talk(":dance")
    assert "There is no :dance." in shown
    assert "automated assistant" not in shown


async def test_a_number_clicks_that_button(talk: Talk) -> None:
    shown = await talk("is it safe?", "1")
    assert "1  Who is qualified?" in shown
    assert "College's authorization" in shown


async def test_a_number_is_text_when_the_last_answer_has_no_such_button(talk: Talk) -> None:
    shown = await talk("is it safe?", "thanks", "1")
    assert "College's authorization" not in shown
    assert "College's authorization" not in await talk("is it safe?", "9")


async def test_a_number_before_any_answer_is_text(talk: Talk) -> None:
    assert "automated assistant" in await talk("1")


async def test_short_answers_are_those_of_text_only_channels(talk: Talk) -> None:
    shown = await talk(":short", "what is dry needling?")
    assert "Dry needling: a thin needle goes into a tight spot" in shown
    assert "something physiotherapists use" in await talk(":short", "is it safe?", "what is dry needling?")


async def test_a_new_conversation_knows_nothing_of_the_one_before(talk: Talk) -> None:
    await talk("is it safe?")
    shown = await talk(":new", "1", "tell me more")
    assert shown.count("I'm the automated assistant") == 1
    assert "College's authorization" not in shown


async def test_nothing_is_read_after_quit(talk: Talk) -> None:
    assert "automated assistant" not in await talk(":quit", "is it safe?")


async def test_blank_lines_are_no_messages(talk: Talk) -> None:
    assert "911" not in await talk("", "   ")
