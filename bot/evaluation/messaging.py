"""`python -m bot.evaluation.messaging`: are messages of messaging apps answered once each, and does anybody wait for them?

Thousands of faulty deliveries to a real server on PostgreSQL, which is restarted in the middle, with APIs that fail
(`messaging_faults`); then turns of the website while an API hangs (`messaging_latency`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from sqlalchemy import text
from sqlalchemy.engine import Engine

from bot.evaluation.databases import observer, postgresql_server
from bot.evaluation.load_report import Aim, aim_table
from bot.evaluation.messaging_apis import Apis, running_apis
from bot.evaluation.messaging_faults import Assistant, Faulty, deliver_badly
from bot.evaluation.messaging_latency import Beside, LatencyPlan, measure_beside
from bot.evaluation.messaging_samples import settings_for
from bot.evaluation.processes import Running
from bot.evaluation.report import plain, table
from bot.evaluation.servers import own_server
from bot.server.model import train
from bot.settings import ROOT

REPORTS = ROOT / "reports"
MOST_SLOWER = 1.1
OPEN = text("SELECT count(*) FROM messaging_messages WHERE finished_at IS NULL")
PATIENT = {
    "MESSAGING_ATTEMPTS": "10",
    "MESSAGING_FIRST_WAIT_SECONDS": "0.05",
    "DATABASE_POOL_OVERFLOW": "7",
}
"""What fails is tried again soon, and given up late; a try may take as long as it does by default."""


class MessagingPlan(NamedTuple):
    """What is done."""

    deliveries: int = 10_000
    at_once: int = 32
    """People who write at the same time."""
    senders: int = 200
    rounds: int = 12
    each: int = 100
    """Messages that a visitor of the website writes in a visit."""
    idle_seconds: float = 20.0
    """For which nobody visits the website."""
    seed: int = 1


class Proven(NamedTuple):
    """What was found."""

    faulty: Faulty
    seconds: float
    """Of the faulty deliveries, with the restart."""
    beside: Beside
    wrong: int
    """Requests that no API would have accepted."""
    load_before: float


class Restarting:
    """The assistant as a process, which can be ended and started again."""

    def __init__(self, stack: ExitStack, folder: Path, database: str, apis: Apis) -> None:
        """Takes what ends it with the measurement, a folder for its log, and what it needs."""
        self._folder = folder
        own = {name.upper(): value for name, value in settings_for(apis.address).items()}
        self._settings = {**own, **PATIENT, "DATABASE_URL": database}
        self._engine: Engine = observer(database)
        self._process = stack.enter_context(ExitStack())
        self._running = self._started()

    def as_seen(self) -> Assistant:
        """Returns what those who deliver may know of it."""
        return Assistant(
            address=lambda: self._running.address,
            unanswered=self._unanswered,
            restart=self._restart,
            processor_seconds=lambda: self._running.processor_seconds(),
        )

    def _started(self) -> Running:
        return self._process.enter_context(own_server(self._folder, **self._settings))

    async def _restart(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._process.close)
        self._running = await loop.run_in_executor(None, self._started)

    async def _unanswered(self) -> int:
        return await asyncio.get_running_loop().run_in_executor(None, self._open)

    def _open(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(OPEN).scalar_one())


def run_messaging(plan: MessagingPlan, reports: Path = REPORTS) -> int:
    """Measures, prints the tables and writes messaging.json and messaging.md.

    Args:
        plan: what is done.
        reports: folder that the results go to.

    Returns:
        Exit code 0, or 1 when an aim is missed.

    Raises:
        ServerFailed: the server did not start.
    """
    train()
    apis = Apis()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="messaging-")))
        database = stack.enter_context(postgresql_server())
        stack.enter_context(running_apis(apis))
        load = os.getloadavg()[0]
        assistant = Restarting(stack, folder, database, apis).as_seen()
        found = asyncio.run(_prove(apis, assistant, plan, load))
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "messaging.json").write_text(json.dumps(plain(found), indent=1), encoding="utf-8")
    (reports / "messaging.md").write_text("\n".join(messaging_page(found)) + "\n", encoding="utf-8")
    print("\n".join(messaging_page(found)))
    return 0 if all(aim.reached for aim in messaging_aims(found)) else 1


async def _prove(apis: Apis, assistant: Assistant, plan: MessagingPlan, load: float) -> Proven:
    chance = random.Random(plan.seed)  # nosec B311 # draws faults, no secrets
    print(f"{plan.deliveries} faulty deliveries, with a restart in the middle…", flush=True)
    begun = time.perf_counter()
    faulty = await deliver_badly(apis, assistant, plan.deliveries, plan.at_once, chance)
    seconds = round(time.perf_counter() - begun, 1)
    print(f"Of {faulty.counted.expected} answers {faulty.counted.lost} are lost, {faulty.counted.doubled} doubled.")
    print(f"Turns of the website, alone and beside {plan.senders} senders whose API hangs…", flush=True)
    beside = await measure_beside(apis, assistant, LatencyPlan(plan.senders, plan.rounds, plan.each, plan.idle_seconds))
    return Proven(faulty, seconds, beside, len(apis.wrong), load)


def messaging_aims(found: Proven) -> List[Aim]:
    """Returns every aim; none is left open."""
    counted, beside = found.faulty.counted, found.beside
    return [
        Aim("no answer is lost", f"{counted.lost} of {counted.expected}", counted.lost == 0),
        Aim("no answer comes twice", f"{counted.doubled} of {counted.expected}", counted.doubled == 0),
        Aim("nothing else is said", str(counted.unknown), counted.unknown == 0),
        Aim("no API gets what it would not accept", str(found.wrong), found.wrong == 0),
        _no_more("median of the website's turns", beside.p50, beside.senders),
        _no_more("95th percentile of the website's turns", beside.p95, beside.senders),
        _no_more("the server's processor time by the website's turns", beside.processor, beside.senders),
    ]


def _no_more(what: str, ratio: float, senders: int) -> Aim:
    aim = f"{what} ≤ {MOST_SLOWER:g} times as long beside {senders} senders whose API hangs"
    return Aim(aim, f"{ratio:.2f} times", ratio <= MOST_SLOWER)


def messaging_page(found: Proven) -> List[str]:
    """Returns messaging.md."""
    faulty = found.faulty
    made, people = sum(faulty.deliveries.values()), f"{faulty.messages} messages by {faulty.people} people"
    lines = ["# Messaging apps", "", *aim_table(messaging_aims(found)), ""]
    lines += [f"{made} deliveries of {people} in {found.seconds:.0f} s, with a restart: {_listed(faulty.deliveries)}."]
    lines += [f"Tries that were not taken, and do not count: {_listed(faulty.not_taken)}."]
    lines += [f"Requests to the services that were refused or cut: {faulty.refusals}.", ""]
    lines += _visits(found.beside)
    return [*lines, "", f"Measured on {os.cpu_count()} processors. Load average before: {found.load_before:.1f}."]


def _visits(found: Beside) -> List[str]:
    in_turn = [found.alone[0], *[visit for pair in zip(found.beside, found.alone[1:]) for visit in pair]]
    rows = [
        ["beside" if number % 2 else "alone", *[f"{value:.10g}" for value in visit]] for number, visit in enumerate(in_turn)
    ]
    idle = f"{found.idle_alone:g} s of processors with nobody else there, {found.idle_beside:g} s while the API hangs"
    return [
        *table(["website", "p50 ms", "p95 ms", "server's processors, ms a turn"], rows),
        "",
        f"Without visitors of the website the server uses in a second: {idle}.",
        f"From one visit alone to the next the median turn changes by {100 * found.noise:.0f} %: the noise of the machine.",
    ]


def _listed(counts: Dict[str, int]) -> str:
    return ", ".join(f"{times} {name}" for name, times in counts.items()) or "none"


def main(argv: Optional[List[str]] = None) -> int:
    """Runs it from the command line."""
    default = MessagingPlan()
    parser = argparse.ArgumentParser(prog="python -m bot.evaluation.messaging")
    parser.add_argument("--deliveries", type=int, default=default.deliveries, help="with faults")
    parser.add_argument("--at-once", type=int, default=default.at_once, help="people who write at the same time")
    parser.add_argument("--senders", type=int, default=default.senders, help="whose service hangs")
    parser.add_argument("--rounds", type=int, default=default.rounds, help="of the website beside them and alone")
    parser.add_argument("--each", type=int, default=default.each, help="messages of a visitor of the website in a visit")
    parser.add_argument("--idle-seconds", type=float, default=default.idle_seconds, help="without visitors of the website")
    parser.add_argument("--seed", type=int, default=default.seed, help="of the faults")
    return run_messaging(MessagingPlan(**vars(parser.parse_args(argv))))


if __name__ == "__main__":
    sys.exit(main())
