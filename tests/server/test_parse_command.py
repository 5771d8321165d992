"""`python -m bot parse`: one message a line in, one JSON object a line out, and nothing else on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Dict, List

import pytest
from running import ROOT

KEYS = ["text", "intent", "confidence", "ranking", "questions", "urgency", "responses"]
LINES = [
    "Is it good for scars?",
    "",
    "Is it safe, and how much does it cost?",
    "I can't breathe and my chest hurts",
    "/restart",
    '/affirm{"a": "b"}',
    "\x00\x1b[31m \u202e",
    '👍 {clinic_name} "quoted" \\',
    "line\u2028separator",
    "x" * 1200,
    "疼吗",
]


@pytest.fixture(scope="module")
def output() -> str:
    run = subprocess.run(
        [sys.executable, "-m", "bot", "parse"],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        input="\n".join(LINES).encode("utf-8") + b"\nodd \xff\xfe byte\r\n",
        capture_output=True,
        timeout=120,
        check=True,
    )
    return run.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def read(output: str) -> List[Dict[str, Any]]:
    return [json.loads(line) for line in output.split("\n")[:-1]]


def test_every_line_is_answered_by_one_json_object(output: str, read: List[Dict[str, Any]]) -> None:
    assert output.endswith("\n")
    assert [result["text"] for result in read] == [*LINES, "odd \ufffd\ufffd byte"]


def test_the_keys_are_exactly_those_of_the_contract(read: List[Dict[str, Any]]) -> None:
    for result in read:
        assert list(result) == KEYS
        assert len(result["ranking"]) == 5
        assert all(list(entry) == ["intent", "confidence"] for entry in result["ranking"])
        assert 0 <= result["confidence"] <= 1
        assert result["urgency"] in {"none", "amber", "urgent_symptom", "urgent_crisis"}
        assert result["responses"]


def test_a_question_is_read_and_its_response_named(read: List[Dict[str, Any]]) -> None:
    assert read[0]["intent"] == "scars"
    assert "utter_scars" in read[0]["responses"]
    assert read[2]["questions"] == ["safety", "cost_insurance"]


def test_an_emergency_is_marked(read: List[Dict[str, Any]]) -> None:
    assert read[3]["urgency"] == "urgent_symptom"
    assert read[3]["responses"] == ["utter_urgent_symptom"]


def test_an_empty_line_is_a_message_too(read: List[Dict[str, Any]]) -> None:
    assert read[1]["intent"] == "nlu_fallback"
    assert read[1]["responses"] == ["utter_empty"]


def test_every_line_is_a_conversation_of_its_own(read: List[Dict[str, Any]]) -> None:
    assert read[0]["responses"][0] == "utter_notice"
    assert read[2]["responses"][0] == "utter_notice"


def test_a_line_that_is_too_long_is_refused_and_still_read(read: List[Dict[str, Any]]) -> None:
    assert read[9]["responses"] == ["utter_too_long"]
