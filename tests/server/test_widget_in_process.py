"""The widget's channel in this process, where a session can be short and the database can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aiohttp import web
from channels.test_conversation import conversations_of
from running import free_port
from socketio import AsyncServer
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from widget_window import PATH, PATIENCE, new_id, visitor, window, words

from bot.settings import Settings, clinic

if TYPE_CHECKING:
    from bot.shell.session import Assistant

CANARY = "marmalade canary"
EMERGENCY = "911"
SECONDS = 1 / 3600


class Here(NamedTuple):
    """Where it listens."""

    port: int


@asynccontextmanager
async def channel(assistant: Assistant, **values: Any) -> AsyncIterator[Here]:
    """Serves the channel with settings of its own."""
    from bot.channels.widget import WidgetEvents

    sio = AsyncServer(async_mode="aiohttp")
    events = WidgetEvents(sio, Settings(**values), clinic())
    await events._begin(conversations_of(assistant))
    app = web.Application()
    sio.attach(app, PATH)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield Here(port)
    finally:
        await events._conversations.places.close(PATIENCE)
        await runner.cleanup()


@pytest.fixture
def failing() -> Iterator[Callable[[bool], None]]:
    """Lets every transaction of this process fail, or not."""
    state = {"fails": False}

    def commit(session: Session) -> None:
        if state["fails"]:
            raise SQLAlchemyError(CANARY)

    event.listen(Session, "before_commit", commit)
    yield lambda fails: state.update(fails=fails)
    event.remove(Session, "before_commit", commit)


async def test_a_window_that_stays_open_is_in_its_session_no_longer_than_the_token_lives(assistant: Assistant) -> None:
    async with channel(assistant, widget_hours=3.1 * SECONDS) as here, visitor(here) as opened, visitor(here) as later:
        assert await opened.say("Is it safe?")

        async def runs_out() -> None:
            while (await later.ask("transcript_request"))["status"] != "no_session":
                pass

        await asyncio.wait_for(runs_out(), PATIENCE)
        assert await opened.ask("user_uttered", {"id": new_id(), "text": "hello"}) == {"status": "no_session"}
        session = await opened.open(opened.token)
        assert (session["resumed"], session["messages"]) == (False, [])
        assert await opened.say("hello")


@pytest.mark.parametrize("name", ["user_uttered", "seen", "transcript_request", "erase_request"])
async def test_when_the_database_fails_every_event_is_refused_for_now_and_works_later(
    assistant: Assistant, failing: Callable[[bool], None], name: str
) -> None:
    content = {"id": new_id(), "text": CANARY, "seq": 1}
    async with channel(assistant) as here, visitor(here) as opened:
        with capture_logs() as logged:
            failing(True)
            refused = await opened.ask(name, content)
            failing(False)
        assert (refused["status"], refused["again"]) == ("refused", True)
        assert EMERGENCY in refused["text"]
        assert len(logged) == 1
        assert CANARY not in str(logged)
        assert (await opened.ask(name, content))["status"] in ("ok", "taken")
        if name == "user_uttered":
            assert words(await opened.until("bot_uttered"))


async def test_no_session_is_given_out_while_it_is_not_known_whether_the_conversation_was_deleted(
    assistant: Assistant, failing: Callable[[bool], None]
) -> None:
    async with channel(assistant) as here, visitor(here) as opened, window(here) as other:
        await opened.say("Is it safe?")
        failing(True)
        refused = await other.ask("session_request", {"token": opened.token})
        failing(False)
        assert (refused["status"], refused["again"]) == ("refused", True)
        assert await other.ask("transcript_request") == {"status": "no_session"}
        assert (await other.open(opened.token))["resumed"] is True
