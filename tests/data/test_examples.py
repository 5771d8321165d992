"""The training examples: enough, varied, and none of the development sample among them."""

import collections
import csv
import re
from pathlib import Path

import pytest

from bot.knowledge.files import examples
from bot.settings import settings


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def sample_texts() -> set[str]:
    folder: Path = settings().samples_folder
    if not folder.is_dir():
        pytest.skip(f"the development samples are not at {folder}")
    found = set()
    for name in ("questions_dev.tsv", "urgent_dev.tsv", "amber_dev.tsv"):
        with (folder / name).open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            found.update(plain(row["text"]) for row in rows)
    return found - {""}


def test_no_sentence_of_the_development_sample_is_a_training_example() -> None:
    trained = {plain(text) for block in examples() for text in block.examples}
    assert trained & sample_texts() == set()


def test_no_example_is_written_twice() -> None:
    counts = collections.Counter(text.lower() for block in examples() for text in block.examples)
    assert [text for text, times in counts.items() if times > 1] == []


def test_examples_are_no_template() -> None:
    """A filled-in frame would give many lines of one intent the same first four words."""
    for block in examples():
        starts = collections.Counter(
            " ".join(plain(text).split()[:4]) for text in block.examples if len(text.split()) > 5
        )
        start, times = starts.most_common(1)[0] if starts else ("", 0)
        assert times <= max(12, len(block.examples) // 10), (block.intent, start, times)


def test_near_misses_of_emergencies_sit_in_ordinary_intents() -> None:
    scary = re.compile(
        r"\b(?:breath\w*|chest|stroke|faint\w*|bleed\w*|suicid\w*|die|dying|kill\w*|heart|lung)\b", re.IGNORECASE
    )
    ordinary = [
        text
        for block in examples()
        if not block.urgency and not block.intent.startswith("urgent")
        for text in block.examples
    ]
    assert sum(bool(scary.search(text)) for text in ordinary) > 500
