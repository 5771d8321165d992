"""Names that are told by their place: beside a number, at the end of a message, before "here", in a correction."""

from __future__ import annotations

import re
from typing import Iterator, Optional, Tuple

from bot.handoff.name_words import NEVER, WORD, Typed, is_known, is_ordinary, is_throwaway, looks_ordinary, written
from bot.handoff.spelling import distance
from bot.handoff.typed_text import EMAIL, PHONE, plain

_CONTACT = f"[{PHONE}{EMAIL}]"
_BEFORE_CONTACT = r"(?:at|on|cell|phone|tel|number|my|is|ph|mobile|text|call|me|email|contact|and)\b"
_TWO = rf"(?P<name>{WORD}(?: (?!{_BEFORE_CONTACT}){WORD})?)"
_BEGIN = r"(?:^|[.!?,;:\n(]|\b(?:hi|hello|hey|yes|yeah|sure|ok|okay|thanks|from)\b[,!]?) ?"

_BESIDE_CONTACT = re.compile(
    rf"{_BEGIN}{_TWO} ?[,:;(-]{{0,2}} ?(?:{_BEFORE_CONTACT}[ :.,]*){{0,4}}{_CONTACT}",
    re.IGNORECASE,
)
_CLAUSE = re.compile(rf"{_BEGIN}{_TWO} ?(?=$|[.!,;:\n/(-]|from\b)", re.IGNORECASE)
_AFTER_CONTACT = re.compile(rf"{_CONTACT}[ ,.(-]{{1,3}}{_TWO}[ .!)]*$")
_HERE = re.compile(rf"{_BEGIN}(?:it's |its )?{_TWO} (?:here|speaking|is my name)\b(?!')", re.IGNORECASE)
_SIGNED = re.compile(
    rf"(?:\b(?:thanks|thank you|thx|cheers|regards|sincerely|ty|merci|salamat)(?: so much| a lot| again| in advance)?"
    rf"|\n)[ ,.!\n-]{{1,4}}{_TWO}[ .!]*$",
    re.IGNORECASE,
)
_DENIED = re.compile(rf"^(?:no|nope|sorry|actually|oops)[, ]+(?:it's |its |it is )?{_TWO}[ .!]*$", re.IGNORECASE)
_RESPELLED = re.compile(rf"\b(?:spel(?:led|t|ling)|typo)\b[^\n.,]{{0,14}}, {_TWO}", re.IGNORECASE)
_BY_LETTERS = re.compile(r"(?<![\w-])(?P<name>[A-Za-z](?:-[A-Za-z]){2,14})(?![\w-])")
_SWAPPED = (
    re.compile(rf"(?<!\w)(?P<name>{WORD}),? not (?P<wrong>{WORD})(?![\w'])", re.IGNORECASE),
    re.compile(rf"\bnot (?P<wrong>{WORD}),? (?:but |it's |its )?(?P<name>{WORD})(?![\w'])", re.IGNORECASE),
)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:wife|husband|partner|mom|mum|mother|dad|father|sister|brother|daughter|son|kid|friend|emergency contact|doctor"
    r"|dr\.?|boss|aunt|uncle"
    r"|cousin|nurse|provider|physio)\b[^.!?\n]{0,20}$|\b(?:with|see|saw|for|about) $",
    re.IGNORECASE,
)


def in_place(typed: Typed) -> Optional[str]:
    """Returns the name that stands where people put theirs, or None."""
    for reader in (_corrected, _beside_contact, _signed, _by_itself):
        name = reader(typed)
        if name:
            return name
    return None


def is_of_somebody_else(text: str, start: int) -> bool:
    """Is a name at a place of a text that of a relative, a doctor or the like?"""
    return bool(_SOMEBODY_ELSE.search(text[max(0, start - 40) : start]))


def _beside_contact(typed: Typed) -> Optional[str]:
    if not typed.gives_contact():
        return None
    for pattern in (_BESIDE_CONTACT, _AFTER_CONTACT):
        for match in pattern.finditer(typed.text):
            parts = match.group("name").split()
            is_clear = pattern is _BESIDE_CONTACT or typed.is_capital(parts[0]) or typed.is_person(parts[0])
            if is_clear and all(_fits(part) for part in parts) and not is_of_somebody_else(typed.text, match.start("name")):
                return written(parts)
    return None


def _by_itself(typed: Typed) -> Optional[str]:
    """Reads "Maricel, you can call me on …" and "Jake from Sexsmith, …" in a message that gives a number or an address."""
    if not typed.gives_contact():
        return None
    for match in _CLAUSE.finditer(typed.text):
        parts = match.group("name").split()
        if (
            typed.is_person(parts[0])
            and all(_fits(part) for part in parts)
            and not is_of_somebody_else(typed.text, match.start("name"))
        ):
            return written(parts)
    return None


def _fits(word: str) -> bool:
    return (
        plain(word) not in NEVER
        and not is_throwaway(word)
        and (is_known(word) or not (is_ordinary(word) or looks_ordinary(word)))
    )


def _signed(typed: Typed) -> Optional[str]:
    for pattern in (_HERE, _SIGNED, _DENIED, _RESPELLED):
        for match in pattern.finditer(typed.text):
            parts = match.group("name").split()
            is_open = pattern is _SIGNED or (pattern is _HERE and (typed.asked or typed.gives_contact()))
            is_clear = typed.is_person(parts[0]) or (is_open and typed.is_capital(parts[0]))
            is_own = pattern is _RESPELLED or not is_of_somebody_else(typed.text, match.start("name"))
            if is_clear and is_own and all(_fits(part) for part in parts):
                return written(parts)
    return None


def _corrected(typed: Typed) -> Optional[str]:
    """Reads "Harpreet not Harpeet" and "M-A-E-V-E"."""
    letters = _BY_LETTERS.search(typed.text)
    if letters:
        return written([letters.group("name").replace("-", "").title()])
    for name, wrong in _swaps(typed.text):
        is_close = 0 < distance(plain(name), plain(wrong)) <= 2 and min(len(name), len(wrong)) >= 3
        if is_close and _fits(name) and not is_ordinary(wrong) and (is_known(name) or is_known(wrong) or typed.asked):
            return written([name])
    return None


def _swaps(text: str) -> Iterator[Tuple[str, str]]:
    for pattern in _SWAPPED:
        for match in pattern.finditer(text):
            yield match.group("name"), match.group("wrong")
