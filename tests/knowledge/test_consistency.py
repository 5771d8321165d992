"""Examples, rules, answers, labels, sections and short forms agree, and the check says so when they do not."""

import shutil
from pathlib import Path

import pytest

from bot.knowledge.consistency import problems
from bot.knowledge.files import examples
from bot.settings import ROOT


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for folder in ("data", "domain", "actions"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copytree(
        ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("encoder_files", "web", "__pycache__")
    )
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_everything_agrees() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("domain/faq.yml", "  utter_scars:\n", "  utter_scarz:\n", "The answer utter_scars is missing in domain/."),
        ("domain/faq.yml", "  utter_scars_more:\n", "  utter_scars_mehr:\n", "There is no utter_scars_more"),
        (
            "domain/faq.yml",
            "metadata: {source: jaw}",
            "metadata: {source: scars}",
            "jaw_tmj comes from the section jaw",
        ),
        ("domain/faq.yml", "call {emergency_number}", "call {emergency}", "placeholder {emergency}"),
        ("data/rules.yml", "          - intent: home_use\n", "", "what to do for the intent home_use"),
        ("data/nlu.yml", "    facet: hours\n", "    facet: ours\n", "the facet ours of booking_hours_location"),
        ("data/nlu.yml", "    urgency: amber\n", "    urgency: amberr\n", "only amber is known"),
        ("domain/conversation.yml", "  - skip\n", "  - skip\n  - children\n", "The intent children has 0 examples"),
    ],
)
def test_what_is_missing_is_named_in_plain_words(copied: Path, file: str, old: str, new: str, said: str) -> None:
    replace(copied / file, old, new)
    found = problems(copied)
    assert any(said in problem for problem in found), found


def test_an_example_in_two_intents_is_named(copied: Path) -> None:
    greeting = next(block for block in examples(copied) if block.intent == "greet").examples[0]
    replace(
        copied / "data/nlu.yml",
        "- intent: scars\n  examples: |\n",
        f"- intent: scars\n  examples: |\n    - {greeting}\n",
    )
    assert any(f"“{greeting}” is in two intents" in problem for problem in problems(copied))


def test_a_response_that_nobody_says_is_named(copied: Path) -> None:
    replace(copied / "domain/faq.yml", "  utter_what_is:\n", '  utter_orphan:\n    - text: "Hm."\n  utter_what_is:\n')
    assert "Nothing ever says utter_orphan." in problems(copied)
