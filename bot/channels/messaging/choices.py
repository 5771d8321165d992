"""Numbered choices where a channel has no buttons: only a bare number, its word, or the words of the choice pick one."""

from __future__ import annotations

import re
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(r"[#(]?([1-9][0-9]?)[.):]?")
_OWN_NUMBER = re.compile(r"([1-9][0-9]?)\. ")
_EDGES = " .,:;!?\"'()"


class Choice(NamedTuple):
    """What a number stands for."""

    number: int
    title: str
    payload: str
    """Signed, of the button that would be shown elsewhere."""


def numbered(messages: Sequence[Dict[str, Any]], texts: Sequence[str]) -> Tuple[List[str], List[Choice]]:
    """Returns the texts of messages with numbered choices under the last one, and the choices.

    Buttons of the messages before it are left out: a number must mean one thing, and what is asked is asked last. A button
    that has a number of its own, which a message above names, keeps it.

    Args:
        messages: of a turn.
        texts: theirs, as the channel shows them.
    """
    said = list(texts)
    choices: List[Choice] = []
    for button in messages[-1].get("buttons") or [] if messages else []:
        own = _OWN_NUMBER.match(button["title"])
        number = int(own[1]) if own else 1 + max((choice.number for choice in choices), default=0)
        choices.append(Choice(number, button["title"][own.end() :] if own else button["title"], button["payload"]))
    if choices:
        said[-1] = "\n".join([said[-1], *(f"{choice.number}. {choice.title}" for choice in choices)])
    return said, choices


def chosen(text: str, choices: Sequence[Choice]) -> Optional[Choice]:
    """Returns the choice that a message picks, or None when it says anything else or more.

    Args:
        text: as the person wrote it.
        choices: that were offered last.
    """
    said = " ".join(text.casefold().split())
    number = _number(said)
    if number is not None:
        return next((choice for choice in choices if choice.number == number), None)
    return next((choice for choice in choices if _bare(choice.title) == _bare(said)), None)


def _number(said: str) -> Optional[int]:
    found = _NUMBER.fullmatch(said)
    if found:
        return int(found[1])
    word = said.rstrip(".!")
    return WORDS.index(word) + 1 if word in WORDS else None


def _bare(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split()).strip(_EDGES)
