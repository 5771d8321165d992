"""What a soak found, and what it should have found."""

from __future__ import annotations

import statistics
from typing import List, NamedTuple, Optional, Sequence

from bot.evaluation.load_report import Aim

MOST_MEMORY_GROWTH = 0.05
"""Of resident memory, from the end of the warm-up to the end."""
MOST_SLOWER = 1.2
"""Times that a late turn may take as long as an early one."""
COME_AND_GO = 2
"""Connections or descriptors by which two looks at an idle server may differ: the worker looks for work now and then."""


class Sample(NamedTuple):
    """One look at the server and at PostgreSQL."""

    turns: int
    """Since the end of the warm-up."""
    megabytes: float
    descriptors: int
    connections: int


class Pace(NamedTuple):
    """How long turns of long conversations took, each conversation by the median of the turns around one."""

    early_turn: int
    late_turn: int
    early: List[float]
    """Milliseconds, one of each conversation that was held to its end; as `late`."""
    late: List[float]

    @property
    def slower(self) -> Optional[float]:
        """How many times as long a late turn takes, by the medians of all conversations; None without conversations."""
        if not self.early:
            return None
        return round(statistics.median(self.late) / statistics.median(self.early), 3)


class Soaked(NamedTuple):
    """One soak."""

    turns: int
    seconds: float
    answered: int
    silent: int
    failed: int
    refusals: int
    samples: List[Sample]
    """The first is the idle server after the warm-up, the last the idle server at the end."""
    pace: Pace
    versions: str
    load_before: float

    @property
    def growth(self) -> float:
        """By which share memory grew."""
        return round(self.samples[-1].megabytes / self.samples[0].megabytes - 1, 4)


def soak_aims(soaked: Soaked) -> List[Aim]:
    """Returns every aim; none is left open."""
    first, last = soaked.samples[0], soaked.samples[-1]
    slower = soaked.pace.slower
    lost = soaked.silent + soaked.failed
    return [
        Aim("every turn is answered", f"{soaked.answered} of {soaked.turns}", lost == 0 and soaked.answered == soaked.turns),
        Aim(
            f"memory grows by ≤ {100 * MOST_MEMORY_GROWTH:.0f} %",
            f"{100 * soaked.growth:+.1f} % ({first.megabytes:.10g} to {last.megabytes:.10g} MB)",
            soaked.growth <= MOST_MEMORY_GROWTH,
        ),
        _stays("connections to PostgreSQL", first.connections, last.connections),
        _stays("open file descriptors", first.descriptors, last.descriptors),
        Aim(
            f"turn {soaked.pace.late_turn} takes ≤ {MOST_SLOWER:g} times as long as turn {soaked.pace.early_turn}",
            "no conversation came so far" if slower is None else f"{slower:.2f} times",
            slower is not None and slower <= MOST_SLOWER,
        ),
    ]


def _stays(what: str, begin: int, end: int) -> Aim:
    return Aim(f"{what} do not grow (± {COME_AND_GO})", f"{begin}, then {end}", end <= begin + COME_AND_GO)


def pace_of(conversations: Sequence[Sequence[float]], early_turn: int, late_turn: int, around: int) -> Pace:
    """Sums up long conversations.

    Args:
        conversations: milliseconds of every turn; those that do not reach `around` turns after the late one do not count.
        early_turn: counted from 1.
        late_turn: as well.
        around: how many neighbours on each side count with a turn.
    """
    whole = [times for times in conversations if len(times) >= late_turn + around]

    def at(turn: int) -> List[float]:
        return [round(statistics.median(times[turn - around - 1 : turn + around]), 2) for times in whole]

    return Pace(early_turn, late_turn, at(early_turn), at(late_turn))
