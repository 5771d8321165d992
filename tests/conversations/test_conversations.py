"""Every dialogue in this folder, through the real agent and its actions, behind the door. Format: README.md."""

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


def test_every_question_is_asked_in_some_dialogue() -> None:
    from bot.knowledge.questions import QUESTIONS
    from bot.shell.dialogue import read_dialogue

    steps = [step for path in DIALOGUES for step in read_dialogue(path).steps]
    expected = {name for step in steps for name in step.expected.responses or []}
    assert {f"utter_{question.intent}" for question in QUESTIONS} <= expected


async def test_the_question_is_passed_on_and_not_the_words_around_the_offer(assistant: Assistant) -> None:
    from bot.handoff.open_questions import clear_open_questions, open_questions

    clear_open_questions()
    conversation = assistant.conversation()
    for message in ("what does it cost on a holiday?", "say that again please", "yes please"):
        turn = await conversation.say(message)
    assert turn.names == ["utter_passed_on", "utter_offer_answer"]
    assert [(noted.text, noted.reason) for noted in open_questions()] == [("what does it cost on a holiday?", "passed_on")]


async def test_none_of_these_is_not_noted_as_a_question(assistant: Assistant) -> None:
    from bot.handoff.open_questions import clear_open_questions, open_questions

    clear_open_questions()
    conversation = assistant.conversation()
    for message in ("the thing with the whatsit from my cousin", "none of these"):
        await conversation.say(message)
    assert [noted.text for noted in open_questions()] == ["the thing with the whatsit from my cousin"]
