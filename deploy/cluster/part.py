"""One process of the cluster: started, waited for, started again when it ends by itself, and stopped."""

from __future__ import annotations

import pwd
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence

from bot.errors import AssistantError
from bot.settings import ROOT

START_LIMIT, STOP_LIMIT = 180.0, 45.0
POLL = 0.1
"""Seconds."""
SHOWN_OF_A_LOG = 1500
"""Characters."""


class PartFailed(AssistantError):
    """A process ended early or was not ready in time; the message holds its last lines."""


class Program(NamedTuple):
    """What runs."""

    command: Sequence[str]
    environment: Dict[str, str]
    ready: Callable[[], bool]
    """Can it be used?"""
    ends_with: signal.Signals = signal.SIGTERM
    """What makes it finish its work and end."""
    user: Optional[str] = None
    """Whom it runs as; whoever started the cluster when that is None."""


class Part:
    """A process with its log."""

    def __init__(self, name: str, program: Program, folder: Path) -> None:
        """Describes it.

        Args:
            name: for messages and the name of the log.
            program: what runs.
            folder: where its log goes.
        """
        self.name = name
        self.log = folder / f"{name}.log"
        self._program = program
        self._process: Optional[subprocess.Popen[bytes]] = None

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Starts it in a session of its own, so that Ctrl-C in the terminal leaves it to be stopped in order."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._program.command,
                cwd=ROOT,
                env=self._program.environment,
                **as_user(self._program.user),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self) -> Optional[int]:
        """Returns the exit code of a process that has ended."""
        return None if self._process is None else self._process.poll()

    def wait_until_ready(self) -> None:
        """Waits until it can be used.

        Raises:
            PartFailed: it ended, or took too long.
        """
        deadline = time.monotonic() + START_LIMIT
        while not self._program.ready():
            if self.ended() is not None or time.monotonic() > deadline:
                last = self.log.read_text(encoding="utf-8", errors="replace")[-SHOWN_OF_A_LOG:]
                raise PartFailed(f"{self.name} did not start. The end of {self.log}:\n{last}")
            time.sleep(POLL)

    def stop(self) -> None:
        """Asks it to end, and ends it when it does not."""
        if self._process is None:
            return
        self._process.send_signal(self._program.ends_with)
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_LIMIT)


def as_user(name: Optional[str]) -> Dict[str, Any]:
    """Returns the arguments that make `subprocess` run something as another user, and with nothing of this one's groups."""
    return {} if name is None else {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


def listens(port: int) -> bool:
    """Does anybody listen on this port of 127.0.0.1?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
