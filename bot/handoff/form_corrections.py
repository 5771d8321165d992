"""What a visitor wants to put right without saying how: "the number is wrong", "can I change the town"."""

from __future__ import annotations

import re
from typing import List, Optional

from bot.handoff.heard import Heard, Said

_MENTIONS = {
    "first_name": r"\bname\b",
    "contact": r"\b(?:number|phone|cell|e-?mail|contact|address)\b",
    "town": r"\b(?:town|city|place|area|location)\b",
    "best_time": r"\b(?:time|hours?|when|day)\b",
    "concern": r"\b(?:concern|topic|about|reason)\b",
    "provider": r"\b(?:provider|person|somebody else|someone else|another one|other one)\b",
}
_TO_CHANGE = re.compile(
    r"\b(?:change|fix|correct|update|edit|alter|redo|wrong|incorrect|mistake|typo|misspell?ed|misspelt"
    r"|(?:not|isn'?t) right)\b",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"^\W*(?:yes|yep|yeah|that'?s|all|it'?s|looks)\b.*\bcorrect\b|^\W*correct\W*$", re.IGNORECASE)


def wants_change(said: Said) -> bool:
    """Is something to be put right, whatever the message was taken for?"""
    if said.intent == "correct_detail":
        return True
    is_wish = bool(_TO_CHANGE.search(said.text)) and not _RIGHT.search(said.text)
    return is_wish and bool(fields_named(said.text))


def fields_named(text: str) -> List[str]:
    """Returns the fields that a text mentions."""
    return [name for name, words in _MENTIONS.items() if re.search(words, text, re.IGNORECASE)]


def to_be_asked_again(said: Said, field: Optional[str] = None) -> Heard:
    """Empties the fields that are wrong, so that they are asked for again; asks what is wrong when none is named.

    Args:
        said: the message.
        field: that is being asked for anyway; a message about it alone is a failed try.
    """
    named = fields_named(said.text)
    if field and (named == [field] or (not named and re.search(r"\d", said.text))):
        return Heard(problem=f"wrong_{field}", counts=True)
    if not named:
        return Heard(problem="what_to_change")
    return Heard({name: None for name in named} | {"consent": None}, corrected=False)
