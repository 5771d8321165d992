"""One server as a real process: started, waited for, weighed and stopped."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Tuple

import psutil

from bot.errors import AssistantError
from bot.settings import ROOT

START_LIMIT, STOP_LIMIT = 300.0, 20.0
POLL = 0.05
"""Seconds."""
BYTES_IN_A_MEGABYTE = 1024 * 1024


class ServerFailed(AssistantError):
    """A server ended early or did not become ready; the message holds its last lines."""


class Running(NamedTuple):
    """What is measured."""

    address: str
    processes: Tuple[psutil.Process, ...]
    start_seconds: float
    """From the start of the process to its first answer."""

    def megabytes(self) -> float:
        """Returns the resident memory of the processes and their children."""
        every = [child for process in self.processes for child in (process, *process.children(recursive=True))]
        return round(sum(process.memory_info().rss for process in every) / BYTES_IN_A_MEGABYTE, 1)

    def processor_seconds(self) -> float:
        """Returns the time of processors that the processes and their ended children have used."""
        return sum(sum(process.cpu_times()[:4]) for process in self.processes)

    def descriptors(self) -> int:
        """Returns how many files, sockets and the like the processes have open."""
        return sum(int(process.num_fds()) for process in self.processes)


def free_port() -> int:
    """Returns a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server_process(
    arguments: List[str], settings: Dict[str, str], ready: str, log: Path
) -> Iterator[Tuple[psutil.Process, float]]:
    """Runs Python with these arguments until the block ends.

    Args:
        arguments: of the interpreter.
        settings: its whole environment.
        ready: address that answers 200 once the server can be used.
        log: file for what it prints.

    Yields:
        The process, and the seconds until it was ready.

    Raises:
        ServerFailed: it ended, or was not ready in time.
    """
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT
        )
        stack.callback(_stop, process)
        while not answers(ready):
            if process.poll() is not None or time.perf_counter() - started > START_LIMIT:
                last = log.read_text(encoding="utf-8", errors="replace")[-1500:]
                raise ServerFailed(f"{' '.join(arguments)} did not start. Its last lines:\n{last}")
            time.sleep(POLL)
        yield psutil.Process(process.pid), round(time.perf_counter() - started, 2)


def answers(address: str) -> bool:
    """Does this address answer a GET with 200?"""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # nosec B310 # an address that was made here
            return int(response.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_LIMIT)
