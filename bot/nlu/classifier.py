"""Graph component: reads every sentence of the batch for its intent and for its urgency.

Two judges share one comparison with the training examples: what it means (`bot.nlu.reading`) and whether it could be an
emergency (`bot.nlu.urgency`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.arrays import Array
from bot.nlu.encoder import sentence_vectors
from bot.nlu.reading import READING, SEPARATOR, Calibration, by_intent, label_of, readings, shares_of
from bot.nlu.scorer import Examples, Scorer
from bot.nlu.text import tidied, tidy
from bot.nlu.urgency import ALARM, alarms, urgency_of, weighted_red_flags

LEARN_EVERY, JUDGE_EVERY = 3, 6
"""To calibrate, one example in three is learned from and one in six of the others is judged: quick, and it mimics visitors,
whose sentences are farther from the examples than the examples are from each other."""


class Trained(NamedTuple):
    """What training leaves behind."""

    examples: Examples
    intents: Scorer
    urgency: Scorer
    calibration: Calibration


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class Classifier(GraphComponent):
    """Adds a `Reading` and an `Alarm` to every message; the merge step decides."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Returns the strength of the regressions and the pull of the nearest example on each judge."""
        return {"strength": 10.0, "intent_pull": 8.0, "urgency_pull": 6.0}

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        trained: Optional[Trained] = None,
    ) -> None:
        """Keeps the parts; they are missing until the component is trained or loaded."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._trained = trained

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Classifier:
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
    ) -> Classifier:
        """Loads what `train` stored."""
        with model_storage.read_from(resource) as folder:
            trained = Trained(
                Examples.load(folder),
                Scorer.load(folder / "intents"),
                Scorer.load(folder / "urgency", weighted_red_flags),
                Calibration(**json.loads((folder / "calibration.json").read_text(encoding="utf-8"))),
            )
            return cls(config, model_storage, resource, trained)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from every example that has an intent, and measures on a part of them how far it can be trusted."""
        messages = training_data.intent_examples
        vectors = sentence_vectors(messages)
        texts = [str(message.get(TEXT)) for message in messages]
        labels = [label_of(message) for message in messages]
        strength = self._config["strength"]
        examples = Examples.learn(vectors, texts)
        learned = examples.alone()
        self._trained = Trained(
            examples,
            Scorer.fit(learned, labels, strength, self._config["intent_pull"]),
            Scorer.fit(
                learned,
                [urgency_of(message) for message in messages],
                strength,
                self._config["urgency_pull"],
                weighted_red_flags,
            ),
            self._calibrate(vectors, texts, labels),
        )
        self._store(self._trained)
        return self._resource

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Makes a change in any module of this package retrain: Rasa's cache looks at this file alone."""
        sources = sorted(Path(__file__).parent.glob("*.py"))
        return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()

    def _store(self, trained: Trained) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            trained.examples.save(folder)
            trained.intents.save(folder / "intents")
            trained.urgency.save(folder / "urgency")
            (folder / "calibration.json").write_text(json.dumps(trained.calibration._asdict()), encoding="utf-8")

    def _calibrate(self, vectors: Array, texts: List[str], labels: List[str]) -> Calibration:
        examples = Examples.learn(vectors[::LEARN_EVERY], texts[::LEARN_EVERY])
        scorer = Scorer.fit(
            examples.alone(), labels[::LEARN_EVERY], self._config["strength"], self._config["intent_pull"]
        )
        compared = examples.compare(vectors[1::JUDGE_EVERY], [tidy(text) for text in texts[1::JUDGE_EVERY]])
        scores = scorer.score(compared)
        best = [by_intent(scores.labels, shares)[0] for shares in shares_of(scores)]
        right = [intent == label.split(SEPARATOR)[0] for (intent, _), label in zip(best, labels[1::JUDGE_EVERY])]
        shares = np.array([share for _, share in best])
        return Calibration.fit(shares, scores.cosines.max(axis=1), np.array(right, dtype=int))

    def process(self, messages: List[Message]) -> List[Message]:
        """Reads the messages of one turn together."""
        if self._trained is None:
            raise ValueError("The classifier is used before it is trained.")
        examples, intents, urgency, calibration = self._trained
        compared = examples.compare(sentence_vectors(messages), [tidied(message) for message in messages])
        read = readings(intents.score(compared), compared, calibration, examples.texts)
        for message, reading, alarm in zip(messages, read, alarms(urgency.score(compared), compared)):
            message.set(READING, reading)
            message.set(ALARM, alarm)
        return messages
