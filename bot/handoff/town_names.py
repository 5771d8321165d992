"""The list of towns, found again under the ways people type them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Dict, FrozenSet, NamedTuple, Optional, Sequence

from bot.handoff.spelling import Speller
from bot.handoff.typed_text import plain
from bot.handoff.word_lists import everyday_words, town_lines

_ABBREVIATED = re.compile(r"\b(?:saint|ft)\b")
SHORTEST_SLIP = 6
"""Letters from which on a misspelt name is still told from another word."""
_ALIKE = frozenset({"la creme", "la crema"})


class KnownTown(NamedTuple):
    """A town of the list."""

    name: str
    is_also_a_word: bool
    """It counts only where a place is meant."""


def may_start(run: Sequence[str]) -> bool:
    """Can the name of a town, even a misspelt one, start here? Quick; most words of a message cannot start one."""
    return run[0] in _first_words() or not everyday_words().issuperset(run)


def listed_town(run: Sequence[str]) -> Optional[KnownTown]:
    """Returns the town of the list that a run of words names, also with slips, or None.

    Args:
        run: words in small letters, without accents.
    """
    is_everyday = everyday_words().issuperset(run)
    if is_everyday and run[0] not in _first_words():
        return None
    typed = _key(" ".join(run))
    if typed in _by_name():
        return _by_name()[typed]
    meant = None if is_everyday or len(typed) < SHORTEST_SLIP or typed in _ALIKE else _speller().meant(typed)
    return _by_name()[meant] if meant else None


def is_town(word: str) -> bool:
    """Is a single word the name of a town and of nothing else?"""
    known = _by_name().get(plain(word))
    return known is not None and not known.is_also_a_word


def _key(typed: str) -> str:
    if not typed.isalpha():
        typed = typed.replace("'", "").replace(".", "").replace("-", " ")
    if "ft" in typed or "nt" in typed:
        return _ABBREVIATED.sub(lambda match: "st" if match.group() == "saint" else "fort", typed)
    return typed


@lru_cache(maxsize=1)
def _by_name() -> Dict[str, KnownTown]:
    towns: Dict[str, KnownTown] = {}
    for line in town_lines():
        name, _, others = line.partition("=")
        known = KnownTown(name.rstrip(" ?"), "?" in name)
        for typed in [known.name, *others.split(",")]:
            if typed.strip():
                towns[_key(plain(typed.strip()))] = known
    return towns


@lru_cache(maxsize=1)
def _first_words() -> FrozenSet[str]:
    return frozenset(name.split()[0] for name in _by_name()) | {"saint", "ft"}


@lru_cache(maxsize=1)
def _speller() -> Speller:
    return Speller((name for name, known in _by_name().items() if not known.is_also_a_word), shortest=SHORTEST_SLIP)
