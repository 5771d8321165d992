"""How fast enquiries are: written to a database, and led through the form over REST."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple

import aiohttp
from sqlalchemy.engine import Engine

from bot.clock import now
from bot.evaluation.databases import postgresql_server
from bot.evaluation.enquiry_samples import add_provider, sample_enquiry
from bot.evaluation.latency import Load, load_of
from bot.evaluation.visitors import WrongAnswer
from bot.handoff.enquiries import submit_enquiry
from bot.storage.database import make_engine, migrate, transaction

WRITERS = (1, 8)
"""Visitors who send at the same time."""
EACH_RUN = 240
FORMS = 30
TYPED = (
    "I'm Dana, dana.{number}@example.com is best, it's about wrinkles",
    "Grande Prairie",
    "after five",
)
CLICKED = ("Sample Provider", "Yes, send it")

Messages = List[Dict[str, Any]]


class EnquirySpeed(NamedTuple):
    """What was measured."""

    per_second: Dict[str, float]
    """Enquiries written, each with its consents, message and audit entry in a transaction, by database and writers."""
    form: Load
    """The turns of the form, from its first detail to the reference code."""


def written_per_second(folder: Path, each: int = EACH_RUN) -> Dict[str, float]:
    """Returns how many enquiries a second are written to SQLite and to a real PostgreSQL server on this machine.

    Args:
        folder: for the databases.
        each: how many are written in each run.
    """
    measured: Dict[str, float] = {}
    for name, database in (("SQLite", _sqlite(folder)), ("PostgreSQL", _postgresql())):
        with database as engine:
            migrate(engine)
            with transaction(engine) as session:
                provider = add_provider(session, "sample-bench", today=now().date())
            for writers in WRITERS:
                measured[f"{name}, {writers} at once"] = _write(engine, provider, writers, each)
    return measured


def _write(engine: Engine, provider: int, writers: int, enquiries: int) -> float:
    def write(number: int) -> None:
        submit_enquiry(sample_enquiry(contact=f"dana.{writers}.{number}@example.com", provider_id=provider), engine)

    with ThreadPoolExecutor(writers) as threads:
        started = time.perf_counter()
        list(threads.map(write, range(enquiries)))
        return round(enquiries / (time.perf_counter() - started), 1)


@contextmanager
def _sqlite(folder: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{folder / 'enquiries.db'}")
    yield engine
    engine.dispose()


@contextmanager
def _postgresql() -> Iterator[Engine]:
    with postgresql_server() as address:
        engine = make_engine(address)
        yield engine
        engine.dispose()


async def form_turns(session: aiohttp.ClientSession, address: str, forms: int = FORMS) -> Load:
    """Measures one visitor after the other who leaves an enquiry with a sample provider.

    Args:
        session: keeps connections open.
        address: of the server, without a path.
        forms: how many visitors.

    Raises:
        WrongAnswer: the server refused a message, or the form went another way.
    """
    seconds: List[float] = []
    started = time.perf_counter()
    for number in range(forms):
        seconds += await _fill_in(session, address, number)
    return load_of(1, seconds, time.perf_counter() - started, 0)


async def _fill_in(session: aiohttp.ClientSession, address: str, number: int) -> List[float]:
    conversation = f"form-{time.time_ns()}"

    async def say(message: str) -> Messages:
        body = {"sender": conversation, "message": message}
        async with session.post(f"{address}/webhooks/rest/webhook", json=body) as response:
            if response.status != 200:
                raise WrongAnswer(f"{address} answered {response.status} instead of 200.")
            messages: Messages = await response.json()
            return messages

    seconds: List[float] = []

    async def timed(message: str) -> Messages:
        started = time.perf_counter()
        messages = await say(message)
        seconds.append(time.perf_counter() - started)
        return messages

    last = await say("I'd like to find a cosmetic provider")
    for typed in TYPED:
        last = await timed(typed.format(number=f"{time.time_ns()}.{number}"))
    for title in CLICKED:
        last = await timed(_button(last, title))
    if not any("reference code" in message["text"] for message in last):
        raise WrongAnswer("The form did not end with a reference code.")
    return seconds


def _button(messages: Messages, title: str) -> str:
    for message in messages:
        for button in message.get("buttons", []):
            if title in button["title"]:
                return str(button["payload"])
    raise WrongAnswer(f"The form did not offer '{title}'.")
