"""Digits that a visitor writes in words: "seven eight zero, five five five…"."""

from __future__ import annotations

import re

_VALUES = {
    **{"zero": "0", "nought": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"},
    **{"six": "6", "seven": "7", "eight": "8", "nine": "9"},
}
_TIMES = {"double": 2, "triple": 3}
_WORD = re.compile(r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine)\b", re.IGNORECASE)
_DIGIT = rf"(?:(?:(?P<times>double|triple)\s+)?(?:(?P<word>{'|'.join(_VALUES)})\b|(?P<digit>\d)))"
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _DIGIT)
_RUN = re.compile(rf"(?<![\w'])(?:{_UNNAMED}[\s,.\-–]*){{6,}}{_UNNAMED}(?![\w'])", re.IGNORECASE)
_ONE = re.compile(_DIGIT, re.IGNORECASE)


def with_digits(text: str) -> str:
    """Returns a text in which runs of seven digits or more, some of them in words, are written as digits."""
    return _RUN.sub(lambda run: _written(run.group()), text) if _WORD.search(text) else text


def _written(run: str) -> str:
    if not _WORD.search(run):
        return run
    return "".join(
        _VALUES.get((found["word"] or "").lower(), found["digit"] or "") * _TIMES.get((found["times"] or "").lower(), 1)
        for found in _ONE.finditer(run)
    )
