"""Writes a dialogue from the shell as a conversation test, so that what was seen once stays so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

import yaml

from bot.channels.short_answers import Turn
from bot.errors import AssistantError
from bot.server.responses import TEXT_ONLY
from bot.settings import ROOT
from bot.shell.render import buttons_of

SAVED = ROOT / "tests" / "conversations" / "saved"
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,99}")


class NotSaved(AssistantError):
    """The dialogue was not written; the message says why."""


class Exchange(NamedTuple):
    """One turn as it went in the shell."""

    text: str
    """Message, or label of the button."""
    is_click: bool
    channel: str
    turn: Turn


def save_dialogue(name: str, exchanges: List[Exchange], folder: Path = SAVED) -> Path:
    """Writes a dialogue in the format of `bot.shell.dialogue`, expecting the answers that were given.

    Args:
        name: a sentence; spaces become underscores, it is the file's name.
        exchanges: since the conversation started.
        folder: where the file goes.

    Returns:
        The new file.

    Raises:
        NotSaved: nothing was said, the name cannot be a file's name, or there is such a file.
    """
    file = name.strip().lower().replace(" ", "_").removesuffix(".yml")
    if not _NAME.fullmatch(file):
        raise NotSaved("Give it a sentence of letters and digits as a name, for example :save asks_twice_about_scars")
    if not exchanges:
        raise NotSaved("Nothing has been said yet.")
    content: Dict[str, Any] = {"steps": [step for exchange in exchanges for step in _steps(exchange)]}
    if all(exchange.channel == TEXT_ONLY for exchange in exchanges):
        content = {"channel": TEXT_ONLY, **content}
    path = folder / f"{file}.yml"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as stream:
            yaml.safe_dump(content, stream, allow_unicode=True, sort_keys=False, width=120)
    except FileExistsError as error:
        raise NotSaved(f"There is a dialogue '{file}' already.") from error
    return path


def _steps(exchange: Exchange) -> List[Dict[str, Any]]:
    buttons = [button["title"] for button in buttons_of(exchange.turn)]
    said = {"click" if exchange.is_click else "user": exchange.text}
    return [said, {"bot": {"responses": list(exchange.turn.names), "buttons": buttons}}]
