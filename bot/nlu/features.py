"""What the classifiers look at: the sentence vector beside the words and letters that the visitor typed.

The vector knows what a sentence means, the n-grams know which words were used: "saggy", "Blue Cross", "can't breathe".
Measured together in docs/decisions/understanding.md.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Dict, List, Tuple, Union

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
    """Letters (2 to 4) and words (1 to 2) of a text as sparse, weighted counts, side by side.

    scikit-learn learns the vocabularies; a single message is turned into numbers here, because its `transform` spends a
    millisecond on checks. A test holds both to the same figures.
    """

    FILE = "ngrams.json"

    def __init__(self) -> None:
        """Starts without a vocabulary."""
        self._parts = _vectorizers()
        self._analyzers = [part.build_analyzer() for part in self._parts]
        self._words_of = self._parts[1].build_tokenizer()

    def fit(self, texts: List[str]) -> NgramFeatures:
        """Learns the vocabulary from training texts."""
        lowered = [tidy(text).lower() for text in texts]
        for part in self._parts:
            part.fit(lowered)
        return self._ready()

    def _ready(self) -> NgramFeatures:
        """Keeps the weights of the terms at hand: scikit-learn computes `idf_` anew whenever it is asked."""
        self._idf = [np.asarray(part.idf_, dtype=np.float32) for part in self._parts]
        return self

    def columns(self, texts: List[str]) -> scipy.sparse.csr_matrix:
        """Returns shape (number of texts, size of both vocabularies); texts are tidied and in lower case."""
        letters, words = self._parts
        indices: List[Array] = [np.empty(0, dtype=np.int32)]
        weights: List[Array] = [np.empty(0, dtype=np.float32)]
        ends = [0]
        for text in texts:
            of_letters, of_words = (
                _weighted(analyze(text), part.vocabulary_, idf)
                for part, analyze, idf in zip(self._parts, self._analyzers, self._idf)
            )
            indices += [of_letters[0], of_words[0] + len(letters.vocabulary_)]
            weights += [of_letters[1], of_words[1]]
            ends.append(ends[-1] + len(of_letters[0]) + len(of_words[0]))
        shape = (len(texts), len(letters.vocabulary_) + len(words.vocabulary_))
        return scipy.sparse.csr_matrix((np.concatenate(weights), np.concatenate(indices), ends), shape)

    def knows(self, text: str) -> bool:
        """Does a tidied lower-case text hold at least one word, of two letters or more, that the examples hold?"""
        vocabulary = self._parts[1].vocabulary_
        return any(len(word) > 1 and word in vocabulary for word in self._words_of(text))

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
        return features._ready()


def _weighted(terms: List[str], vocabulary: Dict[str, int], idf: Array) -> Tuple[Array, Array]:
    """Returns indices and weights of the known terms of one text: (1 + ln count) times idf, of length WEIGHT in all."""
    counts = Counter(index for index in map(vocabulary.get, terms) if index is not None)
    indices = np.fromiter(counts, dtype=np.int32, count=len(counts))
    if not counts:
        return indices, np.empty(0, dtype=np.float32)
    weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * idf[indices]
    return indices, (weights * (WEIGHT / np.linalg.norm(weights))).astype(np.float32)
