"""Texts for telephones: characters that cost little, and parts that end where a sentence ends."""

from __future__ import annotations

import math
import re
from typing import Callable, Iterator, List

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet of GSM 03.38: 160 characters a message. One character outside it, and a message holds 70."""
EXTENSION = frozenset("^{}\\[~]|€")
"""Its second page, where each counts as two."""
PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "…": "...", "•": "-", "·": "-",
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "×": "x", "→": "->", "\u200b": "", "\u2060": "",
    }
)  # fmt: skip
_CUTS = (re.compile(r"\n+"), re.compile(r"(?<=[.!?])\s+"), re.compile(r"\s+"))
"""Where a text may be cut, from the kindest place to the least kind."""


def plain(text: str) -> str:
    """Returns a text with typographic marks replaced by those that every telephone has; letters stay as they are."""
    return text.translate(PLAIN)


def segments(text: str) -> int:
    """Returns how many SMS a text is sent and paid as."""
    if BASIC.union(EXTENSION).issuperset(text):
        return _parts(len(text) + sum(character in EXTENSION for character in text), 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def _parts(length: int, alone: int, joined: int) -> int:
    return 1 if length <= alone else math.ceil(length / joined)


def split(text: str, fits: Callable[[str], bool]) -> List[str]:
    """Returns a text in parts that fit, cut between paragraphs or sentences, and inside a word only if nothing else helps.

    Args:
        text: of any length.
        fits: may a part be sent as it is? Must hold for a single character, and for every beginning of what it holds for.
    """
    rest, parts = text.strip(), []
    while rest and not fits(rest):
        head = _head(rest, fits)
        parts.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return [*parts, rest] if rest else parts


def _head(text: str, fits: Callable[[str], bool]) -> str:
    """Returns the longest beginning that fits; paragraphs count only when they fill half of the room."""
    most = _most(text, fits)
    for cut in _CUTS:
        ends = [end for end in _ends(cut, text) if end <= most]
        if ends and (ends[-1] > most // 2 or cut is _CUTS[-1]):
            return text[: ends[-1]]
    return text[:most]


def _most(text: str, fits: Callable[[str], bool]) -> int:
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    return low


def _ends(cut: re.Pattern[str], text: str) -> Iterator[int]:
    return (found.start() for found in cut.finditer(text) if found.start())
