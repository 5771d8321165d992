"""How well a sentence fits each label: a regression over its features, and how near its nearest example is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable, List, NamedTuple

import numpy as np
import scipy.sparse

from bot.nlu.arrays import Array
from bot.nlu.features import NgramFeatures
from bot.nlu.regression import Regression

ExtraFeatures = Callable[[List[str]], scipy.sparse.csr_matrix]


class Scores(NamedTuple):
    """What is known of n sentences and k labels."""

    labels: List[str]
    evidence: Array
    """Shape (n, k): log-odds of each label, raised by the cosine to its nearest example."""
    closeness: Array
    """Shape (n, k): how much of the evidence comes from that cosine."""
    similarity: Array
    """Shape (n,): cosine to the nearest example of any label, at most 1."""
    nearest: List[str]
    """The text of that example."""


class Scorer:
    """A regression and the training examples that it learned from.

    The regression alone is sure of itself far from anything it has seen; the nearest example alone is easily misled by one
    odd sentence. Their sum rejected and ranked better than either (docs/decisions/understanding.md).
    """

    def __init__(
        self,
        ngrams: NgramFeatures,
        regression: Regression,
        vectors: Array,
        texts: List[str],
        labels: List[str],
        pull: float,
        extra: ExtraFeatures | None = None,
    ) -> None:
        """Joins the trained parts; `fit` and `load` call this.

        Args:
            ngrams: the vocabulary.
            regression: one probability a label.
            vectors: shape (examples, 384), rows of length 1.
            texts: the examples.
            labels: the label of each example.
            pull: how much a cosine of 1 adds to a label's log-odds.
            extra: further columns, computed from the text.
        """
        self._ngrams = ngrams
        self._regression = regression
        self._pull = pull
        self._extra = extra
        order = sorted(range(len(labels)), key=lambda index: labels[index])
        self._vectors = vectors[order].astype(np.float32)
        self._texts = [texts[index] for index in order]
        self._labels = [labels[index] for index in order]
        self._starts = [self._labels.index(label) for label in regression.labels]

    @classmethod
    def fit(
        cls,
        vectors: Array,
        texts: List[str],
        labels: List[str],
        strength: float,
        pull: float,
        extra: ExtraFeatures | None = None,
    ) -> Scorer:
        """Learns from examples; the arguments are those of `__init__` and `Regression.fit`."""
        ngrams = NgramFeatures().fit(texts)
        features = _join(ngrams, vectors, texts, extra)
        return cls(ngrams, Regression.fit(features, labels, strength), vectors, texts, labels, pull, extra)

    def score(self, vectors: Array, texts: List[str]) -> Scores:
        """Scores sentences, all at once.

        Args:
            vectors: shape (n, 384), rows of length 1.
            texts: the n sentences.
        """
        cosines = np.minimum(vectors @ self._vectors.T, 1.0)
        nearest_by_label = np.maximum.reduceat(cosines, self._starts, axis=1)
        probabilities = self._regression.probabilities(_join(self._ngrams, vectors, texts, self._extra))
        closeness = self._pull * nearest_by_label
        nearest = [self._texts[index] for index in cosines.argmax(axis=1)]
        evidence = log_odds(probabilities) + closeness
        return Scores(self._regression.labels, evidence, closeness, cosines.max(axis=1), nearest)

    def save(self, folder: Path) -> None:
        """Writes everything as arrays and JSON."""
        self._ngrams.save(folder)
        self._regression.save(folder)
        np.save(folder / "vectors.npy", self._vectors.astype(np.float16))
        stored = {"texts": self._texts, "labels": self._labels, "pull": self._pull}
        (folder / "examples.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, extra: ExtraFeatures | None = None) -> Scorer:
        """Reads what `save` wrote."""
        stored = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
        vectors = np.load(folder / "vectors.npy", allow_pickle=False)
        return cls(
            NgramFeatures.load(folder),
            Regression.load(folder),
            vectors,
            stored["texts"],
            stored["labels"],
            stored["pull"],
            extra,
        )


def log_odds(probabilities: Array) -> Array:
    """Returns log(p / (1 - p)) of probabilities clipped to [1e-5, 1 - 1e-5]."""
    clipped = np.clip(probabilities, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _join(
    ngrams: NgramFeatures, vectors: Array, texts: List[str], extra: ExtraFeatures | None
) -> scipy.sparse.csr_matrix:
    joined = ngrams.join(vectors, texts)
    if extra is None:
        return joined
    return scipy.sparse.hstack([joined, extra(texts)], format="csr", dtype=np.float32)
