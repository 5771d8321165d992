"""Times of turns: percentiles and throughput."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence


class Load(NamedTuple):
    """What some visitors, each waiting for an answer before the next message, experienced."""

    visitors: int
    messages: int
    p50: float
    """Milliseconds, as p95 and p99."""
    p95: float
    p99: float
    messages_per_second: float
    unanswered: int
    """Messages that got no reply at all."""


class Growth(NamedTuple):
    """Milliseconds a turn early and late in one conversation: medians over several conversations and neighbouring turns."""

    early_turn: int
    early: float
    late_turn: int
    late: float


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value that a share of the values does not exceed (nearest rank, so it is one that was measured).

    Args:
        values: at least one.
        share: above 0, at most 1.

    Raises:
        ValueError: there is no value, or the share is out of range.
    """
    if not values or not 0 < share <= 1:
        raise ValueError("a percentile needs at least one value and a share above 0 and up to 1")
    ordered = sorted(values)
    # Whole hundredths keep 0.95 of 20 at rank 19: as binary fractions the product would be a little more.
    rank = -(-round(share * 100) * len(ordered) // 100)
    return ordered[rank - 1]


def load_of(visitors: int, seconds: Sequence[float], wall: float, unanswered: int) -> Load:
    """Sums up a run.

    Args:
        visitors: at the same time.
        seconds: of each turn.
        wall: seconds from the first message to the last answer.
        unanswered: turns without a reply.
    """
    times: List[float] = [1000 * value for value in seconds]
    p50, p95, p99 = (round(percentile(times, share), 2) for share in (0.50, 0.95, 0.99))
    return Load(visitors, len(times), p50, p95, p99, round(len(times) / wall, 2), unanswered)
