"""`python -m bot soak`: many turns against one real server on PostgreSQL; does anything grow, leak or get slower?"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import platform
import tempfile
import time
import uuid
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path
from typing import AsyncIterator, Callable, List, NamedTuple

from sqlalchemy.engine import Engine

from bot.evaluation.databases import observer, postgresql_server, sessions, version
from bot.evaluation.load_pictures import draw_soak
from bot.evaluation.load_visitors import Line, Said, crowd, open_session
from bot.evaluation.processes import Running
from bot.evaluation.report import plain
from bot.evaluation.servers import own_server
from bot.evaluation.soak_figures import Sample, Soaked, pace_of, soak_aims
from bot.evaluation.soak_report import PAGE, PICTURE, soak_page, soak_tables
from bot.evaluation.visitors import bench_messages
from bot.server.model import train
from bot.settings import ROOT

REPORTS = ROOT / "reports"
CYCLE = 15
"""Messages of long conversations, again and again; none of them begins a form."""
EARLY, AROUND = 5, 2
WARM_UP_SHARE = 0.1
KEPT = 100
"""Conversations in the server's memory: so few that the warm-up fills it, and what grows after that is a leak."""
LOOK_EVERY_SECONDS = 1.0


class SoakPlan(NamedTuple):
    """What is done."""

    turns: int
    """After a warm-up of a tenth as many."""
    visitors: int = 16
    """At once. Half of them have long conversations, half have those of a load test."""
    late: int = 200
    """The turn that is compared with `EARLY`; whole cycles later, so that the same messages are sent around both."""


def run_soak(plan: SoakPlan, reports: Path = REPORTS) -> int:
    """Measures, prints the tables and writes soak.json, soak.md and soak.png.

    Args:
        plan: what is done.
        reports: folder that the results go to.

    Returns:
        Exit code 0, or 1 when an aim is missed.

    Raises:
        ServerFailed: the server did not start.
    """
    train()
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as temporary,
        postgresql_server() as database,
        own_server(Path(temporary), DATABASE_URL=database, CONVERSATIONS_KEPT=str(KEPT)) as server,
    ):
        soaked = asyncio.run(_soak(server, observer(database), plan))
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "soak.json").write_text(json.dumps(plain(soaked), indent=1), encoding="utf-8")
    (reports / PAGE).write_text("\n".join(soak_page(soaked)) + "\n", encoding="utf-8")
    draw_soak(reports / PICTURE, soaked)
    print("\n".join(soak_tables(soaked)))
    return 0 if all(aim.reached for aim in soak_aims(soaked)) else 1


class _Visitors:
    """Half of them talk for long with the same few messages, the others as in a load test, until their turns are used up."""

    def __init__(self, line: Line, plan: SoakPlan, turns: int) -> None:
        self._line = line
        self._plan = plan
        self._left = turns
        self.turns: List[Said] = []
        self.long: List[List[float]] = []
        """Milliseconds of the turns of each long conversation."""

    async def talk(self) -> None:
        """Talks until the turns are used up."""
        regulars = self._plan.visitors // 2
        await asyncio.gather(
            crowd(self._say, self._plan.visitors - regulars, self._used_up), *[self._regular() for _ in range(regulars)]
        )

    def _used_up(self) -> bool:
        return self._left <= 0

    async def _say(self, conversation: str, message: str) -> Said:
        self._left -= 1
        said = await self._line.say(conversation, message)
        self.turns.append(said)
        return said

    async def _regular(self) -> None:
        messages = bench_messages()[:CYCLE]
        while not self._used_up():
            conversation = f"soak-{uuid.uuid4().hex}"
            times: List[float] = []
            self.long.append(times)
            for message in itertools.islice(itertools.cycle(messages), self._plan.late + AROUND):
                if self._used_up():
                    return
                said = await self._say(conversation, message)
                times.append(1000 * (said.ended - said.begun))


async def _soak(server: Running, database: Engine, plan: SoakPlan) -> Soaked:
    load = os.getloadavg()[0]
    async with open_session() as session:
        line = Line(session, [server.address])
        print(f"Warming up, then {plan.turns} turns by {plan.visitors} visitors…", flush=True)
        await _Visitors(line, plan, max(1, round(WARM_UP_SHARE * plan.turns))).talk()
        refused = line.refusals
        visitors = _Visitors(line, plan, plan.turns)
        begun = time.perf_counter()
        async with _looking(lambda: _look(server, database, len(visitors.turns))) as samples:
            await visitors.talk()
        seconds = time.perf_counter() - begun
    outcomes = [turn.outcome for turn in visitors.turns]
    return Soaked(
        len(outcomes),
        round(seconds, 1),
        outcomes.count("answered"),
        outcomes.count("silent"),
        outcomes.count("failed"),
        line.refusals - refused,
        samples,
        pace_of(visitors.long, EARLY, plan.late, AROUND),
        f"Python {platform.python_version()}, Rasa {metadata.version('rasa')}, PostgreSQL {version(database)}",
        load,
    )


def _look(server: Running, database: Engine, turns: int) -> Sample:
    return Sample(turns, server.megabytes(), server.descriptors(), sessions(database))


@asynccontextmanager
async def _looking(look: Callable[[], Sample]) -> AsyncIterator[List[Sample]]:
    """Looks at the beginning, all the time until the block ends, and once more then; the list holds all of it in the end."""
    samples = [look()]
    over = asyncio.Event()
    looking = asyncio.create_task(_look_until(over, look, samples))
    try:
        yield samples
    finally:
        over.set()
        await looking
    samples.append(look())


async def _look_until(over: asyncio.Event, look: Callable[[], Sample], samples: List[Sample]) -> None:
    while not over.is_set():
        try:
            await asyncio.wait_for(over.wait(), LOOK_EVERY_SECONDS)
        except asyncio.TimeoutError:
            samples.append(await asyncio.get_running_loop().run_in_executor(None, look))
