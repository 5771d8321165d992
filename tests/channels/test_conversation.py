"""A message's whole way: whatever fails behind the door, the visitor gets an answer and the log none of the words."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Awaitable, Callable

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.channels.buttons import ButtonSigner
from bot.server.lock_store import ConversationBusy
from bot.settings import Settings, clinic

if TYPE_CHECKING:
    from bot.channels.conversation import Conversations
    from bot.shell.session import Assistant

CANARY = "marmalade canary"
Handler = Callable[[Any], Awaitable[None]]


def conversations_of(assistant: Assistant, **values: Any) -> Conversations:
    from bot.channels.conversation import Conversations

    return Conversations(assistant.agent, Settings(**values), clinic(), ButtonSigner("k" * 32))


def behave(assistant: Assistant, monkeypatch: pytest.MonkeyPatch, handler: Handler) -> None:
    monkeypatch.setattr(assistant.agent, "handle_message", handler)


async def test_an_error_is_apologised_for_and_logged_without_words(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(message: Any) -> None:
        raise RuntimeError(message.text)

    behave(assistant, monkeypatch, fail)
    with capture_logs() as logs:
        turn = await conversations_of(assistant).say("visitor", CANARY)
    assert turn.failed
    assert turn.names == ["utter_apology"]
    assert clinic().emergency_number in turn.messages[0]["text"]
    assert [line["event"] for line in logs] == ["turn.failed"]
    assert logs[0]["error"] == "RuntimeError"
    assert CANARY not in str(logs)


async def test_a_turn_that_hangs_ends_with_an_apology(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(message: Any) -> None:
        await asyncio.Event().wait()

    behave(assistant, monkeypatch, hang)
    with capture_logs() as logs:
        turn = await conversations_of(assistant, turn_timeout_seconds=0.05).say("visitor", CANARY)
    assert turn.failed
    assert turn.names == ["utter_apology"]
    assert [line["event"] for line in logs] == ["turn.hangs"]


async def test_a_long_message_that_is_being_read_holds_up_nobody_with_a_short_one(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, begun, go = assistant.agent.parse_message, threading.Event(), threading.Event()

    async def slowly(text: str) -> Any:
        if CANARY in text:
            begun.set()
            assert go.wait(30)
        return await read(text)

    monkeypatch.setattr(assistant.agent, "parse_message", slowly)
    conversations = conversations_of(assistant)
    long = asyncio.create_task(conversations.say("somebody", f"{CANARY}, {'and it goes on and on, ' * 10}. Is it safe?"))
    assert await asyncio.get_running_loop().run_in_executor(None, begun.wait, 30)
    assert "utter_cost_insurance" in (await conversations.say("visitor", "What does it cost?")).names
    assert not long.done()
    go.set()
    assert not (await long).failed


async def test_whoever_comes_when_all_places_are_taken_is_asked_to_try_again_and_an_emergency_gets_its_script(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def wait(message: Any) -> None:
        begun.set()
        await go.wait()
        await message.output_channel.send_response("visitor", {"text": "done"})

    behave(assistant, monkeypatch, wait)
    conversations = conversations_of(assistant, turns_at_once=1)
    first = asyncio.create_task(conversations.say("visitor", "Is it safe?"))
    await begun.wait()
    busy = await conversations.say("other", "Is it safe?")
    urgent = [await conversations.say("other", message) for message in ("I can't breathe", "I want to kill myself")]
    endless = await conversations.say("other", "I can't breathe " * 1000)
    go.set()
    assert (await first).messages == [{"recipient_id": "visitor", "text": "done"}]
    assert (busy.names, busy.busy, busy.refused) == (["utter_busy"], True, True)
    assert clinic().emergency_number in busy.messages[0]["text"]
    assert [turn.names for turn in urgent] == [["utter_urgent_symptom"], ["utter_urgent_crisis"]]
    assert urgent[0].messages[0]["custom"] == {"kind": "urgent"}
    assert endless.names == ["utter_busy"]
    assert not (await conversations.say("other", "Is it safe?")).busy


async def test_a_conversation_that_another_replica_does_not_let_go_of_is_busy(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def waited_in_vain(message: Any) -> None:
        raise ConversationBusy(message.text)

    behave(assistant, monkeypatch, waited_in_vain)
    with capture_logs() as logs:
        turn = await conversations_of(assistant).say("visitor", CANARY)
    assert (turn.names, turn.busy) == (["utter_busy"], True)
    assert CANARY not in str(logs)


async def test_silence_is_turned_into_an_apology(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def say_nothing(message: Any) -> None:
        return None

    behave(assistant, monkeypatch, say_nothing)
    with capture_logs() as logs:
        turn = await conversations_of(assistant).say("visitor", CANARY)
    assert turn.names == ["utter_apology"]
    assert [line["event"] for line in logs] == ["turn.silent"]


async def test_an_emergency_in_a_turn_that_fails_gets_its_script(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(message: Any) -> None:
        raise RuntimeError(message.text)

    behave(assistant, monkeypatch, fail)
    turn = await conversations_of(assistant).say("visitor", "I can't breathe")
    assert turn.failed
    assert turn.names == ["utter_urgent_symptom"]


async def test_a_failed_save_is_not_passed_off_as_an_answer(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cannot_save(tracker: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(assistant.agent.tracker_store, "save", cannot_save)
    turn = await conversations_of(assistant).say("unsaved", "Is it safe?")
    assert turn.failed
    assert turn.names == ["utter_apology"]


async def test_when_the_database_is_away_sending_again_goes_on_where_it_was(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations = conversations_of(assistant)
    await conversations.say("away", "please call me back")
    with monkeypatch.context() as broken:
        broken.setattr("bot.server.conversation_rows.transaction", no_database)
        away = await conversations.say("away", "Dana")
    again = await conversations.say("away", "Dana")
    assert away.names == ["utter_message_not_kept"]
    assert again.names == ["utter_ask_enquiry_contact"]


def no_database(on: Any) -> Any:
    raise OperationalError("SELECT 1", {}, OSError("the database is away"))


async def test_many_messages_at_once_are_answered_in_order_or_refused_kindly(assistant: Assistant) -> None:
    conversations = conversations_of(assistant, waiting_per_conversation=3)
    turns = await asyncio.gather(*(conversations.say("crowd", "Is it safe?") for _ in range(6)))
    assert [turn.refused for turn in turns] == [False, False, False, True, True, True]
    assert turns[0].names[0] == "utter_notice"
    assert turns[5].names == ["utter_too_fast"]
    assert clinic().emergency_number in turns[5].messages[0]["text"]


async def test_a_message_that_is_too_long_is_refused_with_the_limit_and_the_emergency_number(assistant: Assistant) -> None:
    turn = await conversations_of(assistant, message_max_characters=100).say("long", "x" * 101)
    assert turn.refused
    assert "100 characters" in turn.messages[0]["text"]
    assert clinic().emergency_number in turn.messages[0]["text"]


async def test_a_click_is_answered_without_reading_any_text(assistant: Assistant) -> None:
    conversations = conversations_of(assistant)
    first = await conversations.say("clicker", "Is it safe?")
    button = first.messages[-1]["buttons"][0]
    turn = await conversations.say("clicker", button["payload"])
    stolen = await conversations.say("thief", button["payload"])
    assert turn.names == ["utter_provider_qualifications"]
    assert stolen.names == ["utter_stale_button"]


async def test_a_visitor_who_comes_back_after_the_session_ended_is_greeted_afresh(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = assistant.conversation()
    first = await conversation.say("Is it safe?")
    minutes = assistant.agent.domain.session_config.session_expiration_time
    tracker = await conversation.tracker()
    for event in tracker.events:
        event.timestamp -= 60 * minutes + 1
    await assistant.agent.tracker_store.save(tracker)
    again = await conversation.say("yes")
    assert first.names[0] == "utter_notice"
    assert again.names[0] == "utter_notice"
    await assistant.forget(conversation.id)
