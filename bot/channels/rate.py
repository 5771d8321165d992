"""How much somebody may send: a bucket each, that empties with every message and fills again with time."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Callable

MOST_REMEMBERED = 10_000
"""Senders; the one who was longest silent is forgotten, and may begin with a full bucket."""


class Rate:
    """Limits senders, each on their own."""

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Sets the limits.

        Args:
            burst: messages that may be sent at once.
            per_second: messages that may be sent in the long run.
            clock: seconds, for tests.
        """
        self._burst = float(burst)
        self._per_second = per_second
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, sender: str) -> bool:
        """May somebody send a message now? If so, it is counted."""
        now = self._clock()
        left, at = self._buckets.pop(sender, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        self._buckets[sender] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > MOST_REMEMBERED:
            self._buckets.popitem(last=False)
        return left >= 1

    def forget(self, sender: str) -> None:
        """Forgets somebody who is gone for good."""
        self._buckets.pop(sender, None)
