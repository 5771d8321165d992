"""Several servers that share a PostgreSQL database and keys, as replicas do; the test itself has the same keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Dict, List

from running import Answer, Server, running_server
from sqlalchemy.engine import Engine

from bot.privacy.encryption import vault
from bot.server.conversation_rows import ConversationRows
from bot.server.lock_store import AdvisoryLockStore
from bot.settings import Settings, settings

PATIENCE = 30.0


@contextmanager
def running_replicas(database: Engine, folder: Path, count: int, **own: Any) -> Iterator[List[Server]]:
    """Starts servers at the same time; the database must be up to date."""
    vault()  # makes the keys
    shared = {
        "database_url": database.url.render_as_string(hide_password=False),
        "data_folder": settings().data_folder,
        "migrate_at_start": "false",
        "worker_in_server": "false",
        **own,
    }
    folders = [folder / f"replica-{number}" for number in range(count)]
    for each in folders:
        each.mkdir()
    contexts = [running_server(each, **shared) for each in folders]
    with ExitStack() as stack, ThreadPoolExecutor(count) as threads:
        started = list(threads.map(lambda context: context.__enter__(), contexts))
        for context in contexts:
            stack.push(context)
        yield started


@asynccontextmanager
async def held(database: Engine, conversation: str) -> AsyncIterator[None]:
    """Holds a conversation, as another replica does that is answering in it."""
    locks = AdvisoryLockStore(database, Settings())
    try:
        async with locks.lock(conversation):
            yield
    finally:
        locks.close()


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""

    async def wait() -> None:
        while not await in_thread(holds):
            pass

    await asyncio.wait_for(wait(), PATIENCE)


async def in_thread(do: Callable[[], Any]) -> Any:
    """Returns what a call that waits returns."""
    return await asyncio.get_running_loop().run_in_executor(None, do)


def failed_checks(server: Server) -> List[str]:
    """What `/health/ready` says is wrong."""
    answer = server.request("GET", "/health/ready")
    content: Dict[str, Any] = json.loads(answer.text)
    assert (answer.status == 200) == (content == {"status": "ready"}), answer
    return list(content.get("failed", []))


def texts(answer: Answer) -> List[str]:
    """What an answer says, whatever its status."""
    return [message["text"] for message in json.loads(answer.text)]


def turns(database: Engine, conversation: str) -> List[List[str]]:
    """What is kept of a conversation: for each turn the visitor's message and the replies to it."""
    stored = ConversationRows(database).read(conversation)
    kept: List[List[str]] = []
    for event in stored.content["events"] if stored else []:
        if event["event"] == "user" and event["text"]:
            kept.append([event["text"]])
        elif event["event"] == "bot":
            kept[-1].append(event["text"])
    return kept
