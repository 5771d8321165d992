"""Reads the development samples: messages with the intents they should have. They are never training data."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from bot.errors import AssistantError
from bot.settings import settings

URGENT_PREFIX = "urgent_"
REQUIRED = {
    "questions_dev.tsv": ("text", "primary", "accept", "unsafe", "provenance"),
    "urgent_dev.tsv": ("text", "label", "slice"),
    "amber_dev.tsv": ("text",),
}
LABELS = ("urgent", "not_urgent")


class SamplesError(AssistantError):
    """The samples are missing or damaged; the message says where they were looked for."""


class QuestionSample(NamedTuple):
    """A message and how it may be read."""

    text: str
    primary: Tuple[Tuple[str, ...], ...]
    """Alternatives; each is the intents of all questions of the message, in order."""
    accept: FrozenSet[str]
    """Every intent whose answer is acceptable; those of `primary` are among them."""
    unsafe: bool
    """A reader would be glad of the emergency script, or at least not wronged by it."""
    provenance: str

    @property
    def is_ordinary(self) -> bool:
        """Should the safety check leave this message alone?"""
        return not self.unsafe and not any(intent.startswith(URGENT_PREFIX) for intent in self.accept)


class UrgentSample(NamedTuple):
    """A message and whether it is an emergency."""

    text: str
    urgent: bool
    slice: str


class Samples(NamedTuple):
    """All development samples."""

    questions: List[QuestionSample]
    urgent: List[UrgentSample]
    amber: List[str]

    def texts(self) -> List[str]:
        """Returns every message once, in order."""
        every = [sample.text for sample in self.questions] + [sample.text for sample in self.urgent] + self.amber
        return list(dict.fromkeys(every))


def read_samples(folder: Optional[Path] = None) -> Samples:
    """Reads the three files of a folder.

    Args:
        folder: where they lie; SAMPLES_FOLDER by default.

    Raises:
        SamplesError: a file is missing, has no row, lacks a column, or holds an unknown label.
    """
    where = folder or settings().samples_folder
    return Samples(
        questions=[_question(row) for row in _rows(where, "questions_dev.tsv")],
        urgent=[_urgent(row) for row in _rows(where, "urgent_dev.tsv")],
        amber=[row["text"] for row in _rows(where, "amber_dev.tsv")],
    )


def parse_primary(written: str) -> Tuple[Tuple[str, ...], ...]:
    """Returns the alternatives of `a|b+c`: (("a",), ("b", "c"))."""
    return tuple(tuple(alternative.split("+")) for alternative in written.split("|"))


def _rows(folder: Path, name: str) -> List[Dict[str, str]]:
    path = folder / name
    try:
        with path.open(encoding="utf-8", newline="") as file:
            # Quotation marks are part of a message: visitors quote, the files do not.
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise SamplesError(
            f"{path}: the development samples cannot be read ({error.strerror}). "
            "Name the folder that holds them in SAMPLES_FOLDER."
        ) from error
    if not rows:
        raise SamplesError(f"{path}: has no row")
    for number, row in enumerate(rows, start=2):
        missing = [column for column in REQUIRED[name] if row.get(column) is None]
        if missing:
            raise SamplesError(f"{path}: line {number} lacks the column {missing[0]}")
    return rows


def _question(row: Dict[str, str]) -> QuestionSample:
    primary = parse_primary(row["primary"])
    accept = {intent.strip() for intent in row["accept"].split(",") if intent.strip()}
    accept.update(intent for alternative in primary for intent in alternative)
    return QuestionSample(row["text"], primary, frozenset(accept), row["unsafe"].strip() == "yes", row["provenance"])


def _urgent(row: Dict[str, str]) -> UrgentSample:
    if row["label"] not in LABELS:
        raise SamplesError(f"urgent_dev.tsv: the label {row['label']!r} is neither of {', '.join(LABELS)}")
    return UrgentSample(row["text"], row["label"] == "urgent", row["slice"])
