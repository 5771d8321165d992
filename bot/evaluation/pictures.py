"""Draws the confusion of intents and the trade-off of the safety check."""

from __future__ import annotations

from pathlib import Path
from typing import List, Sequence, Tuple

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from bot.evaluation.predictions import Predictions
from bot.evaluation.safety_scores import Thresholds, TradeOffPoint
from bot.evaluation.samples import QuestionSample

Counts = npt.NDArray[np.int_]


def confusion(samples: Sequence[QuestionSample], predictions: Predictions) -> Tuple[List[str], Counts]:
    """Counts what was expected against what was read.

    What was read acceptably stands on the diagonal; of several intents, the first that is not acceptable counts.

    Returns:
        The n intents that occur, and counts of shape (n, n): rows expected, columns read.
    """
    pairs: List[Tuple[str, str]] = []
    for sample in samples:
        prediction = predictions[sample.text]
        expected = sample.primary[0][0]
        wrong = [intent for intent in prediction.read if intent not in sample.accept]
        pairs.append((expected, wrong[0] if wrong else expected))
    names = sorted({name for pair in pairs for name in pair})
    counts = np.zeros((len(names), len(names)), dtype=int)
    for expected, read in pairs:
        counts[names.index(expected), names.index(read)] += 1
    return names, counts


def draw_confusion(path: Path, names: Sequence[str], counts: Counts) -> None:
    """Writes the picture of a confusion matrix; each row is coloured by its share."""
    size = max(4.0, 0.28 * len(names) + 2.5)
    figure, axes = plt.subplots(figsize=(size, size))
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("read as")
    axes.set_ylabel("expected")
    for row, column in zip(*np.nonzero(counts)):
        colour = "white" if row == column else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=6, color=colour)
    save_picture(figure, path)


def draw_trade_off(path: Path, points: Sequence[TradeOffPoint], thresholds: Thresholds) -> None:
    """Writes the picture of recall against false alarms over the threshold, the chosen one marked.

    Args:
        path: of the PNG.
        points: from `trade_off`.
        thresholds: the chosen ones.
    """
    figure, (curve, over) = plt.subplots(1, 2, figsize=(10, 4.2))
    shifts = [point.shift for point in points]
    recall = [100 * point.recall for point in points]
    kinds = (
        ("near-misses", [100 * point.near_miss_alarms for point in points], "tab:orange"),
        ("ordinary messages", [100 * point.ordinary_alarms for point in points], "tab:blue"),
    )
    chosen = shifts.index(0.0)
    for name, alarms, colour in kinds:
        curve.step(alarms, recall, where="post", color=colour, label=name)
        curve.plot(alarms[chosen], recall[chosen], "o", color=colour)
        over.plot(shifts, alarms, color=colour, label=f"false alarms, {name}")
    # Where the choice is made; the rest of the curve decides nothing.
    curve.set(xlim=(-1, 30), ylim=(min(70.0, recall[chosen] - 5), 101))
    curve.set(xlabel="false alarms (%)", ylabel="emergencies found (%)", title="Dots: the chosen threshold")
    over.plot(shifts, recall, color="tab:red", label="emergencies found")
    over.axvline(0.0, color="black", linestyle="--", linewidth=1)
    chosen_name = f"{thresholds.symptom:+.1f} symptom, {thresholds.crisis:+.1f} crisis"
    over.set(xlabel="threshold, log-odds above the chosen one", ylabel="%", title=f"Dashed: chosen ({chosen_name})")
    for axes in (curve, over):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=2, frameon=False)
    save_picture(figure, path)


def save_picture(figure: plt.Figure, path: Path) -> None:
    """Writes a figure as a PNG, in a folder that is made if need be, and closes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    # Without a date or version inside, the same figures give the same file.
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
