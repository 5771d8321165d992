"""Do visitors of the website wait longer while a messaging service's API hangs?"""

from __future__ import annotations

import asyncio
import statistics
from typing import Awaitable, Callable, List, NamedTuple

import aiohttp

from bot.evaluation.messaging_apis import Apis
from bot.evaluation.messaging_faults import WAIT_SECONDS, Assistant
from bot.evaluation.messaging_samples import SAY, somebody
from bot.evaluation.visitors import Plan, over_rest, visit, warm_up

CHANNEL = "telegram"
IDLE_SECONDS = 1.0
"""After which a connection is not used again; the server closes one that was idle for a few seconds."""
Website = Callable[[], Awaitable[List[float]]]
"""Visits the website once; returns median and 95th percentile in milliseconds."""
VISITORS = 4
"""Of the website, at a time."""


class Round(NamedTuple):
    """Milliseconds of the website's turns: median and 95th percentile, with nobody else there and beside the hanging API."""

    alone_p50: float
    alone_p95: float
    beside_p50: float
    beside_p95: float


class Beside(NamedTuple):
    """All rounds."""

    senders: int
    rounds: List[Round]

    @property
    def p50(self) -> float:
        """How many times as long the median turn takes: the median of the rounds, because what else runs comes and goes."""
        return _ratio([each.beside_p50 for each in self.rounds], [each.alone_p50 for each in self.rounds])

    @property
    def p95(self) -> float:
        """The same for the 95th percentile."""
        return _ratio([each.beside_p95 for each in self.rounds], [each.alone_p95 for each in self.rounds])


def _ratio(beside: List[float], alone: List[float]) -> float:
    return round(statistics.median(one / other for one, other in zip(beside, alone)), 3)


async def measure_beside(apis: Apis, assistant: Assistant, senders: int, rounds: int, each: int) -> Beside:
    """Measures turns of the website alone and beside senders whose answers hang, by turns; every other round the other way.

    Args:
        apis: where the answers go.
        assistant: what is visited.
        senders: whose answers hang at the same time.
        rounds: of both.
        each: messages that a visitor of the website writes in a round.
    """
    found: List[Round] = []
    connections = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
    async with aiohttp.ClientSession(connector=connections) as session:
        say = over_rest(session, assistant.address())
        await warm_up(say)

        async def website() -> List[float]:
            load = await visit(say, Plan(VISITORS, each))
            return [load.p50, load.p95]

        for number in range(rounds):
            if number % 2:
                beside = await _beside(website, session, apis, assistant, senders)
                alone = await website()
            else:
                alone = await website()
                beside = await _beside(website, session, apis, assistant, senders)
            found.append(Round(*alone, *beside))
    return Beside(senders, found)


async def _beside(
    website: Website, session: aiohttp.ClientSession, apis: Apis, assistant: Assistant, senders: int
) -> List[float]:
    people = {somebody(CHANNEL) for _ in range(senders)}
    before = apis.held
    apis.holds = people.__contains__
    try:
        for who in people:
            path, body, headers = SAY[CHANNEL](who, "Is it safe?")
            async with session.post(assistant.address() + path, data=body, headers=headers) as response:
                response.raise_for_status()
        while apis.held - before < senders:
            await asyncio.sleep(WAIT_SECONDS)
        return await website()
    finally:
        apis.holds = lambda to: False
        while await assistant.unanswered():
            await asyncio.sleep(WAIT_SECONDS)
