"""Every message is counted once, by how it ended, and its time by where it went."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bot.channels.buttons import ButtonSigner
from bot.server.metrics import NOT_UNDERSTOOD, OUTCOMES, REGISTRY, STAGES
from bot.server.turn_watch import TurnWatch, watched
from bot.settings import ROOT, Settings, clinic

if TYPE_CHECKING:
    from bot.channels.conversation import Conversations
    from bot.shell.session import Assistant


def conversations_of(assistant: Assistant, **values: Any) -> Conversations:
    from bot.channels.conversation import Conversations

    return Conversations(assistant.agent, Settings(**values), clinic(), ButtonSigner("k" * 32))


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def turns() -> dict[str, float]:
    return {outcome: value("assistant_turns_total", channel="rest", outcome=outcome) for outcome in OUTCOMES}


def risen(before: dict[str, float]) -> dict[str, float]:
    return {name: after - before[name] for name, after in turns().items() if after != before[name]}


async def test_an_answered_message_counts_with_its_questions_and_the_time_of_each_stage(assistant: Assistant) -> None:
    before, seconds = turns(), value("assistant_turn_seconds_sum", channel="rest")
    stages = {name: value("assistant_stage_seconds_sum", stage=name) for name in STAGES}
    intents = [value("assistant_intents_total", intent=name) for name in ("safety", "scars")]
    await conversations_of(assistant).say("counted", "Is it safe, and what about scars?")
    assert risen(before) == {"answered": 1}
    assert [value("assistant_intents_total", intent=name) for name in ("safety", "scars")] == [n + 1 for n in intents]
    spent = {name: value("assistant_stage_seconds_sum", stage=name) - before for name, before in stages.items()}
    assert all(spent[name] > 0 for name in STAGES)
    whole = value("assistant_turn_seconds_sum", channel="rest") - seconds
    assert 0.8 * whole < sum(spent.values()) <= whole, "the stages are the turn, and nothing is counted twice"
    assert value("assistant_turns_under_way") == 0


async def test_what_is_not_let_in_counts_by_its_reason(assistant: Assistant) -> None:
    conversations, before = conversations_of(assistant, message_max_characters=100, waiting_per_conversation=1), turns()
    reasons = ("too_long", "empty", "stale_button", "busy")
    counted = {reason: value("assistant_refused_total", channel="rest", reason=reason) for reason in reasons}
    for message in ("x" * 101, "", "button:affirm:1"):
        await conversations.say("refused", message)
    await asyncio.gather(conversations.say("refused", "hello"), conversations.say("refused", "hello"))
    assert risen(before) == {"refused": 3, "busy": 1, "answered": 1}
    for reason in reasons:
        assert value("assistant_refused_total", channel="rest", reason=reason) == counted[reason] + 1


async def test_a_failure_and_somebody_who_goes_away_count_as_such(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, before = asyncio.Event(), turns()

    async def fail(message: Any) -> None:
        raise RuntimeError

    async def hang(message: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(assistant.agent, "handle_message", fail)
    await conversations_of(assistant).say("fails", "Is it safe?")
    monkeypatch.setattr(assistant.agent, "handle_message", hang)
    task = asyncio.create_task(conversations_of(assistant).say("leaves", "Is it safe?"))
    await begun.wait()
    assert value("assistant_turns_under_way") == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert risen(before) == {"failed": 1, "cancelled": 1}
    assert value("assistant_turns_under_way") == 0


async def test_what_is_urgent_and_what_is_not_understood_is_counted(assistant: Assistant) -> None:
    urgent, asked_back = value("assistant_urgent_total", urgency="urgent_symptom"), value("assistant_fallbacks_total")
    conversations = conversations_of(assistant)
    await conversations.say("urgent", "I can't breathe since the needling")
    await conversations.say("lost", "the thing with the whatsit from my cousin")
    await conversations.say("form", "please call me back")
    await conversations.say("form", "Dana")
    assert value("assistant_urgent_total", urgency="urgent_symptom") == urgent + 1
    assert value("assistant_fallbacks_total") == asked_back + 1, "a name given to the form was understood"


def test_an_intent_that_the_domain_does_not_have_counts_as_other() -> None:
    watch = TurnWatch("rest")
    watch.read({"intent": {"name": "780-555-0119"}, "questions": ["safety", "Dana"]}, ["safety"])
    assert watch.intents == ["safety", "other"]


def test_time_in_the_database_is_not_counted_again_in_the_dialogue(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 1.0, 2.0, 5.0, 9.0, 9.0])
    monkeypatch.setattr("bot.server.turn_watch.perf_counter", lambda: next(seconds))
    watch = TurnWatch("rest")
    with watch.stage("dialogue"), watch.stage("store"):
        pass
    assert watch.seconds == {"store": 3.0, "dialogue": 5.0}


def test_a_turn_that_breaks_off_leaves_nothing_behind() -> None:
    with pytest.raises(KeyError), watched("breaks", "rest"):
        raise KeyError
    assert value("assistant_turns_under_way") == 0


def test_the_responses_that_ask_back_are_in_the_domain() -> None:
    domain = yaml.safe_load((ROOT / "domain" / "conversation.yml").read_text(encoding="utf-8"))
    assert set(domain["responses"]) >= NOT_UNDERSTOOD
