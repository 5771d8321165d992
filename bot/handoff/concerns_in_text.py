"""What a visitor's enquiry is about, out of `bot.handoff.concerns`, from their own words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import List, NamedTuple, Optional, Pattern, Tuple

from bot.handoff.concern_words import (
    ALIKE,
    ANSWERS,
    CONDITIONS,
    PLACES,
    SHORT_SLIPS,
    VOCABULARY,
    WORDS_OF_CONCERNS,
    Patterns,
)
from bot.handoff.spelling import Speller
from bot.handoff.typed_text import fold, words
from bot.handoff.word_lists import everyday_words

_NEGATED = re.compile(
    r"\b(?:not|isn'?t|no|nothing to do with|instead of|rather than)(?: about| for| my| the| so much){0,2}\W+$"
)
_CHANGED = re.compile(
    r"\b(?:but(?! also\b)|no,? wait|actually|instead|put|make it|scratch that|on second thoughts?|no it'?s)\b"
)
"""What comes after it is meant: the visitor has changed their mind while typing."""
_LOOKS = re.compile(r"\b(?:face|facial|look\w*|cosmetic\w*|needl\w*|needel\w*|slim\w*)\b", re.IGNORECASE)
_ABOUT_LOOKS = re.compile(r"\b(?:face|facial|cosmetic\w*|forehead|cheeks?|chin)\b", re.IGNORECASE)
_NEEDLES = re.compile(r"\b(?:\w*need(?:le|el)\w*|acup\w*)\b", re.IGNORECASE)
_FIRMNESS = re.compile(r"sagg\w*|droop.*|loose.*|tight.*|firm.*")
VAGUE = "general"


class _Hit(NamedTuple):
    start: int
    concern: str
    words: str


def read_concern(text: str, asked: bool) -> Optional[str]:
    """Returns the concern that a text names, or None; the first when it names several, and "general" only when it is alone.

    Args:
        text: folded, see `bot.handoff.typed_text.fold`.
        asked: the visitor was just asked what it is about, so that "my face" or "not sure" is an answer.
    """
    spelled = _spelled(text)
    changed = _CHANGED.search(spelled) if asked else None
    later = _named(spelled[changed.end() :], asked) if changed else None
    return later if later not in (None, VAGUE) else _named(spelled, asked)


def _named(spelled: str, asked: bool) -> Optional[str]:
    for patterns in (CONDITIONS, PLACES, ANSWERS) if asked else (CONDITIONS, PLACES):
        hits = _hits(spelled, patterns)
        if hits:
            return min(hits, key=lambda hit: (hit.concern == VAGUE, _is_beside_wrinkles(hit, hits), hit.start)).concern
    return None


def _is_beside_wrinkles(hit: _Hit, hits: List[_Hit]) -> bool:
    """Whoever has wrinkled, sagging skin is asked about as one with wrinkles, in whatever order it is said."""
    return bool(_FIRMNESS.fullmatch(hit.words)) and any(other.concern == "wrinkles" for other in hits)


def is_cosmetic(text: str) -> bool:
    """Is a text about looks, so that a provider is meant? A jaw alone may hurt; with a face or needles it is about looks.

    Args:
        text: as typed.
    """
    folded = fold(text)
    concern = read_concern(folded, asked=False)
    return concern not in (None, "jaw") or (concern == "jaw" and bool(_LOOKS.search(folded)))


def concern_of_looks(text: str) -> Optional[str]:
    """Returns the concern of a text that is about somebody's looks, "general" where it names none; None of any other text.

    Args:
        text: as typed.
    """
    if not (is_cosmetic(text) or _ABOUT_LOOKS.search(text)):
        return None
    return read_concern(fold(text), asked=False) or VAGUE


def names_needles(text: str) -> bool:
    """Does a text speak of needles, whatever the treatment is called?"""
    return bool(_NEEDLES.search(fold(text)))


def is_word_of_concerns(word: str) -> bool:
    """Is a word one that people use to say what bothers them?"""
    return word in WORDS_OF_CONCERNS or SHORT_SLIPS.get(word, "").split(" ")[0] in WORDS_OF_CONCERNS


def _spelled(text: str) -> str:
    """Returns the words of a text in small letters, with slips put right and clauses kept apart."""
    found = words(text)
    pieces: List[str] = []
    last = 0
    for word in found:
        between = text[last : word.start]
        pieces.append(". " if any(sign in between for sign in ".!?;\n") else ", " if "," in between else " ")
        pieces.append(_put_right(word.plain))
        last = word.end
    return "".join(pieces).strip()


def _put_right(word: str) -> str:
    if word in SHORT_SLIPS:
        return SHORT_SLIPS[word]
    return word if word in everyday_words() or word in ALIKE else _speller().meant(word) or word


def _hits(spelled: str, patterns: Patterns) -> List[_Hit]:
    found = []
    for concern, pattern in _compiled(patterns):
        for match in pattern.finditer(spelled):
            if not _NEGATED.search(spelled[max(0, match.start() - 30) : match.start()]) or match.group().startswith(
                ("not ", "no ")
            ):
                found.append(_Hit(match.start(), concern, match.group()))
    return found


@lru_cache(maxsize=3)
def _compiled(patterns: Patterns) -> List[Tuple[str, Pattern[str]]]:
    return [(concern, re.compile(rf"\b(?:{pattern})\b")) for concern, pattern in patterns]


@lru_cache(maxsize=1)
def _speller() -> Speller:
    return Speller(VOCABULARY)
