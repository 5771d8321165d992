"""Messages that come twice or in another order, services that fail or hang, and a server that is killed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Dict, List

import pytest
from fakes import TOKEN, Api, Refusal, running_api, until
from people import SECRET, Person, Web, somebody, switched_on, update
from server.running import restarted, running_server
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from bot.channels.messaging.answers import Answers
from bot.channels.messaging.handover import conversations, say
from bot.channels.messaging.inbox import Inbox
from bot.channels.messaging.sending import Patience, Sending
from bot.channels.messaging.service import Inbound
from bot.channels.messaging.telegram import Telegram
from bot.channels.messaging.turns import Full, MessagingTurns, Post
from bot.clock import now
from bot.server.metrics import REGISTRY
from bot.shell.session import Assistant
from bot.storage.database import transaction
from bot.storage.models import MessagingMessage

FAST = Patience(tries=4, first_wait=0.01, timeout=5.0)
By = Callable[[str], Person]


@asynccontextmanager
async def working(
    assistant: Assistant, database: Engine, api: Api, process: int = 1, patience: Patience = FAST, most: int = 1000
) -> AsyncIterator[MessagingTurns]:
    """What a server does with the messages of Telegram, without the server."""
    service = Telegram(TOKEN, SECRET, api.address)
    sending = Sending(service, patience)
    posts = {"telegram": Post(service, sending)}
    turns = MessagingTurns(Inbox(database, process), Answers(assistant.conversations), posts, most)
    try:
        yield turns
    finally:
        await turns.end(10.0)
        await sending.close()


def picture(who: str) -> Inbound:
    """Costs the assistant no turn, and is answered all the same."""
    return Inbound("telegram", who, who, f"{who}-picture", {"unreadable": True})


def message(who: str, number: int, text: str = "thanks") -> Inbound:
    return Inbound("telegram", who, who, f"{who}-{number}", {"text": text}, place=number)


async def eventually(holds: Callable[[], bool]) -> None:
    """Waits, in a thread, until something holds."""
    await asyncio.get_running_loop().run_in_executor(None, until, holds)


def outcomes(database: Engine) -> Dict[str, int]:
    with transaction(database) as session:
        rows = session.execute(select(MessagingMessage.outcome, func.count()).group_by(MessagingMessage.outcome))
        return {outcome: count for outcome, count in rows}


def fates(channel: str = "telegram") -> Dict[str, float]:
    every = ("sent", "failed", "unwanted")
    return {
        fate: REGISTRY.get_sample_value("assistant_answers_sent_total", {"channel": channel, "outcome": fate}) or 0.0
        for fate in every
    }


def errors_logged(event: str) -> float:
    """By which staff are alerted."""
    return REGISTRY.get_sample_value("assistant_errors_total", {"event": event}) or 0.0


async def test_doubled_and_reordered_deliveries_give_one_answer_each(
    assistant: Assistant, database: Engine, api: Api
) -> None:
    people = [somebody("telegram") for _ in range(10)]
    deliveries = [message(who, number) for who in people for number in range(1, 5) for _ in range(3)]
    Random(6).shuffle(deliveries)
    async with working(assistant, database, api) as here, working(assistant, database, api, process=2) as there:
        turns = (here, there)
        await asyncio.gather(*(turns[number % 2].take([each]) for number, each in enumerate(deliveries)))
        await eventually(lambda: outcomes(database) == {"sent": 40})
    for who in people:
        assert len(api.to(who)) == 5, "who is speaking, and four answers"


async def test_a_batch_is_answered_in_order(assistant: Assistant, database: Engine, api: Api) -> None:
    who = somebody("telegram")
    async with working(assistant, database, api) as turns:
        await turns.take([message(who, 3, "goodbye"), message(who, 1, "hi"), message(who, 2, "What about scars?")])
        await eventually(lambda: outcomes(database) == {"sent": 3})
    said = api.to(who)
    assert "automated assistant" in said[0]
    assert any("scar" in text.casefold() for text in said[2:-1])
    assert any(word in said[-1] for word in ("Goodbye", "Take care", "Bye"))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_service_that_hangs_for_some_holds_up_nobody_else(assistant: Assistant, database: Engine, api: Api) -> None:
    stuck, others = {somebody("telegram") for _ in range(200)}, [somebody("telegram") for _ in range(5)]
    api.holds = stuck.__contains__
    try:
        async with working(assistant, database, api, patience=FAST._replace(timeout=30.0)) as turns:
            for each in (*map(picture, stuck), *[message(who, 1) for who in others]):
                await turns.take([each])
            await eventually(lambda: all(len(api.to(who)) == 2 for who in others))
            assert not any(api.to(who) for who in stuck)
            answered = await assistant.say("on-the-website", "Is it safe?", "widget")
            assert not answered.busy
            api.holds = lambda to: False
            await eventually(lambda: outcomes(database) == {"sent": 205})
    finally:
        api.holds = lambda to: False


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_of_those_who_wait_for_a_service_that_answers_nobody_one_at_a_time_tries_again(
    assistant: Assistant, database: Engine, api: Api
) -> None:
    stuck, new = {somebody("telegram") for _ in range(8)}, somebody("telegram")
    logged = errors_logged("messaging.silent")
    api.holds = stuck.__contains__
    try:
        async with working(assistant, database, api, patience=Patience(tries=2, first_wait=0.2, timeout=0.5)) as turns:
            await asyncio.gather(*(turns.take([picture(who)]) for who in stuck))
            await eventually(lambda: outcomes(database).get("ReadTimeout", 0) >= 2)
            await turns.take([message(new, 1)])
            await eventually(lambda: bool(api.to(new)))
            assert not any(api.to(who) for who in stuck)
            api.holds = lambda to: False
            await eventually(lambda: "" not in outcomes(database))
    finally:
        api.holds = lambda to: False
    assert errors_logged("messaging.silent") == logged + 1
    assert outcomes(database)["sent"] > len(stuck) / 2, "who waits has not been tried in vain meanwhile"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_an_answer_that_a_service_did_not_take_in_time_is_given_up_and_the_next_message_answered(
    assistant: Assistant, database: Engine, api: Api
) -> None:
    stuck, before = {somebody("telegram") for _ in range(8)}, fates()["failed"]
    api.holds = stuck.__contains__
    late = Patience(tries=1000, first_wait=0.01, timeout=0.3, longest=2.0)
    try:
        async with working(assistant, database, api, patience=late) as turns:
            await asyncio.gather(*(turns.take([picture(who)]) for who in stuck))
            await eventually(lambda: outcomes(database) == {"too late": len(stuck)})
            assert fates()["failed"] == before + len(stuck)
            api.holds = lambda to: False
            await asyncio.gather(*(turns.take([message(who, 2, "What about scars?")]) for who in stuck))
            await eventually(lambda: outcomes(database) == {"too late": len(stuck), "sent": len(stuck)})
    finally:
        api.holds = lambda to: False
    for who in stuck:
        assert any("scar" in text.casefold() for text in api.to(who))


async def test_what_fails_for_a_while_is_sent_again_in_order(assistant: Assistant, database: Engine, api: Api) -> None:
    who = somebody("telegram")
    api.refuses[who] = [Refusal(500), Refusal(502), Refusal(429, {"ok": False, "parameters": {"retry_after": 0}})]
    async with working(assistant, database, api) as turns:
        await turns.take([message(who, 1, "Is it safe?")])
        await eventually(lambda: outcomes(database) == {"sent": 1})
    assert len(api.to(who)) == 2
    assert "automated assistant" in api.to(who)[0]


async def test_a_service_that_asks_for_patience_gets_it(assistant: Assistant, database: Engine, api: Api) -> None:
    who, loop = somebody("telegram"), asyncio.get_running_loop()
    api.refuses[who] = [Refusal(429, {"ok": False, "parameters": {"retry_after": 1}})]
    async with working(assistant, database, api) as turns:
        began = loop.time()
        await turns.take([message(who, 1)])
        await eventually(lambda: bool(api.to(who)))
        assert loop.time() - began >= 1.0


@pytest.mark.parametrize(
    ("refusals", "outcome", "fate"),
    [
        ([Refusal(500)] * FAST.tries, "status 500", "failed"),
        ([Refusal(401)], "status 401", "failed"),
        ([Refusal(403)], "unwanted", "unwanted"),
    ],
    ids=["fails every time", "refuses for good", "was stopped by the person"],
)
async def test_what_is_given_up_is_recorded_and_the_next_message_answered(
    refusals: List[Refusal], outcome: str, fate: str, assistant: Assistant, database: Engine, api: Api
) -> None:
    who = somebody("telegram")
    api.refuses[who], before = list(refusals), fates()[fate]
    async with working(assistant, database, api) as turns:
        await turns.take([message(who, 1)])
        await eventually(lambda: outcomes(database) == {outcome: 1})
        assert fates()[fate] == before + 1
        await turns.take([message(who, 2, "What about scars?")])
        await eventually(lambda: outcomes(database) == {outcome: 1, "sent": 1})
    assert any("scar" in text.casefold() for text in api.to(who))


async def test_more_than_can_be_worked_on_has_to_come_again(assistant: Assistant, database: Engine, api: Api) -> None:
    first, second = somebody("telegram"), somebody("telegram")
    api.holds = first.__eq__
    try:
        async with working(assistant, database, api, most=1) as turns:
            await turns.take([message(first, 1)])
            with pytest.raises(Full):
                await turns.take([message(second, 1)])
            api.holds = lambda to: False
            await eventually(lambda: outcomes(database) == {"sent": 1})
            assert await _taken_in_the_end(turns, message(second, 1))
            await eventually(lambda: outcomes(database) == {"sent": 2})
    finally:
        api.holds = lambda to: False


async def _full_in_the_end(turns: MessagingTurns, inbound: Inbound) -> bool:
    """Delivers a message until it is not taken."""
    for _ in range(1000):
        try:
            await turns.take([inbound])
        except Full:
            return True
    return False


async def _taken_in_the_end(turns: MessagingTurns, inbound: Inbound) -> bool:
    """Delivers a message until it is taken, as services do."""
    for _ in range(1000):
        try:
            await turns.take([inbound])
        except Full:
            await asyncio.sleep(0.01)
        else:
            return True
    return False


async def test_what_a_process_left_is_answered_by_the_next(assistant: Assistant, database: Engine, api: Api) -> None:
    who = somebody("telegram")
    Inbox(database, 1).keep([message(who, 1, "Is it safe?")], now())
    async with working(assistant, database, api, process=2) as turns:
        looking = asyncio.create_task(turns.look_after())
        await eventually(lambda: outcomes(database) == {"sent": 1})
        looking.cancel()
    assert len(api.to(who)) == 2


async def test_what_comes_while_a_server_ends_is_answered_by_the_next(
    assistant: Assistant, database: Engine, api: Api
) -> None:
    who, places = somebody("telegram"), assistant.conversations.places
    places.closed = True
    try:
        async with working(assistant, database, api) as turns:
            await turns.take([message(who, 1, "Is it safe?")])
            assert await _full_in_the_end(turns, message(who, 1, "Is it safe?")), "services come again, to another server"
    finally:
        places.closed = False
    async with working(assistant, database, api, process=2) as turns:
        await turns.take([message(who, 1, "Is it safe?")])
        await eventually(lambda: outcomes(database) == {"sent": 1})
    assert len(api.to(who)) == 2


async def test_what_staff_wrote_while_no_server_ran_is_sent_by_the_next(
    assistant: Assistant, database: Engine, api: Api
) -> None:
    who = somebody("telegram")
    async with working(assistant, database, api) as turns:
        await turns.take([message(who, 1)])
        await eventually(lambda: outcomes(database) == {"sent": 1})
    with transaction(database) as session:
        (one,) = conversations(session, now(), every=True)
        say(session, one.reference, "This is Robin.", now(), "staff:sample")
    async with working(assistant, database, api, process=2) as turns:
        looking = asyncio.create_task(turns.look_after())
        await eventually(lambda: outcomes(database) == {"sent": 3})
        looking.cancel()
    assert "takes over here" in api.to(who)[-2]
    assert api.to(who)[-1] == "This is Robin."


async def test_a_message_that_ends_its_process_every_time_is_given_up(
    assistant: Assistant, database: Engine, api: Api
) -> None:
    who, inbox = somebody("telegram"), Inbox(database, 1)
    (sender,) = inbox.keep([message(who, 1)], now())
    for _ in range(4):
        assert inbox.next(sender, now())
    inbox.let_go()
    async with working(assistant, database, api, process=2) as turns:
        await turns.take([message(who, 2, "What about scars?")])
        await eventually(lambda: outcomes(database) == {"interrupted": 1, "sent": 1})


@pytest.fixture
def own_api() -> Iterator[Api]:
    with running_api() as running:
        yield running
        assert running.wrong == []


def test_a_server_that_is_killed_loses_nothing_and_goes_on_in_the_middle(own_api: Api, tmp_path: Any) -> None:
    with running_server(tmp_path, **switched_on(own_api)) as server:
        dana = Person(Web(server.port), own_api, somebody("telegram"))
        dana.say("hi", 2)
        dana.say("I'd like to find a cosmetic provider", 2)
        own_api.holds = dana.who.__eq__
        details = update(int(dana.who), "I'm Dana, dana@example.com, about wrinkles, in Grande Prairie, after five")
        assert Web(server.port).telegram(details) == 200
        until(lambda: own_api.held == {dana.who})
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    own_api.holds = lambda to: False
    with restarted(server, tmp_path, **switched_on(own_api)) as server:
        assert Web(server.port).telegram(details) == 200
        assert "Sample Provider" in dana.read(4)
        dana.press("1. Sample Provider", 2)
        assert "reference code" in dana.press("Yes, send it")
