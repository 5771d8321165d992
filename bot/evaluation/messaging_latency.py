"""Do visitors of the website wait longer, and does the server work more, while a messaging service's API hangs?"""

from __future__ import annotations

import asyncio
import statistics
import time
from itertools import pairwise
from typing import Awaitable, Callable, List, NamedTuple, TypeVar

import aiohttp

from bot.evaluation.messaging_apis import Apis
from bot.evaluation.messaging_faults import LOOK_SECONDS, Assistant
from bot.evaluation.messaging_samples import SAY, somebody
from bot.evaluation.visitors import Plan, over_rest, visit, warm_up

CHANNEL = "telegram"
IDLE_SECONDS = 1.0
"""After which a connection is not used again; the server closes one that was idle for a few seconds."""
VISITORS = 4
"""Of the website, at a time."""
Measured = TypeVar("Measured")


class Visit(NamedTuple):
    """The website's turns for a while, in milliseconds."""

    p50: float
    p95: float
    processor: float
    """Time of processors that the server used, whatever for, by the turns of the website meanwhile."""


class Beside(NamedTuple):
    """Visits with nobody else there, and between each two of them one beside the hanging API."""

    senders: int
    alone: List[Visit]
    beside: List[Visit]
    idle_alone: float
    """Seconds of processors that the server uses in a second in which nobody visits the website."""
    idle_beside: float
    """The same while the API hangs."""

    @property
    def p50(self) -> float:
        """How many times as long the median turn takes: each visit against those before and after; the median of them."""
        return _ratio([each.p50 for each in self.beside], [each.p50 for each in self.alone])

    @property
    def p95(self) -> float:
        """The same for the 95th percentile."""
        return _ratio([each.p95 for each in self.beside], [each.p95 for each in self.alone])

    @property
    def processor(self) -> float:
        """The same for the server's time of processors."""
        return _ratio([each.processor for each in self.beside], [each.processor for each in self.alone])

    @property
    def noise(self) -> float:
        """By which share the median turn changes from one visit alone to the next, when nothing is different: the median."""
        alone = [each.p50 for each in self.alone]
        return round(statistics.median(abs(after / before - 1) for before, after in pairwise(alone)), 3)


def _ratio(beside: List[float], alone: List[float]) -> float:
    around = [(before + after) / 2 for before, after in pairwise(alone)]
    return round(statistics.median(one / other for one, other in zip(beside, around)), 3)


class LatencyPlan(NamedTuple):
    """What is measured."""

    senders: int
    """Whose answers hang at the same time."""
    rounds: int
    each: int
    """Messages that a visitor of the website writes in a visit."""
    idle_seconds: float
    """For which nobody visits the website."""


async def measure_beside(apis: Apis, assistant: Assistant, plan: LatencyPlan) -> Beside:
    """Measures the website alone, beside senders whose answers hang, alone again, and so on.

    Args:
        apis: where the answers go.
        assistant: what is visited.
        plan: how much of it.
    """
    connections = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
    async with aiohttp.ClientSession(connector=connections) as session:
        say = over_rest(session, assistant.address())
        await warm_up(say)

        async def website() -> Visit:
            before = assistant.processor_seconds()
            load = await visit(say, Plan(VISITORS, plan.each))
            return Visit(load.p50, load.p95, round(1000 * (assistant.processor_seconds() - before) / load.messages, 2))

        async def nobody() -> float:
            before, begun = assistant.processor_seconds(), time.perf_counter()
            await asyncio.sleep(plan.idle_seconds)
            return round((assistant.processor_seconds() - before) / (time.perf_counter() - begun), 4)

        hanging = Hanging(session, apis, assistant, plan.senders)
        await website()  # the first visits are slower, whoever else is there
        idle = [await nobody(), await hanging.during(nobody)]
        alone, beside = [await website()], []
        for _ in range(plan.rounds):
            beside.append(await hanging.during(website))
            alone.append(await website())
    return Beside(plan.senders, alone, beside, *idle)


class Hanging:
    """Senders to whom the API takes nothing."""

    def __init__(self, session: aiohttp.ClientSession, apis: Apis, assistant: Assistant, senders: int) -> None:
        """Takes connections, where the answers go, who answers, and how many senders there are."""
        self._session = session
        self._apis = apis
        self._assistant = assistant
        self._senders = senders

    async def during(self, measure: Callable[[], Awaitable[Measured]]) -> Measured:
        """Measures something while the answers of new people hang, and lets them have their answers afterwards."""
        people = {somebody(CHANNEL) for _ in range(self._senders)}
        self._apis.holds = people.__contains__
        try:
            for who in people:
                path, body, headers = SAY[CHANNEL](who, "Is it safe?")
                async with self._session.post(self._assistant.address() + path, data=body, headers=headers) as response:
                    response.raise_for_status()
            while not people <= self._apis.held:
                await asyncio.sleep(LOOK_SECONDS)
            return await measure()
        finally:
            self._apis.holds = lambda to: False
            while await self._assistant.unanswered():
                await asyncio.sleep(LOOK_SECONDS)
