"""The APIs of messaging services, as `bot.evaluation.messaging_apis` has them, and waiting for what reaches them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import List, Optional

from bot.evaluation.messaging_apis import Apis, Refusal, Sent, running_apis
from bot.evaluation.messaging_samples import ACCOUNT, AUTH_TOKEN, NUMBER, TOKEN

__all__ = ["ACCOUNT", "AUTH_TOKEN", "NUMBER", "TOKEN", "Api", "Refusal", "Sent", "running_api", "until"]
PATIENCE = 30.0


class Api(Apis):
    """All of them at one address."""

    def to(self, who: str) -> List[str]:
        """The texts that somebody was sent."""
        return [sent.text for sent in self.sent if sent.to == who]

    def wait_for(self, count: int, who: Optional[str] = None) -> List[Sent]:
        """Waits until so many messages were taken, and returns them."""

        def found() -> List[Sent]:
            return [sent for sent in list(self.sent) if who in (None, sent.to)]

        until(lambda: len(found()) >= count, lambda: f"{len(found())} of {count}; wrong: {self.wrong}")
        return found()


@contextmanager
def running_api() -> Iterator[Api]:
    """Runs them in a thread until the block ends."""
    api = Api()
    with running_apis(api):
        yield api


def until(holds: Callable[[], bool], told: Callable[[], str] = lambda: "it never came") -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.01)
