"""The page of a soak."""

from __future__ import annotations

import os
import statistics
from typing import List

from bot.evaluation.load_report import aim_table
from bot.evaluation.report import table
from bot.evaluation.soak_figures import Pace, Soaked, soak_aims

PAGE, PICTURE = "soak.md", "soak.png"


def soak_tables(soaked: Soaked) -> List[str]:
    """Returns what was aimed at and what was found, as tables."""
    first, last = soaked.samples[0], soaked.samples[-1]
    highest = [max(values) for values in zip(*[sample[1:] for sample in soaked.samples])]
    rows = [
        [name, f"{begin:.10g}", f"{most:.10g}", f"{end:.10g}"]
        for name, begin, most, end in zip(("memory, MB", "file descriptors", "connections"), first[1:], highest, last[1:])
    ]
    found = table(["", "after the warm-up", "most", "at the end"], rows)
    return [*aim_table(soak_aims(soaked)), "", *found, "", *_paces(soaked.pace)]


def _paces(pace: Pace) -> List[str]:
    if not pace.early:
        return ["No long conversation was held to its end."]
    rows = [
        [f"turn {turn}", f"{statistics.median(times):.1f} ms"]
        for turn, times in ((pace.early_turn, pace.early), (pace.late_turn, pace.late))
    ]
    return table([f"median of {len(pace.early)} conversations", ""], rows)


def soak_page(soaked: Soaked) -> List[str]:
    """Returns soak.md."""
    rate = soaked.turns / soaked.seconds
    lines = ["# Soak", "", *soak_tables(soaked), "", f"![Soak]({PICTURE})", ""]
    lines += [f"{soaked.turns} turns in {soaked.seconds:.0f} s ({rate:.0f} a second) after the warm-up, against one server."]
    lines += [f"Silent: {soaked.silent}; failed: {soaked.failed}; told that there is no place: {soaked.refusals} times."]
    lines += [f"Measured on {os.cpu_count()} processors. {soaked.versions}. Load average before: {soaked.load_before:.1f}."]
    return lines
