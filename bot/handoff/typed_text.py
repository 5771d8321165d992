"""What a visitor typed, made plain: one reading of characters for everything that looks for details in it."""

from __future__ import annotations

import re
import unicodedata
from typing import FrozenSet, Iterable, List, NamedTuple

LONGEST = 2000
"""Characters; details do not come later than that in a message."""
PHONE, EMAIL = "\ue000", "\ue001"
"""Stand where a phone number or an address was, for the readers of the other details."""

_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"'})
_DASHES = str.maketrans({"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "\t": " ", "\r": "\n"})
_PLAIN = re.compile(r"[\n\x20-\x7e]*")
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


class Word(NamedTuple):
    """A word of a text, in small letters and without accents, and where it stands."""

    plain: str
    start: int
    end: int


def fold(text: str) -> str:
    """Returns the text with straight quotes, plain dashes and digits, and without characters that cannot be seen.

    Args:
        text: of any length; what comes after `LONGEST` characters is left out.
    """
    text = text[:LONGEST]
    if _PLAIN.fullmatch(text):
        return text.replace("`", "'")
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).translate(_DASHES)[:LONGEST]
    return "".join(_visible(character) for character in folded)


def _visible(character: str) -> str:
    if character.isascii():
        return character if (character >= " " and character != "\x7f") or character == "\n" else ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "" if unicodedata.category(character) in _HIDDEN else character


def plain(text: str) -> str:
    """Returns a text in small letters and without accents, of whatever length that gives."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def words(text: str) -> List[Word]:
    """Returns the words of a folded text; numbers are words too."""
    return [Word(plain(match.group()), match.start(), match.end()) for match in _WORDS.finditer(text)]


def without(text: str, spans: Iterable[tuple[int, int]], instead: Iterable[str]) -> str:
    """Returns a text with every span replaced by the character that stands for it; the spans do not overlap."""
    for (start, end), mark in sorted(zip(spans, instead), reverse=True):
        text = f"{text[:start]}{mark}{text[end:]}"
    return text


def word_set(text: str) -> FrozenSet[str]:
    """Returns the words of a text as a set."""
    return frozenset(text.split())
