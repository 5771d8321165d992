"""Asks for known weaknesses of the locked packages: python -m bot.evaluation.audit PIP_AUDIT, the program's path.

A package that could not be asked about is a failure, and so is a service that does not know a weakness known to everybody:
an index that answers without advisories looks like a clean result.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Set, Tuple

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError

from bot.clock import now
from bot.errors import AssistantError
from bot.settings import ROOT

EXCEPTIONS = ROOT / "docs" / "security-exceptions.yml"
LOCKS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
KNOWN_TO_BE_WEAK = "jinja2==2.10"
SECONDS = 600
SHOWN = 5


class AuditFailed(AssistantError):
    """It could not be asked, or the exceptions cannot be read; the message says why."""


class Weakness(BaseModel):
    """A known weakness that is lived with for a while."""

    package: str = Field(..., regex=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    id: str = Field(..., regex=r"^(PYSEC|GHSA|CVE)-[A-Za-z0-9-]+$")
    reason: str = Field(..., min_length=40)
    look_again: date

    class Config:
        """Unknown fields are mistakes."""

        extra = Extra.forbid


class Answers(NamedTuple):
    """What was found out."""

    weak: Dict[Tuple[str, str], Set[str]]
    """Package and id, with the other names of the same weakness."""
    not_asked: List[str]
    """Packages that nobody could tell anything of."""


def read_exceptions(path: Path = EXCEPTIONS) -> List[Weakness]:
    """Returns the exceptions.

    Raises:
        AuditFailed: the file is not as it says at its top.
    """
    try:
        return [Weakness(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["exceptions"]]
    except (ValidationError, yaml.YAMLError, TypeError, KeyError) as error:
        raise AuditFailed(f"{path}: {error}") from error


def past(exceptions: List[Weakness], today: date) -> List[str]:
    """Returns a line for each exception whose day is over."""
    return [
        f"{each.package} {each.id}: was to be looked at again by {each.look_again}"
        for each in exceptions
        if each.look_again < today
    ]


def problems(answers: Answers, exceptions: List[Weakness], today: date) -> List[str]:
    """Returns a line for each weakness that is not excepted, and for each exception that is past or not needed."""
    excepted = {(each.package, each.id) for each in exceptions}
    found, needed = [], set()
    for (package, number), aliases in sorted(answers.weak.items()):
        matching = excepted & {(package, name) for name in {number, *aliases}}
        needed |= matching
        if not matching:
            found.append(f"{package} {number}: known to be weak")
    unneeded = [f"{package} {number}: excepted, but no longer weak" for package, number in sorted(excepted - needed)]
    return [*found, *unneeded, *past(exceptions, today)]


def answers_of(report: Dict[str, Any]) -> Answers:
    """Returns what a report of pip-audit says."""
    weak, not_asked = {}, []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            not_asked.append(package["name"])
        for weakness in package.get("vulns", []):
            weak[package["name"], weakness["id"]] = set(weakness["aliases"])
    return Answers(weak, not_asked)


def ask(program: str, requirements: Path, *options: str) -> Answers:
    """Asks the advisory service about every package of a file.

    Args:
        program: path of pip-audit.
        requirements: packages with versions.
        options: for pip-audit.

    Raises:
        AuditFailed: there was no answer, or none about some packages.
    """
    command = [program, "--disable-pip", *options, "-r", str(requirements), "-f", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        answers = answers_of(json.loads(done.stdout))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        kind = type(error).__name__
        raise AuditFailed(f"{requirements.name}: the advisory service could not be asked ({kind}).") from error
    if answers.not_asked:
        some = ", ".join(answers.not_asked[:SHOWN])
        raise AuditFailed(
            f"{requirements.name}: nothing is known of {len(answers.not_asked)} packages ({some}…): "
            "the advisory service could not be asked. This is no clean result."
        )
    return answers


def assert_informed(program: str) -> None:
    """Asks about a package that everybody knows to be weak.

    Raises:
        AuditFailed: the service does not know it.
    """
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        known = Path(folder) / "known-to-be-weak.txt"
        known.write_text(KNOWN_TO_BE_WEAK + "\n", encoding="ascii")
        if not ask(program, known, "--no-deps").weak:
            raise AuditFailed(f"The advisory service knows nothing against {KNOWN_TO_BE_WEAK}: it has no advisories.")


def main(arguments: List[str]) -> int:
    """Audits, and returns 0 when there is nothing to do, 1 when there is, 2 when it could not be asked."""
    try:
        exceptions = read_exceptions()
        assert_informed(arguments[0])
        asked = [ask(arguments[0], lock, "--require-hashes") for lock in LOCKS]
    except AuditFailed as error:
        print(f"{error}", file=sys.stderr)
        return 2
    weak = {key: aliases for answers in asked for key, aliases in answers.weak.items()}
    found = problems(Answers(weak, []), exceptions, now().date())
    print("\n".join(found) or f"No weakness is known of what is locked; {len(exceptions)} are excepted.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
