"""Reference codes: what a visitor keeps to ask about an enquiry or to withdraw it."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Optional

ALPHABET = "23456789CDFGHJKMNPQRTVWXY"
"""Of letters and digits that look alike only one (8 not B, 5 not S, 2 not Z, V not U, Q not O or 0), none of 1 I L, and no
vowels, so no words: 46 bits a code."""
GROUPS = (4, 4, 2)
LENGTH = sum(GROUPS)
_LOOKS_LIKE = str.maketrans({"B": "8", "S": "5", "Z": "2", "U": "V", "O": "Q", "0": "Q"})
_BETWEEN = r"[\s._\-\u2010-\u2015]{0,3}"
_LIKE_A_NUMBER = re.compile(r"\d{5}")
"""What would be taken for a part of a phone number, and so out of a conversation that is kept."""
_IN_A_TEXT = re.compile(rf"(?<!\w)\w{{4}}{_BETWEEN}\w{{4}}{_BETWEEN}\w{{2}}(?!\w)")


def new_code() -> str:
    """Returns a random code such as `K7QM-4XWP-2H`: with a letter and a digit, and never many digits in a row."""
    while True:
        characters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if _mixed(characters) and not _LIKE_A_NUMBER.search(characters):
            return _grouped(characters)


def normal_code(typed: str) -> Optional[str]:
    """Returns a code as it was given out, from what somebody typed: any case, spacing, dashes, and characters mixed up.

    Args:
        typed: the code and nothing else; see `find_code`.

    Returns:
        The code, or None when no code can look like this.
    """
    upper = unicodedata.normalize("NFKC", typed).upper()
    characters = "".join(character for character in upper if character.isalnum()).translate(_LOOKS_LIKE)
    if len(characters) != LENGTH or not set(characters) <= set(ALPHABET):
        return None
    return _grouped(characters)


def find_code(text: str) -> Optional[str]:
    """Returns the first code in a message, or None."""
    for found in _IN_A_TEXT.finditer(unicodedata.normalize("NFKC", text)):
        code = normal_code(found.group()) if _mixed(found.group()) else None
        if code:
            return code
    return None


def _mixed(characters: str) -> bool:
    return any(c.isdigit() for c in characters) and any(c.isalpha() for c in characters)


def _grouped(characters: str) -> str:
    groups, start = [], 0
    for width in GROUPS:
        groups.append(characters[start : start + width])
        start += width
    return "-".join(groups)
