"""Visitors of a load test: each holds one conversation after the other, and writes again as soon as there is an answer."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any, Awaitable, Callable, Iterator, List, Literal, NamedTuple, Sequence, Tuple

import aiohttp
import yaml

from bot.settings import ROOT

DIALOGUES = Path(__file__).parent / "load_dialogues.txt"
WORDS = ROOT / "domain" / "conversation.yml"
SORRY = ("utter_apology", "utter_message_not_kept", "utter_too_fast")
"""Responses by which the assistant says that a message was not answered; the status is 200 all the same."""
GIVE_UP = 60.0
"""Seconds that a visitor waits for an answer; so long that no percentile is cut off by it."""
AFTER_A_FAILURE = 0.5
"""Seconds; without them a server that is gone would be asked thousands of times, and its failures outweigh everything."""
BUSY = 503

Outcome = Literal["answered", "silent", "failed"]
"""silent: 200 without a message in it, as stock Rasa answers when an action fails; failed: anything else but an answer."""


class Said(NamedTuple):
    """One turn, as its visitor experienced it."""

    begun: float
    """Seconds of the clock that only goes forward, as `ended`."""
    ended: float
    outcome: Outcome


class Line:
    """How visitors reach a system: its replicas one after the other, as behind a proxy."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Sequence[str]) -> None:
        """Takes what keeps connections open, and the addresses of the replicas, without a path."""
        self._session = session
        self._replicas = len(addresses)
        self._next = itertools.cycle([f"{address}/webhooks/rest/webhook" for address in addresses])
        self.refusals = 0
        """How often a replica had no place for a message."""

    async def say(self, conversation: str, message: str) -> Said:
        """Sends a message until it is taken: when all replicas are busy, again after the time that they ask for.

        Returns:
            The turn from the first try to the answer, or to the failure.
        """
        begun = time.perf_counter()
        try:
            outcome = await asyncio.wait_for(self._until_taken({"sender": conversation, "message": message}), GIVE_UP)
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError):
            outcome = "failed"
        ended = time.perf_counter()
        if outcome == "failed":
            await asyncio.sleep(AFTER_A_FAILURE)
        return Said(begun, ended, outcome)

    async def _until_taken(self, body: Any) -> Outcome:
        while True:
            for _ in range(self._replicas):
                async with self._session.post(next(self._next), json=body) as response:
                    if response.status == 200:
                        return outcome_of(await response.json())
                    if response.status != BUSY:
                        return "failed"
                    wait = float(response.headers["Retry-After"]) if "Retry-After" in response.headers else 1.0
                self.refusals += 1
            await asyncio.sleep(wait)


def outcome_of(messages: Any) -> Outcome:
    """Says how a turn ended whose status is 200.

    Args:
        messages: the body, read as JSON.
    """
    if not isinstance(messages, list):
        return "failed"
    texts = [str(message.get("text")) for message in messages]
    if any(text.startswith(words) for text in texts for words in _sorry()):
        return "failed"
    return "answered" if messages else "silent"


@lru_cache(maxsize=1)
def _sorry() -> Tuple[str, ...]:
    """First sentences of `SORRY`, which hold nothing of a clinic."""
    responses = yaml.safe_load(WORDS.read_text(encoding="utf-8"))["responses"]
    return tuple(responses[name][0]["text"].split(". ")[0] for name in SORRY)


@lru_cache(maxsize=1)
def dialogues() -> Tuple[Tuple[str, ...], ...]:
    """Returns what visitors write, a conversation each."""
    parts = DIALOGUES.read_text(encoding="utf-8").strip().split("\n\n")
    return tuple(tuple(part.splitlines()) for part in parts)


def talk(number: int) -> Iterator[Tuple[str, str]]:
    """Returns what one visitor writes, without an end: conversation and message.

    Args:
        number: of the visitor; neighbours begin with different dialogues.
    """
    first = number % len(dialogues())
    for dialogue in itertools.cycle((*dialogues()[first:], *dialogues()[:first])):
        conversation = f"load-{uuid.uuid4().hex}"
        for message in dialogue:
            yield conversation, message


async def crowd(
    say: Callable[[str, str], Awaitable[Said]], visitors: int, ends: Callable[[], bool], reading: float = 0.0
) -> List[Said]:
    """Lets visitors talk at the same time.

    Args:
        say: how a message is sent.
        visitors: how many.
        ends: asked before every message; turns under way are finished.
        reading: seconds that each takes to read an answer and to write again; the first messages are spread over them.

    Returns:
        Every turn.
    """
    turns: List[Said] = []

    async def visitor(number: int) -> None:
        await asyncio.sleep(reading * number / visitors)
        for conversation, message in talk(number):
            if ends():
                return
            turns.append(await say(conversation, message))
            await asyncio.sleep(reading)

    await asyncio.gather(*[visitor(number) for number in range(visitors)])
    return turns


async def warm_up(line: Line) -> None:
    """Lets a server load whatever it loads late, by every dialogue once."""
    for number in range(len(dialogues())):
        for conversation, message in itertools.islice(talk(number), len(dialogues()[number])):
            await line.say(conversation, message)


def open_session() -> aiohttp.ClientSession:
    """Returns a session with as many connections as there are visitors, each kept open as a proxy does."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
