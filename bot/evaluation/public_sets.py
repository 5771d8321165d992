"""The encoder and the scorer on two public collections, when their files are at hand: BANKING77 and CLINC150.

They show that the method holds on subjects that nobody tuned it for. Neither is part of the project.
"""

from __future__ import annotations

import csv
import json
import random
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
from sklearn.metrics import roc_auc_score

from bot.errors import AssistantError
from bot.nlu.classifier import Classifier
from bot.nlu.encoder_model import Encoder, files_in
from bot.nlu.encoder_training import write_encoder
from bot.nlu.scorer import Examples, Scorer, Scores
from bot.nlu.text import tidy

SEED = 20240607
OUTSIDE = "oos"
BANKING_SHOTS, CLINC_SHOTS = 10, 20
Labelled = List[Tuple[str, str]]
"""Texts with their intents."""


class PublicSetError(AssistantError):
    """A file of a public collection is damaged."""


class PublicSet(NamedTuple):
    """A collection, ready to train and test on."""

    name: str
    shots: int
    """Training examples an intent."""
    train: Labelled
    test: Labelled
    outside: List[str]
    """Test messages that belong to no intent."""


class PublicResult(NamedTuple):
    """What came out."""

    name: str
    shots: int
    accuracy: float
    tested: int
    outside_auroc: Optional[float]
    """How well messages of no intent rank below the others, 0.5 to 1."""

    def __str__(self) -> str:
        outside = "" if self.outside_auroc is None else f"; rejecting what is out of scope: AUROC {self.outside_auroc:.3f}"
        return f"{self.name}, {self.shots} examples an intent: {100 * self.accuracy:.1f} % of {self.tested}{outside}"


def read_banking77(folder: Path, shots: int = BANKING_SHOTS) -> PublicSet:
    """Reads `train.csv` and `test.csv` with the columns text and category.

    Raises:
        PublicSetError: a file cannot be read or lacks a column.
    """

    def rows(name: str) -> Labelled:
        try:
            with (folder / name).open(encoding="utf-8", newline="") as file:
                return [(row["text"], row["category"]) for row in csv.DictReader(file)]
        except (OSError, KeyError) as error:
            raise PublicSetError(f"{folder / name}: expected a CSV file with the columns text and category") from error

    return PublicSet("BANKING77", shots, few_of_each(rows("train.csv"), shots), rows("test.csv"), [])


def read_clinc150(folder: Path, shots: int = CLINC_SHOTS) -> PublicSet:
    """Reads `data_full.json` with the lists train, test and oos_test of [text, intent].

    Raises:
        PublicSetError: the file cannot be read or lacks a list.
    """
    path = folder / "data_full.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        train = [(text, intent) for text, intent in content["train"]]
        test = [(text, intent) for text, intent in content["test"]]
        outside = [text for text, _ in content["oos_test"]]
    except (OSError, ValueError, KeyError) as error:
        raise PublicSetError(f"{path}: expected JSON with the lists train, test and oos_test of [text, intent]") from error
    return PublicSet("CLINC150", shots, few_of_each(train, shots), test, outside)


def few_of_each(labelled: Labelled, shots: int) -> Labelled:
    """Draws the same few examples of each intent every time; all of an intent that has fewer."""
    groups: Dict[str, List[str]] = {}
    for text, intent in labelled:
        groups.setdefault(intent, []).append(text)
    generator = random.Random(SEED)  # nosec B311 # draws the same sample every time
    return [
        (text, intent)
        for intent, texts in sorted(groups.items())
        for text in generator.sample(texts, min(shots, len(texts)))
    ]


def measure(collection: PublicSet) -> PublicResult:
    """Trains encoder and scorer, with the settings of the assistant's intents, and tests them."""
    config = Classifier.get_default_config()
    texts, intents = [text for text, _ in collection.train], [intent for _, intent in collection.train]
    encoder = _encoder(texts)
    examples = Examples.learn(encoder.encode(texts), texts)
    scorer = Scorer.fit(examples.alone(), intents, config["strength"], config["intent_pull"])

    def score(messages: List[str]) -> Scores:
        return scorer.score(examples.compare(encoder.encode(messages), [tidy(message) for message in messages]))

    inside = score([text for text, _ in collection.test])
    read = [inside.labels[index] for index in inside.evidence.argmax(axis=1)]
    right = np.mean([intent == expected for intent, (_, expected) in zip(read, collection.test)])
    auroc = None
    if collection.outside:
        ranked = np.concatenate([inside.evidence.max(axis=1), score(collection.outside).evidence.max(axis=1)])
        known = np.array([1] * len(collection.test) + [0] * len(collection.outside))
        auroc = float(roc_auc_score(known, ranked))
    return PublicResult(collection.name, collection.shots, float(right), len(collection.test), auroc)


def measure_public_sets(folder: Optional[Path]) -> List[PublicResult]:
    """Measures on the collections that lie in a folder; nothing when there is none.

    Args:
        folder: PUBLIC_SETS_FOLDER, with `banking77/` and `clinc150/`.

    Raises:
        PublicSetError: a collection is there but damaged.
    """
    readers = {"banking77": read_banking77, "clinc150": read_clinc150}
    found = [(name, read) for name, read in readers.items() if folder and (folder / name).is_dir()]
    if not found or folder is None:
        return []
    return [measure(read(folder / name)) for name, read in found]


def _encoder(texts: List[str]) -> Encoder:
    with tempfile.TemporaryDirectory(prefix="encoder-") as name:
        write_encoder(Path(name), texts)
        return Encoder(files_in(Path(name)))
