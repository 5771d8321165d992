"""One-against-the-rest logistic regression that is stored as plain arrays."""

from __future__ import annotations

from pathlib import Path
from typing import List, Sequence

import numpy as np
import scipy.sparse
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from bot.nlu.arrays import Array
from bot.nlu.features import Columns

TOLERANCE = 1.0
"""Of the solver: with 0.1 it took 19 s instead of 12 and read the same of 562 held-out questions right."""

SEED = 0
"""Of the order in which the solver looks at the examples: two trainings of the same files read the same."""


class Regression:
    """Gives each label a probability of its own; none of them claims what is unlike all of them."""

    FILE = "regression.npz"

    def __init__(self, labels: List[str], weights: Array, bias: Array) -> None:
        """Takes weights of shape (features, labels) and a bias of shape (labels,)."""
        self.labels = labels
        self._weights = weights
        self._bias = bias

    @classmethod
    def fit(cls, columns: Sequence[Columns], labels: List[str], strength: float) -> Regression:
        """Fits with L2 regularisation; `strength` is scikit-learn's C (the larger, the closer the fit)."""
        features = scipy.sparse.hstack([scipy.sparse.csr_matrix(part) for part in columns], format="csr")
        one = LogisticRegression(C=strength, solver="liblinear", dual=True, tol=TOLERANCE, random_state=SEED)
        model = OneVsRestClassifier(one, n_jobs=2).fit(features, labels)
        weights = np.stack([estimator.coef_[0] for estimator in model.estimators_], axis=1)
        bias = np.array([estimator.intercept_[0] for estimator in model.estimators_])
        return cls([str(label) for label in model.classes_], weights.astype(np.float32), bias.astype(np.float32))

    def probabilities(self, columns: Sequence[Columns]) -> Array:
        """Returns shape (rows, labels); rows need not sum to 1. Part by part: joining the columns costs more."""
        total, start = self._bias, 0
        for part in columns:
            total = total + part @ self._weights[start : start + part.shape[1]]
            start += part.shape[1]
        return np.asarray(expit(total))

    def save(self, folder: Path) -> None:
        """Writes the arrays without pickles."""
        np.savez(folder / self.FILE, labels=np.array(self.labels), weights=self._weights, bias=self._bias)

    @classmethod
    def load(cls, folder: Path) -> Regression:
        """Reads what `save` wrote."""
        with np.load(folder / cls.FILE, allow_pickle=False) as stored:
            return cls([str(label) for label in stored["labels"]], stored["weights"], stored["bias"])
