"""Every dialogue in this folder, through the real agent and its actions, behind the door. Format: README.md beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.shell.session import Assistant

HERE = Path(__file__).parent
DIALOGUES = sorted(HERE.glob("*/*.yml"))


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in DIALOGUES])
async def test_the_dialogue_goes_as_it_should(path: Path, assistant: Assistant) -> None:
    from bot.shell.dialogue import play, read_dialogue, report

    played = await play(assistant, read_dialogue(path))
    if any(step.problems for step in played):
        pytest.fail(f"{path.parent.name}/{path.name}\n{report(played)}", pytrace=False)


def test_there_are_dialogues_of_every_phenomenon() -> None:
    phenomena = {path.parent.name for path in DIALOGUES}
    expected = {"answers", "two_questions", "follow_ups", "not_understood", "urgent", "digressions", "small_talk", "hostile_input"}
    assert expected <= phenomena
