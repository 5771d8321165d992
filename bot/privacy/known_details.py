"""Takes details that are known out of a text, however they are spelt in it."""

from __future__ import annotations

import re
import sre_compile
import unicodedata
from functools import lru_cache
from typing import Iterable, List, Optional, Pattern, Set

import phonenumbers
from spacy.lang.en.stop_words import STOP_WORDS

from bot.privacy.encryption import COUNTRY

NAME = "[name]"
PHONE = "[phone]"
EMAIL = "[email]"
PLACEHOLDERS = frozenset({NAME, PHONE, EMAIL})
SHORTEST_NUMBER = 7
"""Digits of a phone number without its area code."""
_DIGITS = (
    "(?:0|zero|oh|o)",
    "(?:1|one)",
    "(?:2|two)",
    "(?:3|three)",
    "(?:4|four)",
    "(?:5|five)",
    "(?:6|six)",
    "(?:7|seven)",
    "(?:8|eight)",
    "(?:9|nine)",
)
_GAP = r"[\W_]{0,5}"
_DOT = r"\s*(?:\.|\(dot\)|\[dot\]|\bdot\b)\s*"
_AT = r"\s*(?:@|\(at\)|\[at\]|\bat\b)\s*"


class KnownDetails:
    """Names, phone numbers and email addresses that belong to one person."""

    def __init__(self, values: Iterable[str]) -> None:
        """Takes the details as they were written; what each is, is seen from its form."""
        given = {value.strip() for value in values} - PLACEHOLDERS - {""}
        patterns: List[str] = []
        for kind, of_kind in (("email", _email_patterns), ("phone", _phone_patterns), ("name", _name_patterns)):
            found = {pattern for value in given if placeholder_of(value) == f"[{kind}]" for pattern in of_kind(value)}
            if found:
                patterns.append(f"(?P<{kind}>{'|'.join(sorted(found, key=len, reverse=True))})")
        self._values = frozenset(given)
        # re.compile would remember the pattern, and with it the details.
        self._pattern: Optional[Pattern[str]] = sre_compile.compile("|".join(patterns)) if patterns else None

    def __bool__(self) -> bool:
        """Is there anything to take out?"""
        return self._pattern is not None

    def and_these(self, values: Iterable[str]) -> KnownDetails:
        """Returns these details and some more."""
        more = {value.strip() for value in values} - self._values
        return KnownDetails(self._values | more) if more else self

    def take_out(self, text: str) -> str:
        """Returns a text with a placeholder for each detail: in any case, with or without accents, in any grouping."""
        if self._pattern is None:
            return text
        composed = unicodedata.normalize("NFC", text)
        pieces, end = [], 0
        for found in self._pattern.finditer(folded(composed)):
            pieces += [composed[end : found.start()], f"[{found.lastgroup}]"]
            end = found.end()
        return "".join([*pieces, composed[end:]]) if end else text


def placeholder_of(value: str) -> str:
    """Returns what stands for a detail: [email], [phone] or [name]; a placeholder stands for itself."""
    if value in PLACEHOLDERS:
        return value
    if "@" in folded(value):
        return EMAIL
    digits = sum(character.isdecimal() for character in value)
    letters = sum(character.isalpha() for character in value)
    return PHONE if digits >= SHORTEST_NUMBER and digits > letters else NAME


def folded(text: str) -> str:
    """Returns a text of the same length in small letters without accents, its digits those of ASCII."""
    return "".join(_folded(character) for character in text)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return unicodedata.normalize("NFKD", character)[0].lower()[0]


def _email_patterns(value: str) -> Set[str]:
    value = folded(unicodedata.normalize("NFC", value))
    local, _, domain = value.rpartition("@")
    if not local or not domain:
        return {re.escape(value)}
    sides = [_DOT.join(re.escape(part) for part in side.split(".")) for side in (local, domain)]
    return {_AT.join(sides)}


def _phone_patterns(value: str) -> Set[str]:
    written = "".join(character for character in folded(value) if character.isdecimal())
    numbers = {written, _national(value) or written}
    numbers |= {number[-SHORTEST_NUMBER:] for number in numbers if len(number) == 10}
    return {rf"(?:\+?1{_GAP})?" + _GAP.join(_DIGITS[int(digit)] for digit in number) for number in numbers}


def _national(value: str) -> Optional[str]:
    try:
        return str(phonenumbers.parse(value, COUNTRY).national_number)
    except phonenumbers.NumberParseException:
        return None


def _name_patterns(value: str) -> Set[str]:
    value = unicodedata.normalize("NFC", value)
    parts = [part for part in re.split(r"[\W_]+", value) if len(part) > 1]
    # A part such as "the" of something that was taken for a name would be taken out everywhere.
    alone = {part for part in parts if part[0].isupper() or folded(part) not in STOP_WORDS}
    return {_words(name) for name in map(folded, {value, *alone}) if name.strip()}


def _words(name: str) -> str:
    inside = r"\s+".join(re.escape(word) for word in name.split())
    before = r"(?<!\w)" if re.match(r"\w", name) else ""
    after = r"(?!\w)" if re.search(r"\w$", name) else ""
    return f"{before}{inside}{after}"
