"""Graph component: one vector for each sentence (ONNX Runtime, MiniLM in bytes)."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.arrays import Array
from bot.nlu.encoder_model import Encoder, encoder_files, files_in
from bot.nlu.file_hashes import check_hashes, note_hashes, sha256_of
from bot.nlu.text import tidied


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=True)
class SentenceEncoder(GraphComponent):
    """Gives each message one dense sentence feature of shape (1, 384)."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Returns the defaults: the packaged files, and two threads to train with; a turn has one."""
        return {"folder": None, "training_threads": 2}

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Keeps what the graph passes; the files are loaded when they are first needed."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._encoder: Optional[Encoder] = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
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
    ) -> SentenceEncoder:
        """Loads the component and checks that its files are those of the training.

        Raises:
            EncoderFileError: a file is missing or differs.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            check_hashes(folder)
            component._encoder = Encoder(files_in(folder))
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns nothing but which numbers go through the packaged model, and keeps the model that is made of it.

        Raises:
            EncoderFileError: a file is missing, or a packaged one is not the known one.
        """
        from bot.nlu.encoder_training import copy_encoder, write_encoder  # loads onnx, which only training needs

        with self._model_storage.write_to(self._resource) as folder:
            if self._config["folder"]:
                copy_encoder(encoder_files(self._config["folder"]), folder)
            else:
                write_encoder(folder, [tidied(example) for example in training_data.intent_examples])
            note_hashes(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every training example that has an intent."""
        self._add_features(training_data.intent_examples, self._config["training_threads"])
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the features to the messages of one turn."""
        self._add_features(messages)
        return messages

    def _add_features(self, messages: List[Message], threads: int = 1) -> None:
        if self._encoder is None:
            raise RasaException("The encoder has to be trained and loaded before it can read anything.")
        vectors = self._encoder.encode([tidied(message) for message in messages], threads)
        for message, vector in zip(messages, vectors):
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, type(self).__name__))

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Makes a changed encoder file retrain what depends on it."""
        return " ".join(sha256_of(path) for path in encoder_files(config.get("folder")).values())


def sentence_vectors(messages: List[Message]) -> Array:
    """Returns the encoder's vectors of these messages, shape (number of messages, 384).

    Raises:
        RasaException: a message has none, i.e. the pipeline lacks SentenceEncoder.
    """
    rows = []
    for message in messages:
        _, sentence = message.get_dense_features(TEXT, [SentenceEncoder.__name__])
        if sentence is None:
            raise RasaException("The pipeline needs bot.nlu.encoder.SentenceEncoder before its classifiers.")
        rows.append(sentence.features[0])
    return np.stack(rows)
