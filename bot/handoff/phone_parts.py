"""A part of a phone number that a visitor puts right: "not 0143, 0134"."""

from __future__ import annotations

import re
from typing import Optional

from bot.handoff.phones import PhonePart

_MISTYPED = re.compile(
    r"(?<!\d)(?P<number>(?:\d[ ().-]{0,2}){6}\d{4})\W{1,3}"
    r"(?:(?:sorry|oops|no|wait|i mean|i meant|make that|actually)\W{1,3})+"
    r"(?P<end>\d{2,4})(?![\d-])",
    re.IGNORECASE,
)
_PARTS = (
    re.compile(r"\barea code\D{0,25}?(?P<area>[2-9]\d\d)(?!\d)(?:,? (?:and )?not (?P<not_area>\d{3})\b)?", re.IGNORECASE),
    re.compile(r"\bnot (?P<not_end>\d{3,4})\b,? ?(?:but |it's |its |it is )?(?P<end>\d{3,4})(?!\d)", re.IGNORECASE),
    re.compile(r"(?<!\d)(?<![\d-])(?P<end>\d{3,4}),? not (?P<not_end>\d{3,4})(?!\d)", re.IGNORECASE),
    re.compile(
        r"\blast (?:\w+ )?(?:digits?|numbers?|one)\b[^\d\n.]{0,25}(?P<end>\d{1,4})(?!\d)(?:,? not (?P<not_end>\d{1,4})\b)?",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:ends?|ending)(?: is| in| with| on| should be){1,3} (?P<end>\d{2,4})(?!\d)", re.IGNORECASE),
    re.compile(r"(?<!\d)(?P<end>\d{2,4}) at the end\b", re.IGNORECASE),
)


def with_endings_put_right(text: str) -> str:
    """Returns a text in which a number whose ending is put right at once stands as it was meant: "0161, sorry, 0116"."""
    return _MISTYPED.sub(lambda found: found["number"][: -len(found["end"])] + found["end"], text)


def find_phone_part(text: str) -> Optional[PhonePart]:
    """Returns the part of a number that a visitor puts right ("not 0143, 0134"), or None."""
    for pattern in _PARTS:
        match = pattern.search(text)
        if not match:
            continue
        named = {"not_area": "", "not_end": "", **match.groupdict("")}
        if named.get("area"):
            return PhonePart("area", named["area"], named["not_area"])
        if not named["not_end"] or len(named["not_end"]) == len(named["end"]):
            return PhonePart("ending", named["end"], named["not_end"])
    return None
