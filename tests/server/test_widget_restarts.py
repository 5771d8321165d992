"""A server that is killed or stopped while visitors of the widget wait: they come back and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any, Dict, List, Set

import aiohttp
from running import Server, restarted, running_server
from sqlalchemy import select
from widget_window import PATH, Window, new_id, visitor

from bot.storage.database import make_engine, transaction
from bot.storage.models import WidgetMessage

WEBSITE = "https://clinic.example.com"
QUESTIONS = [
    "Is it safe?",
    "Does it hurt?",
    "Is it good for scars?",
    "How does it work?",
    "What does it cost?",
    "Who is it?",
]
STOP_LIMIT = 20

Content = Dict[str, Any]


async def test_after_a_kill_each_message_is_answered_once_and_after_a_stop_none_waits(tmp_path: Path) -> None:
    settings = {"widget_origins": WEBSITE}
    with running_server(tmp_path, **settings) as server:
        await the_website_is_let_in(server)
        async with visitor(server) as here:
            await here.say("hello")
            sent = {new_id(): question for question in QUESTIONS}
            for message_id, question in sent.items():
                await here.send(question, message_id=message_id)
            unsure = new_id()
            await here.emit("user_uttered", {"id": unsure, "text": "And wrinkles?"})
            end(server, signal.SIGKILL)
            token, seen = here.token, list(here.replies())
    assert unanswered(server), "it was killed too late to tell anything"

    with restarted(server, tmp_path, **settings) as again:
        async with visitor(again, token=token, after=seen[-1]["seq"]) as here:
            assert here.session["resumed"] is True
            for message_id, question in {**sent, unsure: "And wrinkles?"}.items():
                await here.send(question, message_id=message_id)
            await here.say("thanks")
            missed = here.session["messages"] + here.replies()
            async with visitor(again, token=token) as afresh:
                everything = afresh.session["messages"]
            check(everything, [*sent, unsure], seen, missed)
            await stop_while_messages_are_under_way(again, here)
        assert unanswered(again) == set()
        assert again.process.returncode == 0
        assert "Traceback" not in again.log()


def check(everything: List[Content], sent: List[str], seen: List[Content], missed: List[Content]) -> None:
    """Compares what is kept with what was sent, and with what the visitor was shown before and after the kill."""
    assert [message["seq"] for message in everything] == list(range(1, len(everything) + 1))
    asked = [message["id"] for message in everything if message["from"] == "visitor"]
    assert asked[1:-1] == sent, "each message once, in order"
    replies = [message for message in everything if message["from"] == "assistant"]
    for message_id in asked:
        said = [message["text"] for message in replies if message["reply_to"] == message_id]
        assert said
        assert len(set(said)) == len(said), "each reply once"
    shown = [*seen, *(message for message in missed if message["from"] == "assistant")]
    assert {message["seq"]: message for message in shown} == {message["seq"]: message for message in replies}
    assert len(shown) == len(replies), "nothing is shown again after the kill"


async def stop_while_messages_are_under_way(server: Server, here: Window) -> None:
    """Stops the server as `Ctrl-C` or the machine does; what was taken is answered before it ends."""
    last = [await here.send(question) for question in QUESTIONS]
    server.process.terminate()
    for message_id in last:
        await here.until("turn_end", id=message_id)
        assert here.replies_to(message_id)
    await asyncio.get_running_loop().run_in_executor(None, server.process.wait, STOP_LIMIT)


async def the_website_is_let_in(server: Server) -> None:
    async with aiohttp.ClientSession() as http:
        for origin, allowed in ((WEBSITE, [WEBSITE]), ("https://evil.example.com", []), (WEBSITE + ".evil.example.com", [])):
            address = f"http://127.0.0.1:{server.port}{PATH}/?EIO=4&transport=polling"
            async with http.get(address, headers={"Origin": origin}) as response:
                assert response.headers.getall("Access-Control-Allow-Origin", []) == allowed
                assert response.status == (200 if allowed else 400)


def end(server: Server, how: signal.Signals) -> None:
    server.process.send_signal(how)
    server.process.wait(STOP_LIMIT)


def unanswered(server: Server) -> Set[str]:
    """The messages of visitors that a server which has ended has left without an answer."""
    engine = make_engine(f"sqlite:///{server.data / 'assistant.db'}")
    with transaction(engine) as session:
        waiting = select(WidgetMessage.message_id).where(
            WidgetMessage.author == "visitor", WidgetMessage.answered_at.is_(None)
        )
        found = set(session.execute(waiting).scalars())
    engine.dispose()
    return found
