"""Deliveries as they should not be: cut, doubled, in another order, to a server that is restarted, with APIs that fail."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Awaitable, Callable, Dict, List, NamedTuple, Set, Tuple
from urllib.parse import urlsplit

import aiohttp

from bot.evaluation.messaging_apis import CUT, Apis, Refusal
from bot.evaluation.messaging_people import GREETING, QUESTIONS, Counted, Openings, count, opening
from bot.evaluation.messaging_samples import SAY, Delivery, somebody

WAIT_SECONDS = 0.2
"""Until a service delivers again what was not acknowledged."""
LOOK_SECONDS = 0.05
"""Until it is looked again whether everything is answered."""
LATE_SHARE, LATE_SECONDS = 0.1, 1.0
TRIES = (1, 1, 2, 3)
"""How often a message is delivered though it was acknowledged: one of these."""
ACKNOWLEDGED, NO_CONNECTION = "acknowledged", "no connection"
MIDDLE, END = "cut in the middle", "cut before the answer"
CUTS = (None, None, None, MIDDLE, END)
"""What happens to the first delivery of a message: one of these."""
REFUSALS: Dict[str, Tuple[Refusal, ...]] = {
    "telegram": (Refusal(429, {"ok": False, "parameters": {"retry_after": 0}}), Refusal(502), CUT),
    "sms": (Refusal(429, None, {"Retry-After": "0"}), Refusal(503), CUT),
    "whatsapp": (Refusal(429, None, {"Retry-After": "0"}), Refusal(500), CUT),
    "messenger": (Refusal(400, {"error": {"code": 613}}), Refusal(500, {"error": {"code": 2}}), CUT),
    "slack": (Refusal(200, {"ok": False, "error": "ratelimited"}, {"Retry-After": "0"}), Refusal(503), CUT),
}
MOST_REFUSALS = 4
"""Of one person, fewer than the tries after which a message is given up."""


class Assistant(NamedTuple):
    """What is delivered to, and how to look at it."""

    address: Callable[[], str]
    """Where it is now."""
    unanswered: Callable[[], Awaitable[int]]
    """How many messages it has taken and not yet answered."""
    restart: Callable[[], Awaitable[None]]
    processor_seconds: Callable[[], float]
    """Time of processors that it has used."""


class Faulty(NamedTuple):
    """What was done, and what came of it."""

    people: int
    messages: int
    deliveries: Dict[str, int]
    """By what happened to them."""
    not_taken: Dict[str, int]
    """Tries to deliver that do not count: the assistant was being restarted, or had too much to do."""
    refusals: int
    """Requests that an API did not take, or cut."""
    counted: Counted


class Deliverer:
    """Delivers as services do: again until it is acknowledged; and as they should not."""

    def __init__(self, session: aiohttp.ClientSession, assistant: Assistant, chance: random.Random) -> None:
        """Takes connections, the assistant, and what draws the faults."""
        self._session = session
        self._assistant = assistant
        self._chance = chance
        self.deliveries: Counter[str] = Counter()
        self.not_taken: Counter[str] = Counter()

    async def deliver(self, delivery: Delivery) -> None:
        """Delivers a message with the faults that are drawn for it."""
        cut = self._chance.choice(CUTS)
        if cut and await self._is_cut(
            delivery, delivery.body[: len(delivery.body) // 2] if cut == MIDDLE else delivery.body
        ):
            self.deliveries[cut] += 1
        await asyncio.gather(*[self.until_taken(delivery) for _ in range(self._chance.choice(TRIES))])

    async def until_taken(self, delivery: Delivery) -> None:
        """Delivers a message until it is acknowledged."""
        while (outcome := await self._once(delivery)) != ACKNOWLEDGED:
            self.not_taken[outcome] += 1
            await asyncio.sleep(WAIT_SECONDS)
        self.deliveries[ACKNOWLEDGED] += 1

    async def _once(self, delivery: Delivery) -> str:
        try:
            async with self._session.post(
                self._assistant.address() + delivery.path, data=delivery.body, headers=delivery.headers
            ) as response:
                return ACKNOWLEDGED if response.status == 200 else f"status {response.status}"
        except aiohttp.ClientError:  # it is being restarted
            return NO_CONNECTION

    async def _is_cut(self, delivery: Delivery, body: bytes) -> bool:
        """Sends so much of a request, and hangs up; False when there is nobody to send it to."""
        place = urlsplit(self._assistant.address())
        headers = {**delivery.headers, "Host": place.netloc, "Content-Length": str(len(delivery.body))}
        head = f"POST {delivery.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        try:
            _, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(f"{head}\r\n".encode("latin-1") + body)
            await writer.drain()
            writer.close()
        except OSError:
            self.not_taken[NO_CONNECTION] += 1
            return False
        return True


async def deliver_badly(apis: Apis, assistant: Assistant, deliveries: int, at_once: int, chance: random.Random) -> Faulty:
    """Lets people ask every question until so many deliveries were made, restarts the assistant in the middle, and counts.

    Args:
        apis: where the answers go.
        assistant: what is delivered to.
        deliveries: about how many; the last people finish what they ask.
        at_once: people who write at the same time.
        chance: draws the faults.
    """
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        deliverer = Deliverer(session, assistant, chance)
        openings, parts = await _learn(apis, assistant, deliverer)
        deliverer.deliveries.clear()
        refused = apis.refused
        people: Dict[str, str] = {}

        async def crowd(until: int) -> None:
            while deliverer.deliveries.total() < until:
                channel = chance.choice(list(SAY))
                who = somebody(channel)
                people[who] = channel
                apis.refuses[who] = [chance.choice(REFUSALS[channel]) for _ in range(chance.randint(0, MOST_REFUSALS))]
                if chance.random() < LATE_SHARE:
                    late.add(who)
                await _ask(deliverer, who, channel, chance)

        late: Set[str] = set()
        apis.delay = lambda to: LATE_SECONDS if to in late else 0.0
        try:
            await asyncio.gather(*[crowd(deliveries // 2) for _ in range(at_once)])
            await asyncio.gather(assistant.restart(), *[crowd(deliveries) for _ in range(at_once)])
            await _until_answered(assistant)
        finally:
            apis.delay = lambda to: 0.0
    counted = count(people, openings, parts, apis.sent)
    done, in_vain = dict(sorted(deliverer.deliveries.items())), dict(sorted(deliverer.not_taken.items()))
    return Faulty(len(people), len(people) * len(QUESTIONS), done, in_vain, apis.refused - refused, counted)


async def _learn(apis: Apis, assistant: Assistant, deliverer: Deliverer) -> Tuple[Dict[str, Openings], List[str]]:
    """Returns how each question is answered on each channel, as somebody sees it whom nothing goes wrong for."""
    openings: Dict[str, Openings] = {}
    parts: List[str] = []
    for channel, say in SAY.items():
        who = somebody(channel)
        openings[channel] = {}
        for question in QUESTIONS:
            before = len(apis.sent)
            await deliverer.until_taken(say(who, question))
            await _until_answered(assistant)
            answer = [opening(sent.text) for sent in apis.sent[before:] if sent.to == who]
            if not openings[channel]:
                openings[channel][GREETING] = answer.pop(0)
            openings[channel][question] = answer[0]
            parts += answer[1:]
    return openings, parts


async def _ask(deliverer: Deliverer, who: str, channel: str, chance: random.Random) -> None:
    """Two questions at a time, so that either may arrive first."""
    said = [SAY[channel](who, question) for question in QUESTIONS]
    for first in range(0, len(said), 2):
        pair = said[first : first + 2]
        chance.shuffle(pair)
        await asyncio.gather(*[deliverer.deliver(delivery) for delivery in pair])


async def _until_answered(assistant: Assistant) -> None:
    while await assistant.unanswered():
        await asyncio.sleep(LOOK_SECONDS)
