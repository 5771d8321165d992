"""The nearest example of each label: looked for in a sketch, with an exact cosine."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.arrays import Array
from bot.nlu.nearest import DIRECTIONS, Groups, Sketch

LABELS = ["one", "two", "one", "three", "two", "one"] * 50


def unit_vectors(count: int, seed: int) -> Array:
    """Random vectors that, as those of sentences do, differ more in some directions than in others."""
    spread = np.exp(-np.arange(384) / 60)
    vectors = np.random.default_rng(seed).normal(size=(count, 384)) * spread
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def sketch() -> Sketch:
    return Sketch(unit_vectors(len(LABELS), seed=1))


def test_an_example_is_nearest_to_itself(sketch: Sketch) -> None:
    groups = Groups(LABELS, ["three", "two", "one"])
    for index in (0, 1, 3, 299):
        found = groups.likeliest(sketch.likeness(sketch.vectors[index : index + 1])[0])
        place = ["three", "two", "one"].index(LABELS[index])
        assert found[place] == index
        assert sketch.cosines(sketch.vectors[index], found)[place] == pytest.approx(1.0, abs=1e-5)


def test_each_label_has_an_example_of_its_own(sketch: Sketch) -> None:
    found = Groups(LABELS, ["one", "two", "three"]).likeliest(sketch.likeness(unit_vectors(1, seed=2))[0])
    assert [LABELS[index] for index in found] == ["one", "two", "three"]


def test_what_the_sketch_finds_is_hardly_farther_than_the_nearest(sketch: Sketch) -> None:
    groups = Groups(["all"] * len(LABELS), ["all"])
    sentences = unit_vectors(100, seed=3)
    nearest = (sentences @ sketch.vectors.T).max(axis=1)
    found = [
        sketch.cosines(sentence, groups.likeliest(likeness))[0]
        for sentence, likeness in zip(sentences, sketch.likeness(sentences))
    ]
    assert DIRECTIONS < 384
    assert np.mean(nearest - np.array(found)) < 0.01


def test_no_cosine_is_above_one(sketch: Sketch) -> None:
    longer = sketch.vectors[0] * 1.001
    assert sketch.cosines(longer, np.array([0]))[0] == 1.0
