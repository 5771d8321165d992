"""all-MiniLM-L6-v2 as an ONNX graph of few and fast operators, of whole numbers where most of the work is."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bot.nlu.arrays import Array
from bot.nlu.minilm import Linear, MiniLM, Norm

INPUT, OUTPUT = "input_ids", "last_hidden_state"
HEADS, EPSILON = 12, 1e-12
SMOOTHING = 0.8
"""How much of the unevenness of a product's inputs goes into its matrix: alpha of SmoothQuant (Xiao et al. 2023).
Of 0.7, 0.75, 0.8, 0.85 and 0.9 this one changed the vectors least."""
QUIET = 0.3
"""Of the median: an input that was quieter in the sample counts as this loud, because it may not stay so."""
RUNTIME = "com.microsoft"
"""Whose operators are ONNX Runtime's own."""

Ranges = Dict[str, Array]
"""For each product, the largest absolute value that was seen in each of its inputs."""


class _Quantized(NamedTuple):
    """A matrix as bytes, number = (byte - zero) * scale of its column, and what its inputs are multiplied with before."""

    numbers: Array
    scales: Array
    zeros: Array
    before: Optional[Array]


def float_graph(model: MiniLM) -> onnx.ModelProto:
    """Returns the graph in float32; what goes into each product is an output too, named after it."""
    return _Graph(None).build(model)


def quantized_graph(model: MiniLM, ranges: Ranges) -> onnx.ModelProto:
    """Returns the graph with products of bytes.

    Unsigned bytes on both sides: the sums are then exact on every processor, with or without instructions for them.

    Args:
        model: the weights.
        ranges: what went into the products of the float graph, for sentences as they will come.
    """
    return _Graph(ranges).build(model)


def _quantized(weight: Array, inputs: Optional[Array]) -> _Quantized:
    """Turns a matrix (inputs, outputs) into bytes, after it took over the unevenness of its inputs if that is known."""
    before = None
    if inputs is not None:
        heard = np.maximum(inputs, QUIET * np.median(inputs))
        smooth = heard**SMOOTHING / np.abs(weight).max(axis=1) ** (1 - SMOOTHING)
        weight, before = weight * smooth[:, None], (1 / smooth).astype(np.float32)
    low, high = weight.min(axis=0).clip(max=0), weight.max(axis=0).clip(min=0)
    scales = ((high - low) / 255).astype(np.float32)
    zeros = np.round(-low / scales)
    numbers = (np.round(weight / scales) + zeros).clip(0, 255)
    return _Quantized(numbers.astype(np.uint8), scales, zeros.astype(np.uint8), before)


class _Graph:
    """Grows node by node; each method returns the name of what it computes."""

    def __init__(self, ranges: Optional[Ranges]) -> None:
        self._ranges = ranges
        self._nodes: List[onnx.NodeProto] = []
        self._constants: List[onnx.TensorProto] = []
        self._outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", "tokens", None])]

    def build(self, model: MiniLM) -> onnx.ModelProto:
        hidden = self._embed(model)
        for number, layer in enumerate(model.layers):
            name = f"layer{number}"
            attended = self._attend(f"{name}.attention", hidden, layer.attention)
            attended = self._product(f"{name}.attended", attended, layer.attended.weight, smooth=False)
            hidden = self._add_and_norm(f"{name}.attended_norm", attended, hidden, layer.attended.bias, layer.attended_norm)
            wide = self._product(f"{name}.widening", hidden, layer.widening.weight)
            wide = self._runtime("BiasGelu", [wide, self._constant(f"{name}.widening.bias", layer.widening.bias)])
            narrow = self._product(f"{name}.narrowing", wide, layer.narrowing.weight)
            hidden = self._add_and_norm(f"{name}.norm", narrow, hidden, layer.narrowing.bias, layer.norm)
        self._nodes[-1].output[0] = OUTPUT
        inputs = [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["texts", "tokens"])]
        graph = helper.make_graph(self._nodes, "all-MiniLM-L6-v2", inputs, self._outputs, self._constants)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(RUNTIME, 1)], ir_version=8
        )

    def _embed(self, model: MiniLM) -> str:
        numbers = self._node("Gather", [self._constant("words", model.words), INPUT])
        scales = self._node("Gather", [self._constant("word_scales", model.word_scales), INPUT])
        words = self._node("Mul", [self._node("Cast", [numbers], to=TensorProto.FLOAT), scales])
        length = self._node("Shape", [INPUT], start=1, end=2)
        first = self._constant("first", np.array([0], dtype=np.int64))
        positions = self._node("Slice", [self._constant("positions", model.positions), first, length, first])
        gain, bias = self._constant("norm.gain", model.norm.gain), self._constant("norm.bias", model.norm.bias)
        return self._node("LayerNormalization", [self._node("Add", [words, positions]), gain, bias], epsilon=EPSILON)

    def _attend(self, name: str, inputs: str, linear: Linear) -> str:
        bias = self._constant(f"{name}.bias", linear.bias)
        if self._ranges is None:
            self._show(name, inputs)
            return self._runtime("Attention", [inputs, self._constant(name, linear.weight), bias], num_heads=HEADS)
        matrix = _quantized(linear.weight, self._ranges[name])
        smoothed = self._smoothed(name, inputs, matrix)
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [smoothed], [f"{name}.{part}" for part in "nsz"]))
        numbers, scales, zeros = self._matrix(name, matrix)
        given = [f"{name}.n", numbers, bias, f"{name}.s", scales, "", f"{name}.z", zeros]
        return self._runtime("QAttention", given, num_heads=HEADS)

    def _product(self, name: str, inputs: str, weight: Array, smooth: bool = True) -> str:
        if self._ranges is None:
            self._show(name, inputs)
            return self._node("MatMul", [inputs, self._constant(name, weight)])
        matrix = _quantized(weight, self._ranges[name] if smooth else None)
        return self._runtime("DynamicQuantizeMatMul", [self._smoothed(name, inputs, matrix), *self._matrix(name, matrix)])

    def _smoothed(self, name: str, inputs: str, matrix: _Quantized) -> str:
        if matrix.before is None:
            return inputs
        return self._node("Mul", [inputs, self._constant(f"{name}.before", matrix.before)])

    def _matrix(self, name: str, matrix: _Quantized) -> Sequence[str]:
        parts = {"numbers": matrix.numbers, "scales": matrix.scales, "zeros": matrix.zeros}
        return [self._constant(f"{name}.{part}", value) for part, value in parts.items()]

    def _add_and_norm(self, name: str, inputs: str, skip: str, bias: Array, norm: Norm) -> str:
        parts = {"gain": norm.gain, "bias": norm.bias, "added": bias}
        constants = [self._constant(f"{name}.{part}", value) for part, value in parts.items()]
        return self._runtime("SkipLayerNormalization", [inputs, skip, *constants], epsilon=EPSILON)

    def _show(self, name: str, inputs: str) -> None:
        self._nodes.append(helper.make_node("Identity", [inputs], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", "tokens", None]))

    def _constant(self, name: str, value: Array) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), f"constant.{name}"))
        return f"constant.{name}"

    def _runtime(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        return self._node(operator, inputs, RUNTIME, **attributes)

    def _node(self, operator: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        name = f"{operator}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], domain=domain, **attributes))
        return name
