"""The directory in the terminal, from the arguments that staff type to what they read, on SQLite and PostgreSQL."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from sample_people import CELLS, DAY, TODAY, csv_text, provider
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.errors import AssistantError
from bot.handoff.provider_arguments import add_provider_arguments
from bot.handoff.provider_commands import Desk, run_providers
from bot.handoff.samples import SAMPLES
from bot.settings import ROOT
from bot.storage.database import make_engine, migrate, transaction
from bot.storage.models import AuditEntry, Provider

AT = datetime(2027, 3, 1, 15, 30)
Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def run(database: Engine, capsys: pytest.CaptureFixture[str]) -> Run:
    def type_in(*words: str, environment: str = "demo") -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        add_provider_arguments(parser)
        code = run_providers(parser.parse_args(words), Desk(database, environment, AT))
        return code, capsys.readouterr().out

    return type_in


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "providers.csv"
    path.write_text(csv_text(CELLS, {**CELLS, "key": "sample-two", "consented_on": ""}), encoding="utf-8")
    return path


def audit(database: Engine) -> list[tuple[str, str, str]]:
    with transaction(database) as session:
        entries = session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars()
        return [(entry.actor, entry.action, entry.subject) for entry in entries]


def test_importing_tells_what_it_did(run: Run, file: Path, database: Engine) -> None:
    code, said = run("import", str(file), "--by", "Dana Sample")
    assert (code, said) == (0, "added      sample-test\nadded      sample-two\n2 added, 0 changed, 0 unchanged.\n")
    assert audit(database)[0] == ("staff:Dana Sample", "provider_added", "provider sample-test")
    assert run("import", str(file)) == (0, "0 added, 0 changed, 2 unchanged.\n")
    file.write_text(csv_text({**CELLS, "town": "Edmonton", "verified_on": "", "verified_by": "", "next_check_due": ""}))
    said = run("import", str(file))[1]
    assert said.startswith("changed    sample-test: town, verified_on, verified_by, next_check_due\nto verify  sample-test")
    assert audit(database)[-1][0].startswith("staff:")


def test_a_list_says_who_is_offered(run: Run, file: Path) -> None:
    assert "The directory is empty" in run("list")[1]
    run("import", str(file))
    head, one, two = run("list")[1].splitlines()
    assert head.split() == ["key", "name", "profession", "town", "services", "today"]
    assert one.endswith("wrinkles, scars  offered")
    assert two.endswith("hidden (1 reason)")
    assert run("list", environment="production")[1].count("hidden") == 2


def test_an_entry_is_shown_with_every_field_and_no_secret(run: Run, file: Path) -> None:
    hook = {"route": "webhook", "address": "https://hooks.example.com/in", "webhook_secret": "canary-0123456789"}
    file.write_text(csv_text({**CELLS, **hook}))
    run("import", str(file))
    said = run("show", "sample-test")[1]
    shown = {line.split("  ")[0] for line in said.splitlines()}
    assert {column.name.removesuffix("_sealed") for column in Provider.__table__.columns} - shown == {"id"}
    assert "canary" not in said
    assert "webhook_secret               set\n" in said
    assert said.endswith("sample-test: offered today\n")
    with_reasons = run("show", "sample-test", environment="production")[1]
    assert with_reasons.endswith("hidden today\n- is a sample, and samples are for the demo only\n")


def test_verifying_retiring_restoring(run: Run, file: Path, database: Engine) -> None:
    run("import", str(file))
    days = ("--on", str(TODAY - DAY), "--next", str(TODAY + 30 * DAY))
    assert run("verify", "sample-test", "--by", "Dana", *days) == (0, "sample-test: offered today\n")
    shown = [line.split() for line in run("show", "sample-test")[1].splitlines()]
    for field in (["verified_on", "2027-02-28"], ["verified_by", "Dana"], ["next_check_due", "2027-03-31"]):
        assert field in shown
    assert run("retire", "sample-test", "--by", "Dana")[1] == "sample-test: hidden today\n- retired on 2027-03-01\n"
    assert run("restore", "sample-test", "--by", "Dana")[1] == "sample-test: hidden today\n- has not been verified\n"
    assert run("verify", "sample-test", "--by", "Dana")[1] == "sample-test: offered today\n"
    assert [entry for entry in audit(database) if entry[0] == "staff:Dana"] == [
        ("staff:Dana", f"provider_{action}", "provider sample-test")
        for action in ("verified", "retired", "restored", "verified")
    ]


def test_checking_lists_who_is_hidden_and_who_is_about_to_lapse(run: Run, database: Engine) -> None:
    with transaction(database) as session:
        session.add_all(
            [
                provider("fine"),
                provider("gone", retired_on=TODAY),
                provider("hidden", permit_status="suspended", insurance_expires=TODAY - DAY),
                provider("soon", permit_expires=TODAY + 29 * DAY, next_check_due=TODAY, verified_on=TODAY - 61 * DAY),
                provider("later", insurance_expires=TODAY + 30 * DAY),
            ]
        )
    code, said = run("check")
    assert (code, said.splitlines()) == (
        1,
        [
            "hidden: hidden: the permit is 'suspended', not active",
            "hidden: hidden: the insurance expired on 2027-02-28",
            "soon: lapses: next check, last day 2027-03-01",
            "soon: lapses: permit, last day 2027-03-30",
            "soon: lapses: verification, last day 2027-03-30",
            "Retired, and never offered: gone.",
            "4 entries, 2 to look at (today or within 30 days).",
        ],
    )
    assert "later: lapses: insurance" in run("check", "--days", "31")[1]
    assert "soon" not in run("check", "--days", "0")[1]


def test_checking_is_content_when_there_is_nothing_to_do(run: Run, database: Engine) -> None:
    with transaction(database) as session:
        session.add_all([provider("fine"), provider("gone", retired_on=TODAY)])
    code, said = run("check")
    assert (code, said.splitlines()[-1]) == (0, "1 entries, 0 to look at (today or within 30 days).")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nobody"), "There is no provider 'nobody'"),
        (("verify", "nobody", "--by", "Dana"), "There is no provider 'nobody'"),
        (("retire", "sample-test", "--by", " "), "--by: should have 2 to 70 characters"),
        (("retire", "sample-test", "--by", "=cmd()"), "--by: begins with '='"),
        (("retire", "sample-test", "--by", "Dana\nSample"), "--by: holds characters that cannot be seen"),
        (("import", "nowhere.csv"), "nowhere.csv:1: the file cannot be read: No such file or directory"),
        (("import", "nowhere.csv", "--by", ""), "--by: should have 2 to 70 characters"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    run: Run, file: Path, database: Engine, words: tuple[str, ...], said: str
) -> None:
    run("import", str(file))
    trail = audit(database)
    with pytest.raises(AssistantError) as caught:
        run(*words)
    assert str(caught.value).startswith(said)
    assert audit(database) == trail


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("verify", "one"),
        ("verify", "one", "--by", "Dana", "--on", "tomorrow"),
        ("retire", "one"),
        ("check", "--days", "-1"),
        ("check", "--days", "٣"),
        ("check", "--days", "1e3"),
    ],
)
def test_arguments_that_make_no_sense(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        run(*words)


def test_a_database_that_fails_is_told_in_one_line(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_provider_arguments(parser)
    without_tables = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(AssistantError, match=r"The database did not answer \(OperationalError\); nothing was changed"):
        run_providers(parser.parse_args(["list"]), Desk(without_tables, "demo", AT))
    without_tables.dispose()


def test_the_whole_command_as_it_is_typed(tmp_path: Path) -> None:
    def typed(*words: str) -> tuple[int, str, str]:
        where = {"DATA_FOLDER": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'assistant.db'}"}
        done = subprocess.run(
            [sys.executable, "-m", "bot", "providers", *words],
            env={**os.environ, **where},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    code, said, complaint = typed("import", str(SAMPLES))
    assert (code, said.splitlines()[-1], complaint) == (0, "5 added, 0 changed, 0 unchanged.", "")
    wrong = tmp_path / "providers.csv"
    wrong.write_text("key,legal_name\none,=cmd()\n")
    code, said, complaint = typed("import", str(wrong))
    assert (code, said) == (2, "")
    assert "providers.csv:2: legal_name: begins with '='" in complaint
    assert "Traceback" not in complaint
