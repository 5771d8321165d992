"""The lists of words in `words/`, each read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import FrozenSet, List

_FOLDER = Path(__file__).parent / "words"


@lru_cache(maxsize=1)
def everyday_words() -> FrozenSet[str]:
    """Returns the words that ordinary messages are made of, in small letters; they are typed as they are meant."""
    return _words("ordinary_words.txt")


@lru_cache(maxsize=1)
def given_names() -> FrozenSet[str]:
    """Returns common given names, in small letters and without accents."""
    return _words("first_names.txt")


@lru_cache(maxsize=1)
def town_lines() -> List[str]:
    """Returns the list of towns; how its lines read is said at its top."""
    return _lines("towns.txt")


def _words(name: str) -> FrozenSet[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


def _lines(name: str) -> List[str]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
