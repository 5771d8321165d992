"""Which example of each label is nearest to a sentence.

Comparing with fifteen thousand vectors of 384 numbers reads 23 MB of memory for every sentence, which takes longer than the
arithmetic. Most of what tells sentences apart lies in the first principal directions of the examples; so the nearest example
is looked for in those, and only the cosine to it is exact.
"""

from __future__ import annotations

from typing import Dict, List

import numpy as np

from bot.nlu.arrays import Array

DIRECTIONS = 128
"""Of 384; how much of the accuracy is kept with how many: docs/decisions/understanding.md"""


class Sketch:
    """Vectors, and what they look like from the directions in which they differ most."""

    def __init__(self, vectors: Array) -> None:
        """Takes vectors of shape (m, 384), float32, rows of length 1."""
        self.vectors = vectors
        _, directions = np.linalg.eigh(vectors.T @ vectors)  # the strongest come last
        self._directions = np.ascontiguousarray(directions[:, -DIRECTIONS:])
        self._rows = np.ascontiguousarray(vectors @ self._directions)

    def likeness(self, vectors: Array) -> Array:
        """Returns how like the examples n sentences are, shape (n, m); good for ranking only.

        Args:
            vectors: shape (n, 384), rows of length 1.
        """
        return np.stack([self._rows @ (self._directions.T @ vector) for vector in vectors])

    def cosines(self, vector: Array, indices: Array) -> Array:
        """Returns the exact cosines, at most 1, of one sentence to the examples at these indices."""
        return np.minimum(self.vectors[indices] @ vector, 1.0)


class Groups:
    """The examples by label."""

    def __init__(self, labels: List[str], names: List[str]) -> None:
        """Takes the label of each example, and the labels in the order in which they are wanted."""
        members: Dict[str, List[int]] = {name: [] for name in names}
        for index, label in enumerate(labels):
            members[label].append(index)
        self._order = np.array([index for name in names for index in members[name]])
        ends = np.cumsum([len(members[name]) for name in names])
        self._spans = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends)]

    def likeliest(self, likeness: Array) -> Array:
        """Returns the index of the example of each label that is most like one sentence, shape (labels,).

        Args:
            likeness: to every example, shape (m,).
        """
        ordered = likeness[self._order]
        return np.array([self._order[span][ordered[span].argmax()] for span in self._spans])
