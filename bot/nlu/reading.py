"""What the classifier says of one sentence: intent, facet, ranking and how far it can be trusted.

A facet is a part of an intent with an answer of its own (hours or location, say). It is written in `data/nlu.yml` as the
metadata `facet` of a block of examples; the intent names stay the contract's.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from bot.nlu.arrays import Array
from bot.nlu.scorer import Comparison, Scores, log_odds

READING = "reading"
SEPARATOR = "/"


class Reading(NamedTuple):
    """How the classifier reads one sentence."""

    intent: str
    confidence: float
    """Estimated probability that the intent is right, 0 to 1."""
    ranking: List[Tuple[str, float]]
    """All intents with their share, best first; shares sum to 1."""
    facet: Optional[str]
    nearest: str
    """Text of the most similar example."""
    similarity: float
    """Cosine to it."""
    known: bool = True
    """Whether any of its words is known."""


class Calibration(NamedTuple):
    """From share of the best intent and similarity to a probability of being right (Platt scaling on held-out examples)."""

    share: float
    similarity: float
    bias: float

    @classmethod
    def fit(cls, shares: Array, similarities: Array, right: Array) -> Calibration:
        """Fits on held-out examples; all three arrays have shape (n,)."""
        model = LogisticRegression().fit(np.stack([log_odds(shares), similarities], axis=1), right)
        share, similarity = model.coef_[0]
        return cls(float(share), float(similarity), float(model.intercept_[0]))

    def confidence(self, share: float, similarity: float) -> float:
        """Returns the probability of being right."""
        return float(expit(self.share * log_odds(np.array(share)) + self.similarity * similarity + self.bias))


def label_of(example: Message) -> str:
    """Returns the label of a training example: its intent, and its facet where it has one."""
    metadata = (example.get("metadata") or {}).get("intent") or {}
    facet = metadata.get("facet")
    return f"{example.get(INTENT)}{SEPARATOR}{facet}" if facet else str(example.get(INTENT))


def readings(scores: Scores, compared: Comparison, calibration: Calibration, texts: List[str]) -> List[Reading]:
    """Returns a reading for every sentence.

    Args:
        scores: of the labels.
        compared: the sentences beside the examples.
        calibration: of the confidence.
        texts: of the examples.
    """
    found = []
    for shares, nearest, cosines, known in zip(shares_of(scores), scores.nearest, scores.cosines, compared.known):
        ranking = by_intent(scores.labels, shares)
        intent, share = ranking[0]
        best = int(cosines.argmax())
        similarity = float(cosines[best])
        confidence = calibration.confidence(share, similarity)
        facet = _best_facet(scores.labels, shares, intent)
        found.append(Reading(intent, confidence, ranking, facet, texts[int(nearest[best])], similarity, known))
    return found


def shares_of(scores: Scores) -> Array:
    """Returns the evidence as shares, shape (n, k), each row summing to 1."""
    relative = np.exp(scores.evidence - scores.evidence.max(axis=1, keepdims=True))
    return np.asarray(relative / relative.sum(axis=1, keepdims=True))


def by_intent(labels: List[str], shares: Array) -> List[Tuple[str, float]]:
    """Returns the intents with the sum of their facets' shares, best first."""
    totals: Dict[str, float] = {}
    for label, share in zip(labels, shares):
        intent = label.split(SEPARATOR)[0]
        totals[intent] = totals.get(intent, 0.0) + float(share)
    return sorted(totals.items(), key=lambda item: -item[1])


def _best_facet(labels: List[str], shares: Array, intent: str) -> Optional[str]:
    candidates = [(share, label) for label, share in zip(labels, shares) if label.split(SEPARATOR)[0] == intent]
    return max(candidates)[1].partition(SEPARATOR)[2] or None
