"""Phone numbers of Canada and the United States in what a visitor types."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Iterator, List, NamedTuple, Optional

import phonenumbers

COUNTRIES = frozenset({"CA", "US", "PR", "GU", "VI", "AS", "MP"})
NOT_REACHABLE = frozenset({"555", "900"})
"""Area codes that are never given out, or that cost the caller money."""
CLOSE = 40
"""Characters before a number that tell what it is."""

_GAP = r"[ .\-/()_,*~·]{0,3}"
_NUMBER = re.compile(
    rf"(?<!\d)(?:\+? ?1[ .\-/()_*~·]{{0,3}})?\(?(?P<area>\d{{3}}){_GAP}(?P<exchange>\d{{3}}){_GAP}(?P<line>\d{{4}})(?!\d)"
    r"(?: {0,2},? ?(?:ext(?:ension)?|x|poste|#)[ .:]{0,2}(?P<extension>\d{1,6})(?!\d))?",
    re.IGNORECASE,
)
_LETTER_O = re.compile(r"(?<=\d)o(?=[\d -])|(?<=[\d -])o(?=\d)", re.IGNORECASE)
_ABROAD = re.compile(rf"\+ ?(?=[2-9])\d(?:{_GAP}\d){{6,14}}(?!\d)")
_DIGITS = re.compile(r"(?<![\d$#])(?<!\d,)\d(?:[ .\-/()_*~·]{0,3}\d){2,}")
_DATE = re.compile(
    r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d|(?:19|20)\d\d *- *(?:19|20)\d\d"
)
_LEAD = re.compile(
    r"\b(?:call|text|txt|sms|phone|ring|reach|contact|tel|telephone|mobile|cell|cellphone|number|num|whatsapp|msg|message"
    r"|fone"
    r"|ph)(?:[ :.#']{0,3}(?:me|us|is|its|it's|at|on|my|s|no|number|here|him|her|this|the)\b){0,4}[ :.#=-]{0,3}\(?$",
    re.IGNORECASE,
)
_AREA_CODE = re.compile(r"\barea code(?: is| was| should be|:| it's| its| ?=)? ?\(?(?P<area>[2-9]\d\d)(?!\d)", re.IGNORECASE)


class FoundPhone(NamedTuple):
    """A number, or what was meant as one, and where it stands."""

    start: int
    end: int
    number: Optional[str]
    """E.164, e.g. +17805550143; None when it cannot be used."""
    problem: Optional[str] = None
    """area_code_missing, too_short, too_long, not_canadian_or_us or not_a_number."""
    extension: Optional[str] = None


class PhonePart(NamedTuple):
    """A part of a phone number that is to be put right."""

    place: str
    """area or ending."""
    digits: str
    wrong: str = ""
    """What stood there before, when the visitor said so."""


def find_phones(text: str, asked: bool) -> List[FoundPhone]:
    """Returns the phone numbers in a folded text, in order; times, prices, years and short service numbers are none.

    Args:
        text: see `bot.handoff.typed_text.fold`.
        asked: the visitor was just asked for a number, so that a stump of one counts as a try.
    """
    text = _LETTER_O.sub("0", text)
    found: List[FoundPhone] = []
    for finder in (_abroad, _whole, _tries):
        for phone in finder(text, asked):
            if not any(phone.start < other.end and other.start < phone.end for other in found):
                found.append(phone)
    return sorted(found)


def _abroad(text: str, asked: bool) -> Iterator[FoundPhone]:
    for match in _ABROAD.finditer(text):
        try:
            number = phonenumbers.parse(match.group())
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            yield FoundPhone(match.start(), match.end(), None, "not_canadian_or_us")


def _whole(text: str, asked: bool) -> Iterator[FoundPhone]:
    for match in _NUMBER.finditer(text):
        if _goes_on(text, match.start(), match.end()):
            continue
        digits = "".join(match.group("area", "exchange", "line"))
        problem = _problem(digits)
        number = None if problem else f"+1{digits}"
        if problem and match.group() == digits and not (asked or _is_led(text, match.start())):
            continue
        yield FoundPhone(match.start(), match.end(), number, problem, match.group("extension"))


def _goes_on(text: str, start: int, end: int) -> bool:
    """Is this the middle of a longer number: 12-780-555-0143?"""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return bool(re.fullmatch(r"\d[-./_]", before) or re.fullmatch(r"[-./_]\d", after) or before[-1:] == "$")


def _problem(digits: str) -> Optional[str]:
    """Returns what is wrong with ten digits as a number of the North American plan."""
    area = digits[:3]
    well_formed = re.fullmatch(r"[2-9](?!11|9)\d\d[2-9](?!11)\d{6}", digits)
    if not well_formed or len(set(digits)) == 1 or area in NOT_REACHABLE:
        return "not_a_number"
    if not phonenumbers.is_possible_number(phonenumbers.parse(digits, "CA")):
        return "not_a_number"
    return None if _region(area) in COUNTRIES | {None} else "not_canadian_or_us"


@lru_cache(maxsize=1000)
def _region(area: str) -> Optional[str]:
    """Returns the country of an area code, or None for one that is too new to be known."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{area}2342345"))


def _tries(text: str, asked: bool) -> Iterator[FoundPhone]:
    """Finds what was meant as a number: one without area code, too short, too long or grouped in an unusual way."""
    area = _AREA_CODE.search(text)
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        is_alone = not re.search(r"\w", text[: match.start()] + text[match.end() :])
        led = (
            _is_led(text, match.start())
            or (is_alone and len(digits) in (7, 10, 11))
            or (area is not None and len(digits) == 7)
        )
        if _DATE.fullmatch(match.group()) or len(digits) < (3 if asked and is_alone else 5) or not (asked or led):
            continue
        if re.fullmatch(r"[2-9]11|988", digits):
            continue
        if area and len(digits) == 7:
            digits = area.group("area") + digits
        yield _judged(match, digits)


def _judged(match: re.Match[str], digits: str) -> FoundPhone:
    start, end = match.span()
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) == 10:
        problem = _problem(digits)
        return FoundPhone(start, end, None if problem else f"+1{digits}", problem)
    missing_area = bool(re.fullmatch(r"[2-9]\d\d\D{0,3}\d{4}", match.group()))
    return FoundPhone(
        start, end, None, "area_code_missing" if missing_area else "too_short" if len(digits) < 10 else "too_long"
    )


def _is_led(text: str, start: int) -> bool:
    return bool(_LEAD.search(text[max(0, start - CLOSE) : start]))


def mend(number: str, part: PhonePart) -> Optional[str]:
    """Returns a phone number with a part of it put right.

    Args:
        number: E.164, as it was.
        part: what the visitor said.

    Returns:
        The number in E.164, or None when the part does not fit it.
    """
    digits = number[2:]
    if part.place == "area":
        before, mended = digits[:3], part.digits + digits[3:]
    else:
        before, mended = digits[-len(part.digits) :], digits[: -len(part.digits)] + part.digits
    if not number.startswith("+1") or (part.wrong and part.wrong != before) or _problem(mended):
        return None
    return f"+1{mended}"
