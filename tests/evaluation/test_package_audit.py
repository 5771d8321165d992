"""The audit of the packages: it never passes without having asked, and no exception is for ever."""

from __future__ import annotations

import json
import stat
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Dict, List

import pytest

from bot.clock import now
from bot.evaluation.audit import (
    KNOWN_TO_BE_WEAK,
    Answers,
    AuditFailed,
    Weakness,
    answers_of,
    assert_informed,
    main,
    past,
    problems,
    read_exceptions,
)

TODAY = date(2026, 12, 1)
REASON = "The code in question is never reached: the assistant does not parse such files."
GOOD = {"package": "sample-package", "id": "CVE-2026-0001", "reason": REASON, "look_again": TODAY}
WEAK = {"name": "sample-package", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1", "aliases": ["CVE-2026-0001"]}]}
SKIPPED = {"name": "other-package", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def exceptions(**changes: Any) -> List[Weakness]:
    return [Weakness(**{**GOOD, **changes})]


def program(folder: Path, output: str, code: int = 0) -> str:
    """A program that answers as pip-audit does."""
    path = folder / "pip-audit"
    path.write_text(f"#!{sys.executable}\nprint({output!r})\nraise SystemExit({code})\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def report(*packages: Dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_the_projects_own_exceptions_are_in_order_and_none_is_past() -> None:
    assert past(read_exceptions(), now().date()) == []


def test_a_weakness_is_a_problem_unless_it_is_excepted_under_one_of_its_names() -> None:
    answers = answers_of({"dependencies": [WEAK]})
    assert problems(answers, [], TODAY) == ["sample-package PYSEC-2026-1: known to be weak"]
    assert problems(answers, exceptions(), TODAY) == []
    assert problems(answers, exceptions(id="PYSEC-2026-1"), TODAY) == []
    assert len(problems(answers, exceptions(package="another"), TODAY)) == 2


def test_an_exception_that_is_past_or_not_needed_is_a_problem() -> None:
    answers = answers_of({"dependencies": [WEAK]})
    yesterday = TODAY - timedelta(days=1)
    assert "looked at again by 2026-11-30" in problems(answers, exceptions(look_again=yesterday), TODAY)[0]
    assert "no longer weak" in problems(Answers({}, []), exceptions(), TODAY)[0]


@pytest.mark.parametrize(
    "change",
    [{"reason": "later"}, {"id": "someday"}, {"package": "Not A Name"}, {"look_again": "soon"}, {"owner": "me"}],
    ids=lambda change: next(iter(change)),
)
def test_an_exception_needs_all_four_and_nothing_else(change: Dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yml"
    entry = {**GOOD, "look_again": str(TODAY), **change}
    path.write_text(json.dumps({"exceptions": [entry]}), encoding="utf-8")
    with pytest.raises(AuditFailed, match=next(iter(change))):
        read_exceptions(path)


@pytest.mark.parametrize("content", ["", "[]", "exceptions", "exceptions: [x]", "a: ["])
def test_a_file_of_another_form_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AuditFailed, match=r"exceptions\.yml"):
        read_exceptions(path)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("", "could not be asked"),
        ("Traceback (most recent call last)", "could not be asked"),
        (report(SKIPPED), "nothing is known of 1 packages"),
        (report(WEAK, SKIPPED), "nothing is known of 1 packages"),
        (report(), KNOWN_TO_BE_WEAK),
        (report({"name": "jinja2", "version": "2.10", "vulns": []}), KNOWN_TO_BE_WEAK),
    ],
)
def test_what_could_not_be_asked_is_no_clean_result(
    output: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([program(tmp_path, output)]) == 2
    assert told in capsys.readouterr().err


def test_a_service_that_knows_what_everybody_knows_is_believed(tmp_path: Path) -> None:
    assert_informed(program(tmp_path, report(WEAK), code=1))


def test_a_weakness_ends_the_audit_with_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([program(tmp_path, report(WEAK), code=1)]) == 1
    assert "sample-package PYSEC-2026-1: known to be weak" in capsys.readouterr().out


def test_without_the_program_it_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "could not be asked" in capsys.readouterr().err
