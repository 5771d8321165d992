"""A share of a processor for each server that is measured, as `cpus:` of compose gives it: by control groups of Linux."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Iterator, NamedTuple, Optional, Sequence, Tuple
from uuid import uuid4

from bot.evaluation.processes import Running

PERIOD_MICROSECONDS = 20_000
"""A server that has used up its share waits for the rest of this; Linux's own 100 ms would stand out in a turn."""
EMPTY_SECONDS = 5.0


class Quota(NamedTuple):
    """Where this machine keeps the quotas of processors, and how they are written there."""

    root: Path
    files: Tuple[Tuple[str, str], ...]
    """Names, and contents with `{quota}` and `{period}` in microseconds."""


VERSION_1 = (("cpu.cfs_period_us", "{period}"), ("cpu.cfs_quota_us", "{quota}"))
VERSION_2 = (("cpu.max", "{quota} {period}"),)
"""Of control groups: https://docs.kernel.org/admin-guide/cgroup-v1 and cgroup-v2."""
PLACES = (Quota(Path("/sys/fs/cgroup/cpu"), VERSION_1), Quota(Path("/sys/fs/cgroup"), VERSION_2))


def quotas(places: Sequence[Quota] = PLACES) -> Optional[Quota]:
    """Returns where this process may set quotas, or None where it may not.

    Args:
        places: where they might be.
    """
    for place in places:
        probe = place.root / f"probe-{uuid4().hex}"
        try:
            probe.mkdir()
        except OSError:
            continue
        found = all((probe / name).exists() for name, _ in place.files)
        probe.rmdir()
        if found:
            return place
    return None


@contextmanager
def shared(servers: Sequence[Running], share: float, place: Quota) -> Iterator[None]:
    """Each server may use so much of a processor until the block ends.

    Args:
        servers: that are limited, each for itself.
        share: of one processor, such as 0.5.
        place: where quotas are set.

    Raises:
        OSError: the quota was not accepted.
    """
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(_limited(server, share, place))
        yield


@contextmanager
def _limited(server: Running, share: float, place: Quota) -> Iterator[None]:
    group = place.root / f"bench-{uuid4().hex}"
    quota = round(share * PERIOD_MICROSECONDS)
    group.mkdir()
    try:
        for name, content in place.files:
            (group / name).write_text(content.format(quota=quota, period=PERIOD_MICROSECONDS), encoding="ascii")
        _move(server, group)
        yield
    finally:
        _move(server, place.root)
        _remove(group)


def _move(server: Running, group: Path) -> None:
    for process in server.processes:
        if process.is_running():
            (group / "cgroup.procs").write_text(str(process.pid), encoding="ascii")


def _remove(group: Path) -> None:
    """A group can be removed once the kernel has seen its last process leave."""
    until = time.monotonic() + EMPTY_SECONDS
    while (group / "cgroup.procs").read_text(encoding="ascii") and time.monotonic() < until:
        time.sleep(0.01)
    group.rmdir()
