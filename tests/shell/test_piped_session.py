"""`python -m bot shell` as a process of its own, with lines from a pipe."""

from __future__ import annotations

import os
import subprocess
import sys

from bot.settings import ROOT


def test_lines_of_a_pipe_are_answered_until_the_input_ends() -> None:
    lines = b"is it safe?\r\n1\n\n\xff\xfe broken bytes\nwhat is\x1b dry needling?\n:trace\nthanks"
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "ignore", "COLUMNS": "200"}
    command = [sys.executable, "-m", "bot", "shell"]
    ended = subprocess.run(command, input=lines, capture_output=True, cwd=ROOT, env=environment, timeout=120, check=False)
    shown = " ".join(ended.stdout.decode("utf-8").split())
    assert ended.returncode == 0
    assert "> is it safe?" in shown
    assert "College's authorization" in shown
    assert "trigger point" in shown
    assert "rule: small talk is answered (RulePolicy) -> action_answer" in shown
    assert "\x1b" not in shown
    assert "broken bytes" not in ended.stderr.decode("utf-8", errors="replace")
