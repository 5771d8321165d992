"""`:save` and the file that it writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.shell.dialogue import play, read_dialogue, report
from bot.shell.save import NotSaved, save_dialogue

if TYPE_CHECKING:
    from bot.shell.session import Assistant

Talk = Callable[..., Awaitable[str]]


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bot.shell.repl.SAVED", tmp_path)
    return tmp_path


async def test_a_saved_conversation_runs_as_a_test_and_passes(talk: Talk, saved: Path, assistant: Assistant) -> None:
    await talk("hi", 'it "costs": what? #1 é', "what does it cost?", "1", "?!", "is it safe?", ":save Asks About The Price")
    dialogue = read_dialogue(saved / "asks_about_the_price.yml")
    played = await play(assistant, dialogue)
    assert len(played) == 6
    assert [step.is_click for step in dialogue.steps] == [False, False, False, True, False, False]
    assert not any(step.problems for step in played), report(played)


async def test_a_saved_conversation_fails_when_the_answer_changes(talk: Talk, saved: Path, assistant: Assistant) -> None:
    await talk("is it safe?", ":save is_it_safe")
    path = saved / "is_it_safe.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("utter_safety", "utter_scars"), encoding="utf-8")
    played = await play(assistant, read_dialogue(path))
    assert played[0].problems == ["expected utter_notice, utter_scars"]


async def test_short_conversations_are_played_as_short_ones(talk: Talk, saved: Path) -> None:
    await talk(":short", "is it safe?", ":save short")
    assert read_dialogue(saved / "short.yml").channel == "text"


async def test_only_what_was_said_since_new_is_saved(talk: Talk, saved: Path) -> None:
    await talk("is it safe?", ":new", "what about scars?", ":save scars")
    assert [step.text for step in read_dialogue(saved / "scars.yml").steps] == ["what about scars?"]


async def test_a_dialogue_is_never_overwritten(talk: Talk, saved: Path) -> None:
    shown = await talk("is it safe?", ":save once", "what about scars?", ":save once")
    assert "There is a dialogue 'once' already." in shown
    assert len(read_dialogue(saved / "once.yml").steps) == 1


async def test_nothing_said_is_nothing_saved(talk: Talk, saved: Path) -> None:
    assert "Nothing has been said yet." in await talk(":save nothing")
    assert list(saved.iterdir()) == []


@pytest.mark.parametrize("name", ["", "../escape", "a/b", "käse", ".hidden", "x" * 101])
def test_a_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotSaved, match="letters and digits"):
        save_dialogue(name, [], tmp_path)
