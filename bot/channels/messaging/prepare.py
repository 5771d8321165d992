"""What several channels have in common: the article, named once and as a link, and titles that fit on a button."""

from __future__ import annotations

from typing import List, Sequence

from bot.channels.messaging.service import Message


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


def shortened(title: str, longest: int) -> str:
    """Returns the title of a button, cut where a word ends, with an ellipsis, when it has more than so many characters."""
    if len(title) <= longest:
        return title
    words = title[: longest - 1].rsplit(" ", 1)[0] if " " in title[: longest - 1].strip() else title[: longest - 1]
    return f"{words.rstrip(' ,;:-–—')}…"
