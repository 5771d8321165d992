"""`python -m bot shell`: talks to the assistant in a terminal, or answers the lines of a pipe."""

from __future__ import annotations

import asyncio
import sys
import time
import warnings
from typing import AsyncIterator, Callable, Dict, List, NamedTuple, Optional

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from rich.console import Console

from bot.channels.door import clean
from bot.channels.short_answers import Turn
from bot.errors import AssistantError
from bot.server.responses import TEXT_ONLY
from bot.shell.render import buttons_of, make_console, show_note, show_turn
from bot.shell.rule_names import RuleNames
from bot.shell.save import SAVED, Exchange, save_dialogue
from bot.shell.session import Assistant, Conversation
from bot.shell.trace import trace_of

PROMPT = "> "
HELP = (
    "A number clicks that button of the last answer.",
    ":trace      show how each message is read and why it is answered so, or stop showing it",
    ":short      the short answers of text-only channels, or the full ones again",
    ":new        start a new conversation",
    ":save NAME  keep this conversation as a test",
    ":quit       leave (also Ctrl-D)",
)


class Command(NamedTuple):
    """A line that starts with a colon."""

    name: str
    argument: str


def command_of(line: str) -> Optional[Command]:
    """Returns the command of a line, or None when it is a message."""
    if not line.startswith(":") or not line[1:2].isalpha():
        return None
    name, _, argument = line[1:].partition(" ")
    return Command(name.lower(), argument.strip())


class Shell:
    """One person at one terminal."""

    def __init__(self, assistant: Assistant, console: Console) -> None:
        """Starts a conversation."""
        self._assistant = assistant
        self._console = console
        self._names = RuleNames()
        self._trace = False
        self._channel = "rest"
        self._start()

    async def run(self, lines: AsyncIterator[str]) -> int:
        """Answers line after line; returns the exit code."""
        show_note(self._console, "Type a question, or :help.", 0)
        async for line in lines:
            command = command_of(line.strip())
            if command is not None and command.name in ("quit", "q", "exit"):
                break
            if command is not None:
                await self._obey(command)
            elif line.strip():
                await self._ask(line)
        return 0

    def _start(self) -> None:
        self._conversation: Conversation = self._assistant.conversation()
        self._exchanges: List[Exchange] = []

    async def _obey(self, command: Command) -> None:
        commands: Dict[str, Callable[[str], List[str]]] = {
            "help": lambda _: list(HELP),
            "trace": self._toggle_trace,
            "short": self._toggle_short,
            "save": self._save,
        }
        if command.name == "new":
            await self._assistant.forget(self._conversation.id)
            self._start()
            notes = ["A new conversation."]
        elif command.name in commands:
            notes = commands[command.name](command.argument)
        else:
            notes = [f"There is no :{command.name}.", *HELP]
        for note in notes:
            show_note(self._console, note)

    def _toggle_trace(self, _: str) -> List[str]:
        self._trace = not self._trace
        return [f"Trace is {'on' if self._trace else 'off'}."]

    def _toggle_short(self, _: str) -> List[str]:
        self._channel = "rest" if self._channel == TEXT_ONLY else TEXT_ONLY
        return [f"{'Short' if self._channel == TEXT_ONLY else 'Full'} answers."]

    def _save(self, name: str) -> List[str]:
        try:
            path = save_dialogue(name, self._exchanges, SAVED)
        except (AssistantError, OSError) as error:
            return [str(error)]
        return [f"Saved as {path.parent.name}/{path.name}; it runs with the conversation tests."]

    async def _ask(self, line: str) -> None:
        button = self._button(line.strip())
        started = time.perf_counter()
        turn = await self._conversation.say(button["payload"] if button else line, self._channel)
        milliseconds = (time.perf_counter() - started) * 1000
        text = button["title"] if button else line
        self._exchanges.append(Exchange(text, button is not None, self._channel, turn))
        show_turn(self._console, turn)
        if self._trace:
            await self._show_trace(turn, milliseconds)

    def _button(self, line: str) -> Optional[Dict[str, str]]:
        offered = buttons_of(self._exchanges[-1].turn) if self._exchanges else []
        is_number = line.isascii() and line.isdigit() and len(line) < 4
        return offered[int(line) - 1] if is_number and 1 <= int(line) <= len(offered) else None

    async def _show_trace(self, turn: Turn, milliseconds: float) -> None:
        tracker = await self._assistant.agent.tracker_store.retrieve(self._conversation.id)
        for line in trace_of(turn, tracker, self._names, milliseconds):
            show_note(self._console, f"| {line}")


async def typed_lines() -> AsyncIterator[str]:
    """Yields what a person types, with the arrow keys for earlier lines, until Ctrl-D or Ctrl-C."""
    # The history is not written to disk: people try real questions here.
    session: PromptSession[str] = PromptSession(history=InMemoryHistory())
    while True:
        try:
            yield await session.prompt_async(PROMPT)
        except (EOFError, KeyboardInterrupt):
            return


async def piped_lines(console: Console) -> AsyncIterator[str]:
    """Yields the lines of standard input, and shows each as if it had been typed."""
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        console.print(f"{PROMPT}{clean(text)}")
        yield text


def run_shell() -> int:
    """Talks until the visitor leaves or the input ends.

    Returns:
        The exit code.

    Raises:
        NotReady: there is no trained model.
    """
    console = make_console()
    show_note(console, "Loading…", 0)
    with warnings.catch_warnings():
        # Rasa warns of its own settings while it loads.
        warnings.simplefilter("ignore")
        shell = Shell(Assistant(), console)
    return asyncio.run(shell.run(typed_lines() if sys.stdin.isatty() else piped_lines(console)))
