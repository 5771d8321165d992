"""What the classifiers look at: the sentence vector beside the words and letters that the visitor typed.

The vector knows what a sentence means, the n-grams know which words were used: "saggy", "Blue Cross", "can't breathe".
Measured together in docs/decisions/understanding.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Tuple, Union

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.arrays import Array
from bot.nlu.text import tidy

Columns = Union[Array, scipy.sparse.csr_matrix]
"""Features of n sentences, shape (n, columns), dense or sparse; a classifier takes several of them side by side."""

WEIGHT = 0.5
"""How much the n-grams count beside the vector, both being of length 1."""


def _vectorizers() -> Tuple[TfidfVectorizer, TfidfVectorizer]:
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True, dtype=np.float32)
    words = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"[a-z0-9']+|[?!]", dtype=np.float32
    )
    return letters, words


class NgramFeatures:
    """Letters (2 to 4) and words (1 to 2) of a text as sparse, weighted counts."""

    FILE = "ngrams.json"

    def __init__(self) -> None:
        """Starts without a vocabulary."""
        self._parts = _vectorizers()

    def fit(self, texts: List[str]) -> NgramFeatures:
        """Learns the vocabulary from tidied training texts."""
        for part in self._parts:
            part.fit([tidy(text).lower() for text in texts])
        return self

    def columns(self, texts: List[str]) -> List[Columns]:
        """Returns letters and words, each of shape (number of texts, its vocabulary)."""
        lowered = [tidy(text).lower() for text in texts]
        return [part.transform(lowered) * WEIGHT for part in self._parts]

    def knows(self, text: str) -> bool:
        """Does a text hold at least one word, of two letters or more, that the examples hold?"""
        words = self._parts[1]
        return any(len(word) > 1 and word in words.vocabulary_ for word in words.build_tokenizer()(tidy(text).lower()))

    def save(self, folder: Path) -> None:
        """Writes vocabulary and weights as plain JSON (a model holds no pickles)."""
        stored = [
            {"terms": sorted(part.vocabulary_, key=part.vocabulary_.get), "idf": part.idf_.tolist()}
            for part in self._parts
        ]
        (folder / self.FILE).write_text(json.dumps(stored), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> NgramFeatures:
        """Reads what `save` wrote."""
        features = cls()
        for part, stored in zip(features._parts, json.loads((folder / cls.FILE).read_text(encoding="utf-8"))):
            part.vocabulary_ = {term: index for index, term in enumerate(stored["terms"])}
            part.fixed_vocabulary_ = True
            part.idf_ = np.asarray(stored["idf"], dtype=np.float32)
        return features
