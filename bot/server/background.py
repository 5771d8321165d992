"""The worker inside the server, so that one process is a whole assistant."""

from __future__ import annotations

from threading import Event, Thread

import structlog
from sqlalchemy.engine import Engine

from bot.errors import where
from bot.handoff.letters import House
from bot.handoff.worker import run_worker
from bot.server.metrics import note_delivery

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 30.0
"""After which a worker that has failed begins anew."""


class WorkerThread:
    """Runs `bot.handoff.worker` in a thread of its own."""

    def __init__(self, engine: Engine, house: House, again: float = AGAIN_SECONDS) -> None:
        """Takes what the worker needs, and after how many seconds one that has failed begins anew."""
        self._engine = engine
        self._house = house
        self._again = again
        self._stop = Event()
        # A daemon: a message that hangs must not keep the process; it is sent again when its lease has run out.
        self._thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Lets the worker finish what it has in hand.

        Args:
            seconds: how long to wait for that.

        Returns:
            Whether it has ended.
        """
        self._stop.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                run_worker(self._engine, self._house, self._stop, tell=note_delivery)
            except Exception as error:  # noqa: BLE001 - whatever it is, deliveries must not end for good
                log.error("worker.failed", error=type(error).__name__, where=where(error))
                self._stop.wait(self._again)
