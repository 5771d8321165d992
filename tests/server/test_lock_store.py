"""Locks of conversations on a real PostgreSQL server, where two stores in one test are two replicas."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import List

import pytest
from databases import cut, empty_database, somebody_waits
from running import ROOT, free_port, surroundings
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.server.lock_store import AdvisoryLockStore, ConversationBusy
from bot.settings import Settings, settings
from bot.storage.database import make_engine

PATIENCE = 20.0
NOBODY_WAITS = 0.2
HOLDER = """
import asyncio, sys
from bot.server.lock_store import AdvisoryLockStore
from bot.settings import settings
from bot.storage.database import make_engine

async def hold():
    async with AdvisoryLockStore(make_engine(settings().database), settings()).lock("a"):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""

Replica = Callable[..., AdvisoryLockStore]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with empty_database("postgresql", tmp_path_factory.mktemp("locks")) as made:
        yield made


@pytest.fixture
def replica(database: Engine) -> Iterator[Replica]:
    made: List[AdvisoryLockStore] = []

    def new(**values: float) -> AdvisoryLockStore:
        made.append(AdvisoryLockStore(database, Settings(**values)))
        return made[-1]

    yield new
    for store in made:
        store.close()


async def locked(store: AdvisoryLockStore, conversation: str = "a") -> None:
    async with store.lock(conversation):
        pass


async def hold(store: AdvisoryLockStore, held: asyncio.Event, go: asyncio.Event) -> None:
    async with store.lock("a"):
        held.set()
        await go.wait()


async def test_of_many_turns_in_two_replicas_one_is_inside_at_a_time(replica: Replica) -> None:
    inside, most, turns = 0, 0, 0

    async def turn(store: AdvisoryLockStore) -> None:
        nonlocal inside, most, turns
        async with store.lock("a"):
            inside, turns = inside + 1, turns + 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    one, other = replica(), replica()
    await asyncio.gather(*(turn(store) for _ in range(20) for store in (one, other)))
    assert (turns, most) == (40, 1)


async def test_the_turn_that_waits_sleeps_in_the_database_until_the_other_ends(
    replica: Replica, database: Engine
) -> None:
    one, other, held, go = replica(), replica(), asyncio.Event(), asyncio.Event()
    holding = asyncio.create_task(hold(one, held, go))
    await held.wait()
    waiting = asyncio.create_task(locked(other))
    await asyncio.wait_for(locked(other, "b"), PATIENCE)  # another conversation is not held up
    while not somebody_waits(database):
        await asyncio.sleep(0)
    assert not waiting.done()
    go.set()
    await asyncio.wait_for(asyncio.gather(holding, waiting), PATIENCE)


async def test_waiting_ends_with_an_answer(replica: Replica) -> None:
    one, other, held, go = replica(), replica(lock_wait_seconds=NOBODY_WAITS), asyncio.Event(), asyncio.Event()
    holding = asyncio.create_task(hold(one, held, go))
    await held.wait()
    with pytest.raises(ConversationBusy):
        await locked(other)
    go.set()
    await holding
    await locked(other)


async def test_when_too_many_wait_the_next_one_is_told_and_free_conversations_are_not_held_up(replica: Replica) -> None:
    one, held, go = replica(), asyncio.Event(), asyncio.Event()
    other = replica(lock_connections=1, lock_wait_seconds=1.0)
    holding = asyncio.create_task(hold(one, held, go))
    await held.wait()
    first = asyncio.create_task(locked(other))
    while not other._idle.empty():
        await asyncio.sleep(0)
    with pytest.raises(ConversationBusy):
        await asyncio.wait_for(locked(other), PATIENCE)
    await locked(other, "b")
    go.set()
    await asyncio.gather(holding, first, return_exceptions=True)
    await locked(other)


async def test_a_turn_that_is_given_up_while_it_waits_leaves_nothing_locked(replica: Replica) -> None:
    one, other, held, go = replica(), replica(), asyncio.Event(), asyncio.Event()
    holding = asyncio.create_task(hold(one, held, go))
    await held.wait()
    waiting = asyncio.create_task(locked(other))
    while len(other._idle._queue) == len(other._others):
        await asyncio.sleep(0)
    waiting.cancel()
    go.set()
    await holding
    await asyncio.wait_for(locked(one), PATIENCE)
    await asyncio.wait_for(locked(other), PATIENCE)


async def test_a_replica_that_is_killed_lets_go_at_once(replica: Replica, database: Engine, tmp_path: Path) -> None:
    address = database.url.render_as_string(hide_password=False)
    keys = {"database_url": address, "data_folder": settings().data_folder}  # which makes the key of the marks
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, env=surroundings(tmp_path, **keys), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == "held\n"
        waiting = asyncio.create_task(locked(replica(lock_wait_seconds=PATIENCE)))
        with pytest.raises(ConversationBusy):
            await locked(replica(lock_wait_seconds=NOBODY_WAITS))
        process.kill()
        await waiting


async def test_a_connection_that_was_cut_is_opened_anew_without_anybody_noticing(replica: Replica, database: Engine) -> None:
    one, other = replica(), replica(lock_wait_seconds=NOBODY_WAITS)
    await locked(one)
    with database.connect() as connection:
        cut(connection, database)
    async with one.lock("a"):
        with pytest.raises(ConversationBusy):
            await locked(other)
    await locked(other)


async def test_a_lock_lost_in_the_middle_of_a_turn_is_free_for_others_and_given_back_in_peace(
    replica: Replica, database: Engine
) -> None:
    one, other = replica(), replica()
    async with one.lock("a"):
        with database.connect() as connection:
            cut(connection, database)
        await asyncio.wait_for(locked(other), PATIENCE)
    await asyncio.wait_for(locked(one), PATIENCE)
    await asyncio.wait_for(locked(other), PATIENCE)


async def test_a_database_that_is_away_is_an_error_of_the_database() -> None:
    away = AdvisoryLockStore(make_engine(f"postgresql://127.0.0.1:{free_port()}/assistant"), Settings())
    with pytest.raises(SQLAlchemyError):
        await locked(away)
    away.close()
