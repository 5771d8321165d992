"""Draws what a load test and a soak found."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Sequence

import matplotlib.pyplot as plt

from bot.evaluation.load_report import MOST_P95, OWN, Setup
from bot.evaluation.pictures import save_picture
from bot.evaluation.soak_figures import MOST_MEMORY_GROWTH, Soaked


def draw_load(path: Path, setups: Sequence[Setup]) -> None:
    """Writes the picture of turns a second and p95 over the visitors.

    Args:
        path: of the PNG.
        setups: what was measured.
    """
    figure, (rate, time, key) = plt.subplots(1, 3, figsize=(12, 4), gridspec_kw={"width_ratios": [1, 1, 0.5]})
    visitors = [cell.visitors for cell in setups[0].cells]
    for setup in setups:
        style = {"marker": "o", "linestyle": "-" if setup.system == OWN else "--", "label": setup.name}
        rate.plot(visitors, [cell.turns_per_second for cell in setup.cells], **style)
        # A time that nobody knows, because the turns failed, leaves a gap.
        time.plot(visitors, [math.nan if cell.p95 is None else cell.p95 for cell in setup.cells], **style)
    for axes in (rate, time):
        axes.set_xscale("log", base=2)
        axes.set_xticks(visitors, [str(number) for number in visitors])
        axes.set(xlabel="visitors at once")
        axes.grid(alpha=0.3)
    rate.set(title="turns a second", ylim=(0, None))
    time.set(title=f"p95 in milliseconds; dotted: {MOST_P95:.0f}", yscale="log")
    time.axhline(MOST_P95, color="black", linestyle=":", linewidth=1)
    key.legend(*rate.get_legend_handles_labels(), loc="center", fontsize=8, frameon=False)
    key.axis("off")
    save_picture(figure, path)


def draw_soak(path: Path, soaked: Soaked) -> None:
    """Writes the picture of memory, connections and file descriptors over the turns.

    Args:
        path: of the PNG.
        soaked: what was found.
    """
    figure, (memory, counts) = plt.subplots(1, 2, figsize=(10, 3.8))
    turns = [sample.turns for sample in soaked.samples]
    memory.plot(turns, [sample.megabytes for sample in soaked.samples])
    memory.axhline((1 + MOST_MEMORY_GROWTH) * soaked.samples[0].megabytes, color="black", linestyle=":", linewidth=1)
    memory.set(title=f"resident memory, MB; dotted: {100 * MOST_MEMORY_GROWTH:.0f} % more")
    counts.plot(turns, [sample.descriptors for sample in soaked.samples], label="file descriptors")
    counts.plot(turns, [sample.connections for sample in soaked.samples], label="connections to PostgreSQL")
    counts.set(title="open")
    counts.legend(frameon=False, loc="center right")
    for axes in (memory, counts):
        axes.set_ylim(0, 1.1 * axes.get_ylim()[1])
        axes.set(xlabel="turns after the warm-up")
        axes.grid(alpha=0.3)
    save_picture(figure, path)
