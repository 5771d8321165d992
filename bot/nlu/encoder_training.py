"""Makes the encoder that is served out of the packaged one: the same weights, with the products in bytes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Dict, List

import numpy as np

from bot.nlu.encoder_model import KNOWN_HASHES, MODEL, OUTPUT, TOKENIZER, Encoder, encoder_files, session
from bot.nlu.file_hashes import check_hash, unreadable
from bot.nlu.minilm import MiniLM, read_minilm
from bot.nlu.minilm_graph import Ranges, float_graph, quantized_graph

SAMPLE = 500
"""Texts for which the products' inputs are looked at."""


def write_encoder(folder: Path, texts: List[str]) -> None:
    """Writes `model.onnx` and `tokenizer.json`.

    Args:
        folder: where they go.
        texts: of the kind that will be read, at least one.

    Raises:
        EncoderFileError: a packaged file is missing or is not the known one.
    """
    packaged = encoder_files(None)
    for name, path in packaged.items():
        check_hash(path, KNOWN_HASHES[name])
    model = read_minilm(packaged[MODEL])
    sample = texts[:: len(texts) // SAMPLE + 1]
    graph = quantized_graph(model, _ranges(model, Encoder(packaged), sample))
    (folder / MODEL).write_bytes(graph.SerializeToString(deterministic=True))
    shutil.copyfile(packaged[TOKENIZER], folder / TOKENIZER)


def copy_encoder(files: Dict[str, Path], folder: Path) -> None:
    """Copies the files of another encoder as they are.

    Raises:
        EncoderFileError: a file cannot be read.
    """
    for name, path in files.items():
        try:
            shutil.copyfile(path, folder / name)
        except OSError as error:
            raise unreadable(path, error) from error


def _ranges(model: MiniLM, encoder: Encoder, texts: List[str]) -> Ranges:
    run = session(float_graph(model).SerializeToString())
    products = [output.name for output in run.get_outputs() if output.name != OUTPUT]
    ranges: Ranges = {}
    for text in texts:
        ids = {"input_ids": encoder.tokens(text)["input_ids"]}
        for name, inputs in zip(products, run.run(products, ids)):
            ranges[name] = np.maximum(ranges.get(name, 0.0), np.abs(inputs[0]).max(axis=0))
    return ranges
