"""The figures of one cell of a load test: one system, so many visitors."""

from __future__ import annotations

import asyncio
import math
import time
from typing import List, NamedTuple, Optional, Sequence, Tuple

from bot.evaluation.latency import percentile
from bot.evaluation.load_visitors import Line, Said, crowd
from bot.evaluation.processes import Running

LEAST_WARM_UP, WARM_UP_SHARE = 1.0, 0.2
"""Seconds before a cell is measured: this share of its duration, and no less than that."""


class Window(NamedTuple):
    """When a cell was measured, and how busy the machine was then."""

    begun: float
    """Seconds of the clock that only goes forward, as `ended`."""
    ended: float
    client_cores: float
    """Processors that the visitors themselves used, on average; one process can use 1.0."""
    server_cores: float
    """Those that the servers used; PostgreSQL's are not counted."""


class Cell(NamedTuple):
    """What so many visitors at once experienced."""

    visitors: int
    turns: int
    """Turns that began in the time measured; the percentiles are of these."""
    turns_per_second: float
    """Turns that were answered in the time measured; neither failures nor silence are an answer."""
    p50: Optional[float]
    """Milliseconds, as p95 and p99; None when that share of the turns was not answered at all."""
    p95: Optional[float]
    p99: Optional[float]
    refusals: int
    """How often a visitor was told that there is no place now; the time until there was one is part of the turn."""
    silent: int
    failed: int
    client_cores: float
    server_cores: float


def cell_of(visitors: int, turns: Sequence[Said], window: Window, refusals: int) -> Cell:
    """Sums up a cell.

    A turn that failed counts as longer than every other one, so that failures make percentiles worse and never better.

    Args:
        visitors: at the same time.
        turns: also those before and after the window.
        window: when it was measured.
        refusals: since the window began.
    """
    measured = [turn for turn in turns if window.begun <= turn.begun < window.ended]
    answered = sum(window.begun <= turn.ended < window.ended and turn.outcome == "answered" for turn in turns)
    times = [math.inf if turn.outcome == "failed" else 1000 * (turn.ended - turn.begun) for turn in measured]
    p50, p95, p99 = (_milliseconds(times, share) for share in (0.50, 0.95, 0.99))
    return Cell(
        visitors,
        len(measured),
        round(answered / (window.ended - window.begun), 2),
        p50,
        p95,
        p99,
        refusals,
        sum(turn.outcome == "silent" for turn in measured),
        sum(turn.outcome == "failed" for turn in measured),
        round(window.client_cores, 2),
        round(window.server_cores, 2),
    )


def _milliseconds(times: List[float], share: float) -> Optional[float]:
    value = percentile(times, share) if times else math.inf
    return round(value, 1) if math.isfinite(value) else None


async def measure_cell(line: Line, servers: Sequence[Running], visitors: int, seconds: float, reading: float = 0.0) -> Cell:
    """Lets visitors talk, and measures them once they are under way.

    Nobody begins a turn after the time measured; the last turns are waited for, so that slow ones count too.

    Args:
        line: how they reach the system.
        servers: what the system consists of.
        visitors: at the same time.
        seconds: that are measured.
        reading: seconds that a visitor reads.
    """
    over = asyncio.Event()
    talking = asyncio.create_task(crowd(line.say, visitors, over.is_set, reading))
    await asyncio.sleep(max(LEAST_WARM_UP, WARM_UP_SHARE * seconds))
    before = line.refusals
    window = await _watch(servers, seconds)
    over.set()
    return cell_of(visitors, await talking, window, line.refusals - before)


async def _watch(servers: Sequence[Running], seconds: float) -> Window:
    begun, client, server = _clocks(servers)
    await asyncio.sleep(seconds)
    ended, client_then, server_then = _clocks(servers)
    took = ended - begun
    return Window(begun, ended, (client_then - client) / took, (server_then - server) / took)


def _clocks(servers: Sequence[Running]) -> Tuple[float, float, float]:
    return time.perf_counter(), time.process_time(), sum(server.processor_seconds() for server in servers)
