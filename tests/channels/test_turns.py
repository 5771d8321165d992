"""Turns: one at a time, in order, a bounded number waiting, nothing left behind."""

from __future__ import annotations

import asyncio
from typing import List

import pytest

from bot.channels.turns import TooManyWaiting, Turns


async def take(turns: Turns, conversation: str, number: int, done: List[int], gate: asyncio.Event) -> None:
    async with turns.of(conversation):
        await gate.wait()
        done.append(number)


async def test_turns_are_taken_in_the_order_in_which_they_were_asked_for() -> None:
    turns, done, gate = Turns(50), [], asyncio.Event()
    tasks = [asyncio.create_task(take(turns, "a", number, done, gate)) for number in range(50)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    assert done == list(range(50))


async def test_only_one_turn_of_a_conversation_is_inside() -> None:
    turns, inside, most = Turns(20), 0, 0

    async def one() -> None:
        nonlocal inside, most
        async with turns.of("a"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(one() for _ in range(20)))
    assert most == 1


async def test_what_is_too_much_is_refused_at_once_and_the_rest_is_served() -> None:
    turns, done, gate = Turns(3), [], asyncio.Event()
    tasks = [asyncio.create_task(take(turns, "a", number, done, gate)) for number in range(5)]
    refused, _ = await asyncio.wait(tasks, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert all(isinstance(task.exception(), TooManyWaiting) for task in refused)
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, TooManyWaiting) for result in results] == [False, False, False, True, True]
    assert done == [0, 1, 2]


async def test_conversations_do_not_wait_for_each_other() -> None:
    turns, done, gate = Turns(3), [], asyncio.Event()
    blocked = asyncio.create_task(take(turns, "slow", 1, done, gate))
    await asyncio.sleep(0)
    opened = asyncio.Event()
    opened.set()
    await asyncio.wait_for(take(turns, "other", 2, done, opened), timeout=5)
    assert done == [2]
    gate.set()
    await blocked


async def test_nothing_is_kept_after_turns_that_end_fail_are_cancelled_or_refused() -> None:
    turns, done, gate = Turns(3), [], asyncio.Event()
    tasks = [asyncio.create_task(take(turns, "a", number, done, gate)) for number in range(4)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()
    gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    with pytest.raises(ZeroDivisionError):
        async with turns.of("a"):
            raise ZeroDivisionError
    assert done == [2]
    assert turns._locks == {}
    assert turns._inside == {}
