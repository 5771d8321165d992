"""How well a sentence fits each label: a regression over its features, and how near its nearest example is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Callable, List, NamedTuple

import numpy as np

from bot.nlu.arrays import Array
from bot.nlu.features import Columns, NgramFeatures
from bot.nlu.nearest import Groups, Sketch
from bot.nlu.red_flags import Flags, flags_in
from bot.nlu.regression import Regression
from bot.nlu.text import tidy


@dataclass
class Comparison:
    """n sentences beside m examples."""

    columns: List[Columns]
    """Sentence vector and n-grams, each with n rows."""
    texts: List[str]
    """Tidied, in lower case."""
    likeness: Array
    """Shape (n, m): of the sentences to the examples, good for ranking; see `bot.nlu.nearest`."""
    sketch: Sketch
    """Of the examples."""
    known: List[bool]
    """Whether a sentence holds any word of the examples; what does not is gibberish or another language."""

    @cached_property
    def flags(self) -> List[Flags]:
        """The red flags of the sentences; looked for when they are needed, and once."""
        return [flags_in(text) for text in self.texts]


ExtraFeatures = Callable[[Comparison], Columns]


class Scores(NamedTuple):
    """What is known of n sentences and k labels."""

    labels: List[str]
    evidence: Array
    """Shape (n, k): log-odds of each label, raised by the cosine to its nearest example."""
    closeness: Array
    """Shape (n, k): how much of the evidence comes from that cosine."""
    nearest: Array
    """Shape (n, k): index of the label's nearest example."""
    cosines: Array
    """Shape (n, k), at most 1: to it."""


class Examples:
    """The training examples: their vectors, their texts and the vocabulary that they span."""

    def __init__(self, vectors: Array, texts: List[str], ngrams: NgramFeatures) -> None:
        """Takes vectors of shape (m, 384), rows of length 1, the m texts and a fitted vocabulary."""
        self._sketch = Sketch(vectors.astype(np.float32))
        self.texts = texts
        self._ngrams = ngrams

    @classmethod
    def learn(cls, vectors: Array, texts: List[str]) -> Examples:
        """Learns the vocabulary of the texts."""
        return cls(vectors, texts, NgramFeatures().fit(texts))

    def compare(self, vectors: Array, texts: List[str]) -> Comparison:
        """Puts n sentences, their texts tidied, beside the examples; done once for all that judge them."""
        lowered = [text.lower() for text in texts]
        columns = [vectors, self._ngrams.columns(lowered)]
        known = [self._ngrams.knows(text) for text in lowered]
        return Comparison(columns, lowered, self._sketch.likeness(vectors), self._sketch, known)

    def alone(self) -> Comparison:
        """Returns the examples themselves, to learn from: their features, and no likeness."""
        lowered = [tidy(text).lower() for text in self.texts]
        vectors, known = self._sketch.vectors, [True] * len(lowered)
        return Comparison([vectors, self._ngrams.columns(lowered)], lowered, vectors[:0], self._sketch, known)

    def save(self, folder: Path) -> None:
        """Writes everything as arrays and JSON."""
        self._ngrams.save(folder)
        np.save(folder / "vectors.npy", self._sketch.vectors.astype(np.float16))
        (folder / "texts.json").write_text(json.dumps(self.texts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Examples:
        """Reads what `save` wrote."""
        texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
        return cls(np.load(folder / "vectors.npy", allow_pickle=False), texts, NgramFeatures.load(folder))


class Scorer:
    """A regression and the labels of the examples that it learned from.

    The regression alone is sure of itself far from anything it has seen; the nearest example alone is easily misled by one
    odd sentence. Their sum rejected and ranked better than either (docs/decisions/understanding.md).
    """

    def __init__(
        self, regression: Regression, labels: List[str], pull: float, extra: ExtraFeatures | None = None
    ) -> None:
        """Joins the trained parts; `fit` and `load` call this.

        Args:
            regression: one probability a label.
            labels: the label of each example.
            pull: how much a cosine of 1 adds to a label's log-odds.
            extra: further columns, computed from the comparison.
        """
        self._regression = regression
        self._labels = labels
        self._pull = pull
        self._extra = extra
        self._groups = Groups(labels, regression.labels)

    @classmethod
    def fit(
        cls,
        examples: Comparison,
        labels: List[str],
        strength: float,
        pull: float,
        extra: ExtraFeatures | None = None,
    ) -> Scorer:
        """Learns from examples.

        Args:
            examples: of `Examples.alone`.
            labels: one an example.
            strength: of the regression, see `Regression.fit`.
            pull: see `__init__`.
            extra: see `__init__`.
        """
        regression = Regression.fit(_with_extra(examples, extra), labels, strength)
        return cls(regression, labels, pull, extra)

    def score(self, compared: Comparison) -> Scores:
        """Scores sentences that were compared with the examples of this scorer."""
        nearest = np.stack([self._groups.likeliest(likeness) for likeness in compared.likeness])
        vectors = compared.columns[0]
        cosines = np.stack([compared.sketch.cosines(vector, found) for vector, found in zip(vectors, nearest)])
        closeness = self._pull * cosines
        probabilities = self._regression.probabilities(_with_extra(compared, self._extra))
        return Scores(self._regression.labels, log_odds(probabilities) + closeness, closeness, nearest, cosines)

    def save(self, folder: Path) -> None:
        """Writes the regression and the labels into a folder, which is made."""
        folder.mkdir()
        self._regression.save(folder)
        stored = {"labels": self._labels, "pull": self._pull}
        (folder / "labels.json").write_text(json.dumps(stored), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, extra: ExtraFeatures | None = None) -> Scorer:
        """Reads what `save` wrote."""
        stored = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        return cls(Regression.load(folder), stored["labels"], stored["pull"], extra)


def log_odds(probabilities: Array) -> Array:
    """Returns log(p / (1 - p)) of probabilities clipped to [1e-5, 1 - 1e-5]."""
    clipped = np.clip(probabilities, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _with_extra(compared: Comparison, extra: ExtraFeatures | None) -> List[Columns]:
    return compared.columns if extra is None else [*compared.columns, extra(compared)]
