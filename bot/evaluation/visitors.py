"""Visitors for benchmarks: each writes, waits for the answer, and writes again."""

from __future__ import annotations

import asyncio
import time
import uuid
from pathlib import Path
from typing import Awaitable, Callable, List, NamedTuple, Tuple

import aiohttp

from bot.errors import AssistantError
from bot.evaluation.latency import Growth, Load, load_of, percentile

MESSAGES = Path(__file__).parent / "bench_messages.txt"
TURNS_A_CONVERSATION = 10
EARLY, LATE, AROUND = 5, 120, 2
CYCLE = 23
"""EARLY and LATE are five times this apart, so the same messages are sent around both."""
LONG_CONVERSATIONS = 5
WARM_UP = 20

Say = Callable[[str, str], Awaitable[int]]
"""Takes a conversation id and a message; returns how many messages came back."""


class Plan(NamedTuple):
    """How many visitors at once, and how many messages each writes."""

    visitors: int
    each: int


PLANS = (Plan(1, 300), Plan(16, 30))


class WrongAnswer(AssistantError):
    """A server that is being measured did not answer with 200."""


def bench_messages() -> List[str]:
    """Returns the fixed messages."""
    return MESSAGES.read_text(encoding="utf-8").splitlines()


async def warm_up(say: Say) -> None:
    """Lets whatever is loaded late be loaded."""
    for message in bench_messages()[:WARM_UP]:
        await say(f"warm-up-{uuid.uuid4().hex}", message)


async def visit(say: Say, plan: Plan) -> Load:
    """Measures visitors who write at the same time, each in a fresh conversation every ten turns.

    Args:
        say: how a message is sent.
        plan: how many of each.
    """
    messages = bench_messages()

    async def one(number: int) -> List[Tuple[float, int]]:
        turns = []
        conversation = ""
        for turn in range(plan.each):
            if turn % TURNS_A_CONVERSATION == 0:
                conversation = f"bench-{uuid.uuid4().hex}"
            # Visitors begin at different places of the list, so that they do not all write the long ones at once.
            turns.append(await _timed(say, conversation, messages[(number * 7 + turn) % len(messages)]))
        return turns

    started = time.perf_counter()
    visits = await asyncio.gather(*[one(number) for number in range(plan.visitors)])
    wall = time.perf_counter() - started
    turns = [turn for visit_turns in visits for turn in visit_turns]
    return load_of(plan.visitors, [seconds for seconds, _ in turns], wall, sum(count == 0 for _, count in turns))


async def grow(say: Say, conversations: int = LONG_CONVERSATIONS) -> Growth:
    """Measures how much slower turn 120 of a conversation is than turn 5.

    Args:
        say: how a message is sent.
        conversations: one after the other.
    """
    messages = bench_messages()[:CYCLE]
    early: List[float] = []
    late: List[float] = []
    for _ in range(conversations):
        conversation = f"long-{uuid.uuid4().hex}"
        for turn in range(1, LATE + AROUND + 1):
            seconds, _ = await _timed(say, conversation, messages[turn % CYCLE])
            if abs(turn - EARLY) <= AROUND:
                early.append(1000 * seconds)
            if abs(turn - LATE) <= AROUND:
                late.append(1000 * seconds)
    return Growth(EARLY, round(percentile(early, 0.5), 2), LATE, round(percentile(late, 0.5), 2))


def over_rest(session: aiohttp.ClientSession, address: str) -> Say:
    """Returns how to say something over Rasa's REST channel.

    Args:
        session: keeps connections open, as a proxy in front of the server does.
        address: of the server, without a path.
    """

    async def say(conversation: str, message: str) -> int:
        body = {"sender": conversation, "message": message}
        async with session.post(f"{address}/webhooks/rest/webhook", json=body) as response:
            if response.status != 200:
                raise WrongAnswer(f"{address} answered {response.status} instead of 200.")
            return len(await response.json())

    return say


async def _timed(say: Say, conversation: str, message: str) -> Tuple[float, int]:
    started = time.perf_counter()
    count = await say(conversation, message)
    return time.perf_counter() - started, count
