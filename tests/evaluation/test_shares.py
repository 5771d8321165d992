"""A measured server gets no more of a processor than its share, and all of it again afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.evaluation.processes import Running
from bot.evaluation.shares import VERSION_2, Quota, quotas, shared

WORKS_WHEN_ASKED = """
import sys, time
for line in sys.stdin:
    begun, until = time.monotonic(), time.process_time() + float(line)
    while time.process_time() < until:
        pass
    print(time.monotonic() - begun, flush=True)
"""


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-c", WORKS_WHEN_ASKED]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def place() -> Quota:
    found = quotas()
    if found is None:
        pytest.skip("this process may not set quotas")
    return found


def seconds_of(worker: subprocess.Popen[str], work: float) -> float:
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write(f"{work}\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def groups(process: psutil.Process) -> str:
    return Path(f"/proc/{process.pid}/cgroup").read_text(encoding="ascii")


def test_half_a_second_of_work_takes_two_with_a_quarter_of_a_processor(worker: subprocess.Popen[str], place: Quota):
    server = Running("", (psutil.Process(worker.pid),), 0.0)
    before = groups(server.processes[0])
    with shared([server], 0.25, place):
        assert groups(server.processes[0]) != before
        assert seconds_of(worker, 0.5) > 1.8
    assert groups(server.processes[0]) == before
    assert list(place.root.glob("bench-*")) == []


def test_a_server_that_has_ended_does_not_hold_up_the_end(worker: subprocess.Popen[str], place: Quota):
    with shared([Running("", (psutil.Process(worker.pid),), 0.0)], 0.25, place):
        worker.kill()
        worker.wait()
    assert list(place.root.glob("bench-*")) == []


def test_a_folder_without_quotas_is_none(tmp_path: Path):
    assert quotas([Quota(tmp_path, VERSION_2), Quota(tmp_path / "missing", VERSION_2)]) is None
    assert list(tmp_path.iterdir()) == [], "nothing is left there"
