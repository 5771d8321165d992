"""What several channels have in common: the article, named once and as a link, and buttons below the text."""

from __future__ import annotations

from typing import Callable, List, Sequence

from bot.channels.messaging.service import Message, Prepared, Reply
from bot.channels.messaging.short_text import split


def texts_of(messages: Sequence[Message]) -> List[str]:
    """Returns the texts of messages; under the last one that comes from the article stands its address, if it has one.

    Args:
        messages: of a turn.
    """
    said = [str(message["text"]) for message in messages]
    for number in reversed(range(len(said))):
        links = [
            source["url"] for source in (messages[number].get("custom") or {}).get("sources") or [] if source.get("url")
        ]
        if links:
            said[number] = f"{said[number]}\n{links[0]}"
            break
    return said


def with_buttons(messages: Sequence[Message], fits: Callable[[str], bool]) -> Prepared:
    """Returns the messages of a turn in parts that fit, each with its buttons below.

    Args:
        messages: of a turn.
        fits: may a part be sent as it is?
    """
    replies: List[Reply] = []
    for message, text in zip(messages, texts_of(messages)):
        parts: List[Reply] = [{"text": part} for part in split(text, fits)]
        if message.get("buttons"):
            parts[-1]["buttons"] = message["buttons"]
        replies += parts
    return Prepared(replies)


def shortened(title: str, longest: int) -> str:
    """Returns the title of a button, cut where a word ends, with an ellipsis, when it has more than so many characters."""
    if len(title) <= longest:
        return title
    words = title[: longest - 1].rsplit(" ", 1)[0] if " " in title[: longest - 1].strip() else title[: longest - 1]
    return f"{words.rstrip(' ,;:-–—')}…"
