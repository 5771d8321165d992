"""Which of the providers that were offered a visitor means."""

from __future__ import annotations

import re
from typing import Optional, Sequence, Tuple

ANY, TEAM = "any", "team"
"""Whoever can answer first; nobody of those, so the clinic's team."""

_ANYONE = re.compile(
    r"\b(?:any(?:one|body)?|either|who ?ever|whichever|first (?:available|free|one (?:who|that))|no preference"
    r"|don'?t (?:care|mind)|doesn'?t matter|you (?:choose|pick|decide)|all of them)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:none|nobody|no ?one|neither|not (?:any|one)|not these|somebody else|someone else)\b|^\W*no\W*$", re.IGNORECASE
)
_ORDINALS = (r"1|one|first|1st", r"2|two|second|2nd", r"3|three|third|3rd")
_LEAD = r"(?:(?:number|no\.?|#|option|the|i'?ll take|i choose|give me)\W+)*"


def choice_in(text: str, offered: Sequence[Tuple[int, str]]) -> Optional[str]:
    """Returns what a visitor picks.

    Args:
        text: as typed.
        offered: id and name of each provider, in the order in which they were shown.

    Returns:
        The place in the list from "1", ANY, TEAM, or None when the text picks nothing.
    """
    lowered = text.casefold()
    for place, (_, name) in enumerate(offered, 1):
        ordinal = rf"^\W*{_LEAD}(?:{_ORDINALS[place - 1]})\b(?:\W+(?:one|please|thanks))*\W*$"
        if name.casefold() in lowered or re.search(ordinal, lowered):
            return str(place)
    if _NOBODY.search(text):
        return TEAM
    return ANY if _ANYONE.search(text) else None
