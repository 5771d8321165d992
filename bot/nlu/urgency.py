"""Graph component: could this sentence be an emergency? Asked of the whole message and of every clause, on every turn.

It learns from all of `data/nlu.yml`: the intents urgent_symptom and urgent_crisis, the blocks whose metadata say
`urgency: amber`, and everything else, where the near-misses sit.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import red_flags
from bot.nlu.encoder import sentence_vectors
from bot.nlu.scorer import Scorer

ALARM = "alarm"
SYMPTOM = "urgent_symptom"
CRISIS = "urgent_crisis"
AMBER = "amber"
NONE = "none"


class Alarm(NamedTuple):
    """Log-odds that one sentence is each kind of emergency, against it being ordinary; 0 is even, -2 about one in eight."""

    symptom: float
    crisis: float
    amber: float
    signs: List[str]
    """Red flags that the sentence names, whatever it says of them."""


def _urgency_of(example: Message) -> str:
    if example.get(INTENT) in (SYMPTOM, CRISIS):
        return str(example.get(INTENT))
    metadata = (example.get("metadata") or {}).get("intent") or {}
    return str(metadata.get("urgency", NONE))


def _weighted_red_flags(texts: List[str]) -> scipy.sparse.csr_matrix:
    return red_flags.red_flag_features(texts) * red_flags.WEIGHT


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class UrgencyClassifier(GraphComponent):
    """Adds an `Alarm` to every message of the batch; the merge step decides."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Returns the strength of the regression and the pull of the nearest example."""
        return {"strength": 30.0, "pull": 6.0}

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        scorer: Optional[Scorer] = None,
    ) -> None:
        """Keeps the parts; the scorer is missing until the component is trained or loaded."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._scorer = scorer

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> UrgencyClassifier:
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
    ) -> UrgencyClassifier:
        """Loads what `train` stored."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Scorer.load(folder, _weighted_red_flags))

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from every example that has an intent."""
        examples = training_data.intent_examples
        self._scorer = Scorer.fit(
            sentence_vectors(examples),
            [str(example.get(TEXT)) for example in examples],
            [_urgency_of(example) for example in examples],
            self._config["strength"],
            self._config["pull"],
            _weighted_red_flags,
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._scorer.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds an `Alarm` to each message."""
        if self._scorer is None:
            raise ValueError("The urgency classifier is used before it is trained.")
        texts = [message.get(TEXT) or "" for message in messages]
        scores = self._scorer.score(sentence_vectors(messages), texts)
        columns = {label: scores.evidence[:, index] for index, label in enumerate(scores.labels)}
        ordinary = scores.closeness[:, scores.labels.index(NONE)]
        for index, message in enumerate(messages):
            message.set(
                ALARM,
                Alarm(
                    symptom=float(columns[SYMPTOM][index] - ordinary[index]),
                    crisis=float(columns[CRISIS][index] - ordinary[index]),
                    amber=float(columns[AMBER][index] - ordinary[index]),
                    signs=red_flags.signs_in(texts[index]),
                ),
            )
        return messages
