"""Graph component: which intent a sentence has, how sure that is, and which facet of it is meant.

A facet is a part of an intent with an answer of its own (hours or location, say). It is written in `data/nlu.yml` as the
metadata `facet` of a block of examples; the intent names stay the contract's.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from bot.nlu.arrays import Array
from bot.nlu.encoder import sentence_vectors
from bot.nlu.scorer import Scorer, Scores, log_odds

READING = "reading"
SEPARATOR = "/"
LEARN_EVERY, JUDGE_EVERY = 3, 6
"""To calibrate, one example in three is learned from and one in six of the others is judged: quick, and it mimics visitors,
whose sentences are farther from the examples than the examples are from each other."""


class Reading(NamedTuple):
    """How the classifier reads one sentence."""

    intent: str
    confidence: float
    """Estimated probability that the intent is right, 0 to 1."""
    ranking: List[Tuple[str, float]]
    """All intents with their share, best first; shares sum to 1."""
    facet: Optional[str]
    nearest: str
    similarity: float


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


def _shares(scores: Scores) -> Array:
    relative = np.exp(scores.evidence - scores.evidence.max(axis=1, keepdims=True))
    return np.asarray(relative / relative.sum(axis=1, keepdims=True))


def _label(example: Message) -> str:
    metadata = (example.get("metadata") or {}).get("intent") or {}
    facet = metadata.get("facet")
    return f"{example.get(INTENT)}{SEPARATOR}{facet}" if facet else str(example.get(INTENT))


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class IntentClassifier(GraphComponent):
    """Reads every message of the batch: the whole one and its clauses."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Returns the strength of the regression and the pull of the nearest example."""
        return {"strength": 30.0, "pull": 8.0}

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        scorer: Optional[Scorer] = None,
        calibration: Optional[Calibration] = None,
    ) -> None:
        """Keeps the parts; they are missing until the component is trained or loaded."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._scorer = scorer
        self._calibration = calibration

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Creates the component for training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Loads what `train` stored."""
        with model_storage.read_from(resource) as folder:
            calibration = Calibration(**json.loads((folder / "calibration.json").read_text(encoding="utf-8")))
            return cls(config, model_storage, resource, Scorer.load(folder), calibration)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the intents, after measuring on a part of the examples how far its confidence can be trusted."""
        examples = training_data.intent_examples
        vectors = sentence_vectors(examples)
        texts = [str(example.get(TEXT)) for example in examples]
        labels = [_label(example) for example in examples]
        self._calibration = self._calibrate(vectors, texts, labels)
        self._scorer = self._fit(vectors, texts, labels)
        with self._model_storage.write_to(self._resource) as folder:
            self._scorer.save(folder)
            (folder / "calibration.json").write_text(json.dumps(self._calibration._asdict()), encoding="utf-8")
        return self._resource

    def _fit(self, vectors: Array, texts: List[str], labels: List[str]) -> Scorer:
        return Scorer.fit(vectors, texts, labels, self._config["strength"], self._config["pull"])

    def _calibrate(self, vectors: Array, texts: List[str], labels: List[str]) -> Calibration:
        apart = range(1, len(texts), JUDGE_EVERY)
        kept = range(0, len(texts), LEARN_EVERY)
        scorer = self._fit(vectors[::LEARN_EVERY], [texts[index] for index in kept], [labels[index] for index in kept])
        scores = scorer.score(vectors[1::JUDGE_EVERY], [texts[index] for index in apart])
        rankings = [_by_intent(scores.labels, row) for row in _shares(scores)]
        right = [ranking[0][0] == labels[index].split(SEPARATOR)[0] for ranking, index in zip(rankings, apart)]
        return Calibration.fit(
            np.array([ranking[0][1] for ranking in rankings]), scores.similarity, np.array(right, dtype=int)
        )

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds a `Reading` to each message."""
        if self._scorer is None or self._calibration is None:
            raise ValueError("The intent classifier is used before it is trained.")
        scores = self._scorer.score(sentence_vectors(messages), [message.get(TEXT) or "" for message in messages])
        for index, (message, shares) in enumerate(zip(messages, _shares(scores))):
            ranking = _by_intent(scores.labels, shares)
            intent, share = ranking[0]
            similarity = float(scores.similarity[index])
            confidence = self._calibration.confidence(share, similarity)
            facet = _best_facet(scores.labels, shares, intent)
            message.set(READING, Reading(intent, confidence, ranking, facet, scores.nearest[index], similarity))
        return messages


def _by_intent(labels: List[str], shares: Array) -> List[Tuple[str, float]]:
    totals: Dict[str, float] = {}
    for label, share in zip(labels, shares):
        intent = label.split(SEPARATOR)[0]
        totals[intent] = totals.get(intent, 0.0) + float(share)
    return sorted(totals.items(), key=lambda item: -item[1])


def _best_facet(labels: List[str], shares: Array, intent: str) -> Optional[str]:
    candidates = [(share, label) for label, share in zip(labels, shares) if label.split(SEPARATOR)[0] == intent]
    return max(candidates)[1].partition(SEPARATOR)[2] or None
