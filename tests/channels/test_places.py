"""Places: a bounded number of messages under way, and an end that waits for them."""

from __future__ import annotations

import asyncio

from bot.channels.places import Places

PATIENCE = 20.0


def test_there_are_as_many_places_as_were_given_and_one_that_is_free_again_can_be_taken() -> None:
    places = Places(2)
    assert [places.take() for _ in range(3)] == [True, True, False]
    places.free()
    assert [places.take(), places.take()] == [True, False]


async def test_the_end_waits_for_those_who_are_in_and_lets_nobody_in_any_more() -> None:
    places = Places(2)
    places.take()
    ending = asyncio.create_task(places.close(PATIENCE))
    while not places.closed:
        await asyncio.sleep(0)
    assert not places.take()
    assert not ending.done()
    places.free()
    assert await ending is True


async def test_the_end_does_not_wait_for_ever_nor_for_nobody() -> None:
    places = Places(2)
    places.take()
    assert await places.close(0.01) is False
    places.free()
    assert await places.close(PATIENCE) is True


async def test_the_end_waits_until_nobody_asks_any_more_but_not_for_ever() -> None:
    places = Places(1)
    await places.close(PATIENCE)
    asked = 0

    async def ask() -> None:
        nonlocal asked
        while asked < 10:
            asked += 1
            assert not places.take()
            await asyncio.sleep(0.01)

    asking = asyncio.create_task(ask())
    await places.until_nobody_asks(quiet=0.1, most=PATIENCE)
    assert (asked, asking.done()) == (10, True)
    places.take()
    await asyncio.wait_for(places.until_nobody_asks(quiet=PATIENCE, most=0.01), PATIENCE / 2)
