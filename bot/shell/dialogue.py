"""Dialogues as tests: what a visitor says or clicks, and what should come back. Format: tests/conversations/README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional

import yaml

from bot.channels.short_answers import Turn
from bot.errors import AssistantError
from bot.shell.render import buttons_of, text_of
from bot.shell.session import Assistant, Conversation

CHANNELS = ("rest", "text")
_FILE_KEYS = frozenset({"steps", "channel"})
_BOT_KEYS = frozenset({"responses", "has", "lacks", "buttons"})
_SHOWN = 100
"""Characters of a visitor's message that a report shows."""


class DialogueError(AssistantError):
    """A dialogue file is wrong; the message says where and what was expected."""


class Expectation(NamedTuple):
    """What one answer should be; what is None or empty is not looked at."""

    responses: Optional[List[str]]
    """Names of all responses, in order."""
    has: List[str]
    lacks: List[str]
    buttons: Optional[List[str]]
    """Labels that are offered, among others; an empty list means that there are no buttons."""


class Step(NamedTuple):
    """What the visitor does, and what should come back."""

    text: str
    """Message, or label of the button."""
    is_click: bool
    expected: Expectation


class Dialogue(NamedTuple):
    """One conversation from its start."""

    steps: List[Step]
    channel: str


class Played(NamedTuple):
    """One step as it went."""

    step: Step
    turn: Optional[Turn]
    """None when there was no such button to click."""
    problems: List[str]


def read_dialogue(path: Path) -> Dialogue:
    """Reads a dialogue file.

    Raises:
        DialogueError: it is not YAML, a key is unknown or missing, or a value has the wrong type.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise DialogueError(f"{path.name}: is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise DialogueError(f"{path.name}: should start with 'steps:'")
    _only(content, _FILE_KEYS, path.name)
    channel = content.get("channel", "rest")
    if channel not in CHANNELS:
        raise DialogueError(f"{path.name}: channel should be one of {', '.join(CHANNELS)}")
    steps = content.get("steps")
    if not isinstance(steps, list) or not steps or len(steps) % 2:
        raise DialogueError(f"{path.name}: 'steps' should be pairs: a user or click step, then its bot step")
    pairs = zip(steps[::2], steps[1::2], strict=True)
    return Dialogue([_step(said, bot, f"{path.name}, pair {n}") for n, (said, bot) in enumerate(pairs, 1)], channel)


def _only(given: Dict[Any, Any], known: FrozenSet[str], where: str) -> None:
    unknown = [str(key) for key in given if key not in known]
    if unknown:
        raise DialogueError(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def _step(said: Any, bot: Any, where: str) -> Step:
    if not isinstance(said, dict) or len({"user", "click"} & set(said)) != 1:
        raise DialogueError(f"{where}: the first step should have either 'user' or 'click'")
    _only(said, frozenset({"click"}) if "click" in said else frozenset({"user", "repeat"}), where)
    text, repeat = said.get("user", said.get("click")), said.get("repeat", 1)
    if not isinstance(text, str) or isinstance(repeat, bool) or not isinstance(repeat, int) or repeat < 1:
        raise DialogueError(f"{where}: 'user' and 'click' should be text (in quotes), 'repeat' a number above 0")
    if not isinstance(bot, dict) or set(bot) != {"bot"} or not isinstance(bot["bot"], dict) or not bot["bot"]:
        raise DialogueError(f"{where}: after it should come a 'bot' step with one of {', '.join(sorted(_BOT_KEYS))}")
    _only(bot["bot"], _BOT_KEYS, where)
    for key, value in bot["bot"].items():
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise DialogueError(f"{where}: '{key}' should be a list of texts")
    wanted = bot["bot"]
    expected = Expectation(wanted.get("responses"), wanted.get("has", []), wanted.get("lacks", []), wanted.get("buttons"))
    return Step(text * repeat, "click" in said, expected)


async def play(assistant: Assistant, dialogue: Dialogue) -> List[Played]:
    """Has the dialogue in a conversation of its own, to its end or to a button that is not there."""
    conversation = assistant.conversation()
    played: List[Played] = []
    for step in dialogue.steps:
        before = played[-1].turn if played else None
        turn = await _take(conversation, step, before, dialogue.channel)
        if turn is None:
            played.append(Played(step, None, ["there is no such button"]))
            break
        played.append(Played(step, turn, [*problems_of(step.expected, turn), *_repetition(turn, before)]))
    await assistant.forget(conversation.id)
    return played


async def _take(conversation: Conversation, step: Step, before: Optional[Turn], channel: str) -> Optional[Turn]:
    if not step.is_click:
        return await conversation.say(step.text, channel)
    payloads = {button["title"]: button["payload"] for button in buttons_of(before)} if before else {}
    return await conversation.say(payloads[step.text], channel) if step.text in payloads else None


def _repetition(turn: Turn, before: Optional[Turn]) -> List[str]:
    """Only the door and the emergency scripts, which are fixed, may answer twice in the same words."""
    fixed = turn.refused or any(message.get("custom", {}).get("kind") == "urgent" for message in turn.messages)
    repeats = before is not None and not fixed and text_of(before) == text_of(turn)
    return ["it says the same again"] if repeats else []


def problems_of(expected: Expectation, turn: Turn) -> List[str]:
    """Returns how an answer differs from what was expected; nothing when it does not."""
    text = text_of(turn).lower()
    labels = [button["title"] for button in buttons_of(turn)]
    problems = [f"the words '{words}' are missing" for words in expected.has if words.lower() not in text]
    problems += [f"the words '{words}' should not be there" for words in expected.lacks if words.lower() in text]
    if expected.responses is not None and expected.responses != turn.names:
        problems.append(f"expected {', '.join(expected.responses)}")
    if expected.buttons == [] and labels:
        problems.append("there should be no buttons")
    return problems + [f"the button '{label}' is missing" for label in expected.buttons or [] if label not in labels]


def report(played: List[Played]) -> str:
    """Returns a dialogue as people read it, with what went wrong marked."""
    lines: List[str] = []
    for step, turn, problems in played:
        said = step.text if len(step.text) <= _SHOWN else f"{step.text[:_SHOWN]}… ({len(step.text)} characters)"
        lines.append(f"{'clicks' if step.is_click else 'visitor'}: {said!r}")
        for name, message in zip(turn.names, turn.messages, strict=True) if turn else ():
            labels = "".join(f" [{button['title']}]" for button in message.get("buttons", []))
            lines.append(f"    {name}: {message['text']}{labels}")
        lines += [f"  ! {problem}" for problem in problems]
    return "\n".join(lines)
