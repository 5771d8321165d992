"""`python -m bot.evaluation.killed_deliveries`: does every enquiry arrive, once under one key, if workers are killed?

Every delivery is killed one to three times, in this process, by an exception between any two steps that nobody catches; then
some processes of their own are killed by SIGKILL, between any two steps and at any instant. Receivers are a webhook on
127.0.0.1 and a folder of messages.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

import structlog
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from bot.evaluation.enquiry_samples import AT, add_provider, sample_enquiry
from bot.evaluation.killed_worker import NOWHERE
from bot.evaluation.receiver import Receiver, webhook_receiver
from bot.handoff.delivery import STEPS, Step, deliver_next
from bot.handoff.enquiries import submit_enquiry
from bot.handoff.letters import House
from bot.handoff.outbox import Claim
from bot.handoff.worker import worker_name
from bot.settings import ROOT, Clinic, Settings, settings
from bot.storage.database import make_engine, migrate, transaction
from bot.storage.models import Delivery, Enquiry

REPORT = ROOT / "reports" / "killed_deliveries.json"
MOST_KILLS = 3
"""Of one delivery; fewer than the attempts after which a message is given up."""
LEASE = timedelta(seconds=Settings.__fields__["delivery_lease_seconds"].default)
LONGEST_LIFE = 0.4
"""Seconds after which a process that is killed at any instant is killed at the latest."""
ANY_INSTANT = "any instant"


class Killed(BaseException):
    """Ends an attempt as a kill would: nothing catches it."""


class Tally(NamedTuple):
    """What came of it."""

    enquiries: int
    kills: Dict[str, int]
    """By step."""
    messages: int
    """Requests and files; a file that was written again counts once."""
    lost: int
    """Enquiries that nobody received, or that are not delivered in the database."""
    doubled: int
    """Enquiries received under more than one key, or by more than one provider."""
    repeats: int
    """Requests that a receiver knew by their key, and could put away."""


class Scene(NamedTuple):
    """Where a measurement takes place."""

    engine: Engine
    folder: Path
    receiver: Receiver
    chance: random.Random


def set_scene(engine: Engine, folder: Path, receiver: Receiver, enquiries: int, seed: int) -> Scene:
    """Writes enquiries to two providers, one reached by a webhook and one by messages in a folder.

    Args:
        engine: of an empty database with its tables.
        folder: for the messages.
        receiver: of the webhook.
        enquiries: how many.
        seed: of what is killed where.
    """
    with transaction(engine) as session:
        providers = (
            add_provider(session, "sample-webhook", route="webhook", address=receiver.address),
            add_provider(session, "sample-email"),
        )
    for number in range(enquiries):
        new = sample_enquiry(provider_id=providers[number % 2], contact=f"visitor{number}@example.com")
        submit_enquiry(new, engine, AT)
    return Scene(engine, folder, receiver, random.Random(seed))  # nosec B311 # the same every time


def kill_in_process(scene: Scene) -> Counter[str]:
    """Delivers everything, each killed at its first attempts; returns how often at which step."""
    house = House(Settings(mail_folder=scene.folder), Clinic(name="Sample Clinic", town="Grande Prairie"))
    plans: Dict[int, List[str]] = {}
    kills: Counter[str] = Counter()

    def die(step: str, claimed: Claim) -> None:
        plan = plans.setdefault(claimed.delivery_id, scene.chance.choices(STEPS, k=scene.chance.randint(1, MOST_KILLS)))
        if len(plan) >= claimed.attempt and plan[claimed.attempt - 1] == step:
            kills[step] += 1
            raise Killed

    at = AT
    while _unfinished(scene.engine):
        _until_nothing_is_due(scene.engine, house, at, die)
        at += LEASE + timedelta(seconds=1)
    return kills


def _until_nothing_is_due(engine: Engine, house: House, at: datetime, die: Step) -> None:
    busy = True
    while busy:
        try:
            busy = deliver_next(engine, house, worker_name(), lambda: at, die)
        except Killed:
            continue


def kill_processes(scene: Scene, steps: List[str]) -> Counter[str]:
    """Starts a worker process for each step, kills it there, and lets one finish; returns how often at which step."""
    kills: Counter[str] = Counter()
    for number, step in enumerate([*steps, NOWHERE]):
        at = AT + number * (LEASE + timedelta(seconds=1))
        kills[step] += _killed_process(scene, step, at)
    return kills


def tally(scene: Scene, kills: Dict[str, int]) -> Tally:
    """Counts what the receivers have, by enquiry and key."""
    requests = [(request.key, json.loads(request.body)["code"]) for request in scene.receiver.received]
    files = [(path.stem, _code(path)) for path in scene.folder.glob("*.eml")]
    keys: Dict[str, set[str]] = {}
    for key, code in (*requests, *files):
        keys.setdefault(code, set()).add(key)
    with transaction(scene.engine) as session:
        codes = dict(session.execute(select(Enquiry.code, Enquiry.state)).all())
    return Tally(
        enquiries=len(codes),
        kills={step: kills[step] for step in (*STEPS, ANY_INSTANT) if kills.get(step)},
        messages=len(requests) + len(files),
        lost=sum(code not in keys or state != "delivered" for code, state in codes.items()),
        doubled=sum(len(found) > 1 for found in keys.values()),
        repeats=len(requests) - len(set(requests)),
    )


def _unfinished(engine: Engine) -> int:
    with transaction(engine) as session:
        waiting = select(func.count()).select_from(Delivery).where(Delivery.state.in_(("pending", "sending")))
        return int(session.execute(waiting).scalar_one())


def _killed_process(scene: Scene, step: str, at: datetime) -> int:
    """Runs a worker process; returns whether SIGKILL ended it."""
    named = step if step in (*STEPS, NOWHERE) else NOWHERE
    command = [sys.executable, "-m", "bot.evaluation.killed_worker", "--at", at.isoformat(), "--kill-at", named]
    environment = {
        **os.environ,
        "DATABASE_URL": scene.engine.url.render_as_string(hide_password=False),
        "DATA_FOLDER": str(settings().data_folder),
        "MAIL_FOLDER": str(scene.folder),
    }
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None  # nosec B101 # it was asked for a line above
        process.stdout.readline()
        if step == ANY_INSTANT:
            _kill_soon(process, scene.chance.uniform(0, LONGEST_LIFE))
        process.stdout.read()
    return int(process.returncode < 0)


def _kill_soon(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()


def _code(path: Path) -> str:
    return next(word for word in path.read_text(encoding="utf-8").split() if word.count("-") == 2 and len(word) == 13)[:12]


def main(argv: Optional[List[str]] = None) -> int:
    """Kills, counts, prints, and fails if anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1000, help="killed in this process")
    parser.add_argument("--processes", type=int, default=40, help="killed by SIGKILL")
    parser.add_argument("--database", help="address of an empty database; an SQLite file by default")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    tallies = {name: plan for name, plan in _both(arguments)}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({name: found._asdict() for name, found in tallies.items()}, indent=1), encoding="utf-8")
    for name, found in tallies.items():
        print(f"{name}: {found}")
    return int(any(found.lost or found.doubled for found in tallies.values()))


def _both(arguments: argparse.Namespace) -> List[Tuple[str, Tally]]:
    steps = [*STEPS, ANY_INSTANT]
    plans = {"exceptions": arguments.deliveries, "SIGKILL": arguments.processes}
    done = []
    for name, enquiries in plans.items():
        with tempfile.TemporaryDirectory(prefix="killed-") as temporary, webhook_receiver() as receiver:
            folder = Path(temporary)
            engine = make_engine(arguments.database or f"sqlite:///{folder / 'assistant.db'}")
            migrate(engine)
            scene = set_scene(engine, folder / "mail", receiver, enquiries, arguments.seed)
            if name == "SIGKILL":
                kills = kill_processes(scene, [steps[number % len(steps)] for number in range(enquiries)])
            else:
                kills = kill_in_process(scene)
            done.append((name, tally(scene, kills)))
            if arguments.database:
                migrate(engine, "base")
            engine.dispose()
    return done


if __name__ == "__main__":
    sys.exit(main())
