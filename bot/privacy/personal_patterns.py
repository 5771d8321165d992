"""What is personal and can be told by its form or by the words before it; the order counts."""

from __future__ import annotations

import re
from typing import List, Pattern, Tuple

TREATMENTS = "botox|dysport|xeomin|juvederm|emsculpt|accutane|tmj|hifu|health link|dry needl|microneedl|needl"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DIGIT_WORD = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_AT = r"(?:\s*[(\[]\s*at\s*[)\]]\s*|\s+at\s+)"
_DOT = r"(?:\s*[(\[]\s*dot\s*[)\]]\s*|\s+dot\s+|\.)"
_ENDING = r"(?:com|ca|org|net|edu|gov|info|biz|io|co|us|uk|fr|de|app|dev)"
_STREET = r"(?:street|st|avenue|ave|road|rd|drive|crescent|cres|lane|boulevard|blvd|court|trail)"
_NETWORK = r"(?:insta(?:gram)?|snap(?:chat)?|whatsapp|telegram|facebook|fb|tiktok|twitter)"
_UPPER = "[A-ZÀ-ÖØ-Þ]"
_NOT_NAME = rf"(?!(?i:{TREATMENTS}|mon|tues|wednes|thurs|fri|satur|sun|any(?:one|body)|no(?:body| one)|some(?:one|body)))"
_WORD = rf"{_NOT_NAME}{_UPPER}[\w'’-]*[a-zß-ÿ][\w'’-]*"
_CAPITALISED = rf"{_WORD}(?: {_WORD})?"
"""One or two words with a capital; what is all in capitals is shouted, and may be anything."""
_SURNAME = (
    r"(?: (?!(?:and|but|or|i|im|is|it|what|how|where|when|who|why|can|do|does|from|my|will|would|could|please)\b)"
    r"[a-z][\w'’-]+)?"
)
_FAMILY = (
    "husband|wife|partner|boyfriend|girlfriend|fiancée?|son|daughter|mom|mum|mother|dad|father|sister|brother|aunt|uncle|cousin"
    "|friend|neighbou?r|boss|physio|physiotherapist|therapist|provider|doctor|nurse|injector|esthetician"
)

FORMS: Tuple[Tuple[Pattern[str], str], ...] = (
    (re.compile(r"(?<!\S)(?:[^\s@＠]+[@＠]\S*|[@＠]\S+)"), "[email]"),
    (re.compile(r"(?<![\w.+-])[\w.+-]+\s@\s[\w-]+(?:\s?\.\s?[\w-]+)+"), "[email]"),
    (re.compile(rf"(?<![\w.+-])[\w.+-]+{_AT}[\w-]+(?:{_DOT}[\w-]+)*?{_DOT}{_ENDING}\b", re.IGNORECASE), "[email]"),
    (re.compile(rf"(?<![\w.+-])[\w.+-]+{_AT}(?:gmail|hotmail|icloud|yahoo|protonmail)\b", re.IGNORECASE), "[email]"),
    (re.compile(rf"(?:https?://|www\.)\S+|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.{_ENDING}\b(?:/\S*)?", re.IGNORECASE), "[link]"),
    (
        re.compile(rf"\b((?:my {_NETWORK}(?: \w+)? is\s+(?=\S*(?:[\d_]|\.\w))|{_NETWORK}:\s+))\S+", re.IGNORECASE),
        r"\1[handle]",
    ),
    (re.compile(rf"#?\b\d{{1,6}}[\w-]*,?(?: [A-Z0-9][\w.'’-]*){{1,3}},? (?i:{_STREET})\b\.?(?: [NS][EW]?\b)?"), "[address]"),
    (re.compile(r"\b\d{2,6}(?: \w+){1,2} (?:street|avenue|crescent|boulevard)\b", re.IGNORECASE), "[address]"),
    (re.compile(r"\bp\.? ?o\.? ?box #?\d+", re.IGNORECASE), "[address]"),
    (re.compile(r"\b[A-Z]\d[A-Z][ -]{0,2}\d[A-Z]\d\b", re.IGNORECASE), "[postal code]"),
    (re.compile(r"\b(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})\b"), "[date]"),
    (re.compile(rf"\b(?:{_DAY} (?:of )?)?{_MONTH}(?: {_DAY})?,? \d{{4}}\b", re.IGNORECASE), "[date]"),
    (re.compile(rf"\b(?:{_DAY} (?:of )?{_MONTH}|{_MONTH} {_DAY})(?!\w)", re.IGNORECASE), "[date]"),
    (re.compile(r"[+(]*\d(?:[\W_]{0,5}[\doO]){6,}"), "[number]"),
    (re.compile(rf"\b(?:\d|{_DIGIT_WORD})(?:[\W_]{{0,5}}(?:\d|{_DIGIT_WORD})){{6,}}\b", re.IGNORECASE), "[number]"),
    (re.compile(r"\d{5,}"), "[number]"),
)
"""Addresses, numbers and dates, and what stands for each."""


def _introduced(before: str, name: str, after: str = "") -> Pattern[str]:
    return re.compile(rf"(?P<before>{before})(?P<name>{name}){after}")


NAMES: List[Pattern[str]] = [
    _introduced(
        r"(?i:\b(?:my (?:full |last |first )?name(?:['’]s| is)|i(?:['’]| a)m called|name:)\s+)",
        rf"(?i:[a-z][\w'’-]*{_SURNAME})",
    ),
    _introduced(
        r"(?i:\b(?:je m['’]appelle|me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist)\s+)",
        rf"\w[\w'’-]*(?: {_UPPER}[\w'’-]+)?",
    ),
    _introduced(r"(?i:\b(?:this is|call me|im|i['’]m|i am|name|name(?:['’]s| is))\s+)", _CAPITALISED),
    _introduced(r"(?i:\bthis is\s+)", r"\w[\w'’-]*", r"(?= (?:calling|speaking)\b)"),
    _introduced(rf"(?i:\bmy (?:{_FAMILY})\s+)", _CAPITALISED),
    _introduced(r"(?i:\b(?:dr|mrs?|ms|mx|miss)\.?\s+)", _CAPITALISED),
    _introduced(r"(?i:\bit['’]s\s+)", _CAPITALISED, r"(?= ?[,.!]|$| again\b| here\b)"),
    _introduced(r"^(?:(?i:hi|hello|hey)[,!.]? +)?", _CAPITALISED, r"(?= here\b)"),
    _introduced(
        r"(?i:\b(?:thanks|thank you|thx|regards|cheers|sincerely|best wishes)[,.!]? ?[-–—]? ?)",
        _CAPITALISED,
        r"(?=[.!]?\s*$)",
    ),
]
"""What comes before (and after) a name."""
