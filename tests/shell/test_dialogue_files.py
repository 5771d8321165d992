"""Dialogue files: what is wrong in one is said clearly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.channels.short_answers import Turn
from bot.shell.dialogue import DialogueError, Expectation, play, problems_of, read_dialogue, report

if TYPE_CHECKING:
    from bot.shell.session import Assistant

TURN = Turn([{"text": "Call 911.", "buttons": [{"title": "Yes", "payload": "p"}]}], ["utter_a"], refused=False, failed=False)


def dialogue_file(folder: Path, content: str) -> Path:
    path = folder / "talk.yml"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("steps: [", "not valid YAML"),
        ("- user: hi", "should start with 'steps:'"),
        ("step: []", "unknown step; known are channel, steps"),
        ("steps: []", "pairs"),
        ("steps: [{user: hi}]", "pairs"),
        ("channel: fax\nsteps: [{user: hi}, {bot: {has: [x]}}]", "channel should be one of rest, text"),
        ("steps: [{says: hi}, {bot: {has: [x]}}]", "pair 1: the first step should have either 'user' or 'click'"),
        ("steps: [{user: hi, click: x}, {bot: {has: [x]}}]", "either 'user' or 'click'"),
        ("steps: [{user: hi, loud: true}, {bot: {has: [x]}}]", "unknown loud"),
        ("steps: [{click: hi, repeat: 2}, {bot: {has: [x]}}]", "unknown repeat"),
        ("steps: [{user: 7}, {bot: {has: [x]}}]", "should be text"),
        ("steps: [{user: hi, repeat: 0}, {bot: {has: [x]}}]", "a number above 0"),
        ("steps: [{user: hi}, {bot: {}}]", "'bot' step with one of"),
        ("steps: [{user: hi}, {user: hi}]", "'bot' step with one of"),
        ("steps: [{user: hi}, {bot: {hass: [x]}}]", "unknown hass; known are buttons, has, lacks, responses"),
        ("steps: [{user: hi}, {bot: {has: x}}]", "'has' should be a list of texts"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(content: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(DialogueError, match=complaint) as raised:
        read_dialogue(dialogue_file(tmp_path, content))
    assert "talk.yml" in str(raised.value)


@pytest.mark.parametrize(
    ("expected", "problems"),
    [
        (Expectation(["utter_a"], ["call 911"], ["scars"], ["Yes"]), []),
        (Expectation(["utter_b"], [], [], None), ["expected utter_b"]),
        (Expectation([], [], [], None), ["expected "]),
        (Expectation(None, ["988"], [], None), ["the words '988' are missing"]),
        (Expectation(None, [], ["CALL"], None), ["the words 'CALL' should not be there"]),
        (Expectation(None, [], [], ["No"]), ["the button 'No' is missing"]),
        (Expectation(None, [], [], []), ["there should be no buttons"]),
    ],
)
def test_every_kind_of_expectation_can_fail(expected: Expectation, problems: list[str]) -> None:
    assert problems_of(expected, TURN) == problems


async def test_a_missing_button_ends_the_dialogue_and_is_reported(assistant: Assistant, tmp_path: Path) -> None:
    content = "steps: [{user: hi}, {bot: {has: [Hello]}}, {click: Fly}, {bot: {has: [x]}}, {user: bye}, {bot: {has: [x]}}]"
    played = await play(assistant, read_dialogue(dialogue_file(tmp_path, content)))
    assert [step.problems for step in played] == [[], ["there is no such button"]]
    assert "clicks: 'Fly'\n  ! there is no such button" in report(played)


async def test_a_repeated_text_is_sent_whole_and_shown_in_short(assistant: Assistant, tmp_path: Path) -> None:
    path = dialogue_file(tmp_path, "steps: [{user: 'ab ', repeat: 1000}, {bot: {responses: [utter_too_long]}}]")
    played = await play(assistant, read_dialogue(path))
    assert played[0].problems == []
    assert "(3000 characters)" in report(played)
    assert len(report(played).splitlines()[0]) < 150
