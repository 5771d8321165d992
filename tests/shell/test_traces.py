"""What `:trace` says of a turn."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.shell.rule_names import RuleNames

Talk = Callable[..., Awaitable[str]]


async def test_a_trace_shows_how_the_message_was_read(talk: Talk) -> None:
    shown = await talk(":trace", "Is it safe, and what about scars?")
    assert "| whole: Is it safe, and what about scars?" in shown
    assert "| question: Is it safe" in shown
    assert re.search(r"\|   scars 0\.\d\d; nearest: .+ \([01]\.\d\d\)", shown)
    assert re.search(r"urgency scores: symptom [+-]\d+\.\d, crisis [+-]\d+\.\d, amber [+-]\d+\.\d", shown)
    assert re.search(r"\| intent: (?:safety|scars) [01]\.\d\d \(questions: safety, scars\)", shown)
    assert "| urgency: none" in shown
    assert re.search(r"\| \d+ ms", shown)


async def test_a_facet_is_shown_beside_its_intent(talk: Talk) -> None:
    assert "booking_hours_location/hours" in await talk(":trace", "what are your opening hours?")


async def test_a_trace_names_the_rule_and_the_slots_that_changed(talk: Talk) -> None:
    shown = await talk(":trace", "what does it cost?")
    rule = "rule: a question that the article leaves open gets an honest answer (RulePolicy) -> action_answer"
    assert f"| {rule}" in shown
    assert "| answer: utter_notice, utter_cost_insurance" in shown
    assert "last_turn: None -> offer" in shown
    assert "last_answer: None -> utter_cost_insurance" in shown


async def test_a_trace_names_the_story_that_depends_on_the_turn_before(talk: Talk) -> None:
    shown = await talk("what does it cost?", ":trace", "no thanks")
    story = "story: the offer is declined (MemoizationPolicy) -> utter_offer_declined, action_close_offer"
    assert f"| {story}" in shown
    assert "last_turn: offer -> None" in shown


async def test_an_emergency_is_decided_by_its_rule(talk: Talk) -> None:
    shown = await talk(":trace", "I can't breathe")
    assert "| urgency: urgent_symptom" in shown
    assert "| rule: a physical emergency gets the emergency script (RulePolicy) -> utter_urgent_symptom" in shown


async def test_a_click_is_shown_as_one(talk: Talk) -> None:
    assert "| a button was clicked; intent: provider_qualifications 1.00" in await talk("is it safe?", ":trace", "1")


async def test_what_the_door_refuses_was_not_read(talk: Talk) -> None:
    shown = await talk(":trace", "?!")
    assert "| the door refused the message; nothing was read" in shown
    assert "| answer: utter_empty" in shown


async def test_a_trace_survives_the_shortening_of_a_long_conversation(talk: Talk) -> None:
    await talk(*["is it safe?", "what about scars?"] * 10)
    shown = await talk(":trace", "tell me more")
    assert "| story: tell me more after an answer (MemoizationPolicy) -> action_more" in shown


async def test_trace_is_off_again_when_asked_twice(talk: Talk) -> None:
    shown = await talk(":trace", ":trace", "is it safe?")
    assert "urgency scores" not in shown


@pytest.mark.parametrize(
    ("policy", "intent", "action", "slots", "expected"),
    [
        ("RulePolicy", "affirm", "action_answer", {"last_turn": None}, "rule: yes and no to nothing"),
        ("RulePolicy", "affirm", "action_answer", {"last_turn": "offer"}, None),
        ("MemoizationPolicy", "affirm", "action_pass_on", {"last_turn": "offer"}, "story: the offer is accepted"),
        ("RulePolicy", "affirm", "action_pass_on", {"last_turn": "offer"}, None),
    ],
)
def test_a_name_is_given_only_when_policy_intent_action_and_slots_fit(
    policy: str, intent: str, action: str, slots: dict[str, object], expected: str | None
) -> None:
    assert RuleNames().find(policy, intent, action, slots) == expected


def test_a_rule_without_a_visitor_has_no_name_to_give(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text("rules: [{rule: r, steps: [{action: utter_x}]}]", encoding="utf-8")
    (tmp_path / "stories.yml").write_text("stories: []", encoding="utf-8")
    assert RuleNames(tmp_path).find("RulePolicy", "greet", "utter_x", {}) is None
