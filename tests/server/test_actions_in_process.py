"""Actions in the server's process: whatever one does, the visitor gets an answer and the others are served."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Dict

import misbehaving
import pytest
from structlog.testing import capture_logs

from bot.correlation import correlated
from bot.server.actions_in_process import MOST_AT_ONCE, InProcessActions

if TYPE_CHECKING:
    from bot.shell.session import Assistant

CANARY = "marmalade canary"
APOLOGY = {"events": [], "responses": [{"response": "utter_apology"}]}


@pytest.fixture
def actions() -> Iterator[InProcessActions]:
    misbehaving.LET_GO.clear()
    yield InProcessActions("misbehaving", time_limit=0.2)
    misbehaving.LET_GO.set()
    for thread in action_threads():
        thread.join(timeout=5)


def action_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "action"]


def call(name: str) -> Dict[str, Any]:
    message = {"text": CANARY, "intent": {"name": "safety"}, "entities": []}
    tracker = {"sender_id": "visitor", "slots": {}, "latest_message": message, "events": [], "paused": False}
    return {"next_action": name, "sender_id": "visitor", "tracker": tracker, "domain": {}}


async def test_events_and_words_of_an_action_come_back(actions: InProcessActions) -> None:
    result = await actions.request(json=call("test_fine"))
    assert [event["name"] for event in result["events"]] == ["x"]
    assert [response["text"] for response in result["responses"]] == ["fine"]


async def test_an_action_may_be_a_coroutine(actions: InProcessActions) -> None:
    result = await actions.request(json=call("test_coroutine"))
    assert [response["text"] for response in result["responses"]] == ["fine too"]


async def test_what_an_action_logs_carries_the_id_of_its_message(actions: InProcessActions) -> None:
    with correlated("message-0001"):
        result = await actions.request(json=call("test_tells_its_id"))
    assert [response["text"] for response in result["responses"]] == ["message-0001"]


@pytest.mark.parametrize(
    ("name", "error"),
    [("test_raises", "ValueError"), ("test_exits", "RuntimeError"), ("test_unknown", "ActionNotFoundException")],
)
async def test_an_action_that_fails_is_apologised_for_and_logged_without_words(
    name: str, error: str, actions: InProcessActions
) -> None:
    with capture_logs() as logs:
        assert await actions.request(json=call(name)) == APOLOGY
    assert [(line["event"], line["action"], line["error"]) for line in logs] == [("action.failed", name, error)]
    assert CANARY not in str(logs)


async def test_an_action_that_hangs_is_apologised_for_when_its_time_is_up(actions: InProcessActions) -> None:
    with capture_logs() as logs:
        assert await actions.request(json=call("test_hangs")) == APOLOGY
    assert [(line["event"], line["action"]) for line in logs] == [("action.hangs", "test_hangs")]
    assert CANARY not in str(logs)


async def test_an_action_that_returns_nothing_says_what_it_said(actions: InProcessActions) -> None:
    result = await actions.request(json=call("test_nothing"))
    assert result["events"] == []
    assert [response["text"] for response in result["responses"]] == ["said all the same"]


async def test_what_is_no_event_is_left_out(actions: InProcessActions) -> None:
    assert await actions.request(json=call("test_text")) == {"events": [], "responses": []}


async def test_others_are_served_while_one_hangs(actions: InProcessActions) -> None:
    hanging = asyncio.ensure_future(actions.request(json=call("test_hangs")))
    served = await asyncio.gather(*(actions.request(json=call("test_fine")) for _ in range(20)))
    assert all(result["responses"][0]["text"] == "fine" for result in served)
    assert not hanging.done()
    with capture_logs():
        assert await hanging == APOLOGY


async def test_actions_that_hang_do_not_pile_up_beyond_the_bound(actions: InProcessActions) -> None:
    with capture_logs() as logs:
        results = await asyncio.gather(*(actions.request(json=call("test_hangs")) for _ in range(MOST_AT_ONCE + 20)))
        assert len(action_threads()) == MOST_AT_ONCE
    assert results == [APOLOGY] * (MOST_AT_ONCE + 20)
    assert sum(line["event"] == "action.failed" for line in logs) == 20


async def test_places_are_free_again_when_actions_that_hung_end(actions: InProcessActions) -> None:
    with capture_logs():
        await asyncio.gather(*(actions.request(json=call("test_hangs")) for _ in range(MOST_AT_ONCE)))
    misbehaving.LET_GO.set()
    for thread in action_threads():
        thread.join(timeout=5)
    result = await actions.request(json=call("test_fine"))
    assert result["responses"][0]["text"] == "fine"


async def test_a_visitor_of_a_failing_action_gets_the_apology_and_others_their_answers(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise ValueError(CANARY)

    executor = assistant.agent.action_endpoint._executor
    monkeypatch.setitem(executor.actions, "action_answer", fail)
    conversation = assistant.conversation()
    with capture_logs() as logs:
        turn = await conversation.say("What is dry needling?")
    urgent = await assistant.conversation().say("I can't breathe and my chest hurts")
    assert turn.names == ["utter_apology"]
    assert urgent.names == ["utter_urgent_symptom"]
    assert [line["event"] for line in logs] == ["action.failed"]
    assert CANARY not in str(logs)
