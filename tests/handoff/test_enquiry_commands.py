"""Enquiries in the terminal, from the arguments that staff type to what they read, on SQLite and PostgreSQL."""

from __future__ import annotations

import argparse
import csv
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from delivering import HandClock, Mailbox, mail_server, mails, rows, sample_house
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.engine import Engine

from bot.errors import AssistantError
from bot.evaluation.enquiry_samples import AT, add_provider, sample_enquiry
from bot.handoff.enquiries import submit_enquiry, withdraw
from bot.handoff.enquiry_arguments import add_enquiry_arguments
from bot.handoff.enquiry_commands import Desk, run_enquiries
from bot.handoff.enquiry_pages import harmless
from bot.handoff.worker import work_once
from bot.settings import ROOT
from bot.storage.database import make_engine, migrate, transaction
from bot.storage.models import AuditEntry, Base, Delivery, Enquiry, Provider

Run = Callable[..., str]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def run(database: Engine, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def type_in(*words: str) -> str:
        parser = argparse.ArgumentParser()
        add_enquiry_arguments(parser)
        capsys.readouterr()  # what the worker logged before
        assert run_enquiries(parser.parse_args(words), Desk(database, sample_house(tmp_path).options, clock())) == 0
        return capsys.readouterr().out

    return type_in


@pytest.fixture
def provider(database: Engine) -> int:
    with transaction(database) as session:
        return add_provider(session)


def _lapse(database: Engine, provider: int, lapsed: bool = True) -> None:
    until = AT.date() + timedelta(days=-1 if lapsed else 200)
    with transaction(database) as session:
        session.execute(update(Provider).where(Provider.id == provider).values(permit_expires=until))


def _state(database: Engine) -> str:
    return rows(database, Enquiry)[0].state


def _actions(database: Engine) -> list[str]:
    return [entry.action for entry in rows(database, AuditEntry) if entry.actor.startswith("staff:")]


# --- reading


def test_the_list_names_codes_and_troubles_and_nobody(
    database: Engine, run: Run, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    assert run("list") == "There are no enquiries.\n"
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    other = submit_enquiry(sample_enquiry(kind="call_back"), database, AT).code
    assert run("list") == (
        f"{code}  queued        cosmetic   scars      sample-one            2026-01-05 12:00\n"
        f"{other}  queued        call_back  scars      -                     2026-01-05 12:00\n"
    )
    mailbox = Mailbox()
    mailbox.answers = ["RCPT 550 no dana@example.com here"]
    with mail_server(mailbox) as reached:
        work_once(database, sample_house(tmp_path, **reached), clock)
    assert run("list", "--state", "with_staff").endswith("enquiry dead: recipient 550\n")
    assert run("list", "--state", "closed") == "There are no enquiries in that state.\n"
    with pytest.raises(AssistantError, match="no state 'asleep'; there are waiting, queued"):
        run("list", "--state", "asleep")


def test_the_story_of_an_enquiry_hides_the_visitor_unless_asked(
    database: Engine, run: Run, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    new = sample_enquiry(provider_id=provider, may_pass_on=True)
    code = submit_enquiry(new, database, AT).code
    work_once(database, sample_house(tmp_path), clock)
    shown = run("show", code.lower())
    assert shown.splitlines() == [
        f"code          {code}",
        "state         delivered",
        "kind          cosmetic",
        "concern       scars",
        "town          Grande Prairie",
        "language      en",
        "provider      sample-one",
        "made          2026-01-05 12:00",
        "changed       2026-01-05 12:00",
        "delivered     2026-01-05 12:00",
        "agreed to:",
        "  share (text 2026-01), 2026-01-05 12:00 to 2026-04-05 12:00",
        "  next_provider (text 2026-01), 2026-01-05 12:00 to 2026-04-05 12:00",
        "messages (UTC):",
        "  enquiry to sample-one: sent, 1 tries, sent 2026-01-05 12:00",
    ]
    assert _actions(database) == []
    revealed = run("show", code, "--reveal")
    assert "first_name    Dana\n" in revealed
    assert "contact       dana@example.com\n" in revealed
    assert _actions(database) == ["details_read"]


@pytest.mark.parametrize("action", ["show", "retry", "acknowledge", "close"])
def test_an_unknown_code_is_named_as_such(database: Engine, run: Run, action: str) -> None:
    for code in ("CCCC-2222-FF", "nonsense", "'; DROP TABLE enquiries"):
        with pytest.raises(AssistantError, match="no enquiry of that reference code"):
            run(action, code)


def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    without_tables = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    parser = argparse.ArgumentParser()
    add_enquiry_arguments(parser)
    with pytest.raises(AssistantError, match=r"did not answer \(OperationalError\); nothing was changed"):
        run_enquiries(parser.parse_args(["list"]), Desk(without_tables, sample_house(tmp_path).options, AT))
    without_tables.dispose()


# --- doing


def test_retry_after_mending_sends_it_to_the_same_provider_under_the_same_key(
    database: Engine, run: Run, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    mailbox = Mailbox()
    mailbox.answers = ["CUT", "RCPT 550 gone"]
    with mail_server(mailbox) as reached:
        house = sample_house(tmp_path, **reached)
        work_once(database, house, clock)
        clock.forward(minutes=1)
        work_once(database, house, clock)
        assert _state(database) == "with_staff"
        assert run("retry", code) == f"{code}: goes again to sample-one\n"
        assert _state(database) == "queued"
        work_once(database, house, clock)
    enquiries = [message for message in mailbox.messages if message["Subject"].startswith("Enquiry")]
    assert len(enquiries) == 2
    assert len({message["Message-ID"] for message in enquiries}) == 1
    assert _state(database) == "delivered"
    assert _actions(database) == ["enquiry_retried"]


def test_retry_of_a_lapsed_provider_needs_them_back_or_consent_to_another(
    database: Engine, run: Run, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    with transaction(database) as session:
        second = add_provider(session, "sample-two")
    alone = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    agreed = submit_enquiry(sample_enquiry(provider_id=provider, may_pass_on=True), database, AT).code
    _lapse(database, provider)
    work_once(database, sample_house(tmp_path), clock)
    with pytest.raises(AssistantError, match="the visitor has not agreed to another one"):
        run("retry", alone)
    assert run("retry", agreed) == f"{agreed}: goes to sample-two\n"
    _lapse(database, provider, lapsed=False)
    assert run("retry", alone) == f"{alone}: goes again to sample-one\n"
    work_once(database, sample_house(tmp_path), clock)
    assert [(e.state, e.provider_id) for e in rows(database, Enquiry)] == [("delivered", provider), ("delivered", second)]
    with pytest.raises(AssistantError, match="nothing to send again: the enquiry is delivered"):
        run("retry", alone)


def test_retry_of_a_waiting_enquiry_finds_somebody_who_came_since(database: Engine, run: Run) -> None:
    code = submit_enquiry(sample_enquiry(may_pass_on=True), database, AT).code
    with pytest.raises(AssistantError, match="Nobody who has not had it may be given it today"):
        run("retry", code)
    with transaction(database) as session:
        add_provider(session, "sample-new")
    assert run("retry", code) == f"{code}: goes to sample-new\n"


def test_retry_takes_up_a_withdrawal_that_did_not_arrive(
    database: Engine, run: Run, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    mailbox = Mailbox()
    with mail_server(mailbox) as reached:
        house = sample_house(tmp_path, **reached)
        work_once(database, house, clock)
        with transaction(database) as session:
            assert withdraw(session, code, "dana@example.com", clock())
        mailbox.answers = ["RCPT 550 gone"]
        work_once(database, house, clock)
        assert run("retry", code) == f"{code}: 1 messages are tried again\n"
        work_once(database, house, clock)
    assert mailbox.messages[-1]["Subject"] == f"Enquiry {code} was withdrawn: please delete it"
    assert _state(database) == "withdrawn"


def test_acknowledge_and_close_stop_what_is_still_to_be_sent(
    database: Engine, run: Run, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    first = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    second = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    assert run("acknowledge", first) == f"{first}: acknowledged\n"
    assert run("close", second) == f"{second}: closed\n"
    assert work_once(database, sample_house(tmp_path), clock) == 0
    assert [(e.state, e.provider_id) for e in rows(database, Enquiry)] == [("acknowledged", provider), ("closed", provider)]
    assert _actions(database) == ["enquiry_acknowledged", "enquiry_closed"]
    with pytest.raises(AssistantError, match="that is closed cannot become acknowledged"):
        run("acknowledge", second)


# --- exporting


def test_an_export_has_details_only_when_asked_and_is_for_the_owner_alone(
    database: Engine, run: Run, provider: int, tmp_path: Path
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider, first_name="Zoë"), database, AT).code
    plain, full = tmp_path / "plain.csv", tmp_path / "full.csv"
    assert run("export", str(plain)) == f"1 enquiries written to {plain}\n"
    run("export", str(full), "--reveal")
    [row] = csv.DictReader(plain.read_text(encoding="utf-8-sig").splitlines())
    assert (row["code"], row["state"], row["provider"], row["made"]) == (code, "queued", "sample-one", "2026-01-05 12:00")
    assert "Zoë" not in plain.read_text(encoding="utf-8-sig")
    [row] = csv.DictReader(full.read_text(encoding="utf-8-sig").splitlines())
    assert (row["first_name"], row["contact"]) == ("Zoë", "dana@example.com")
    assert stat.S_IMODE(full.stat().st_mode) == 0o600
    details = [entry.detail for entry in rows(database, AuditEntry) if entry.action == "exported"]
    assert details == ["details out", "details in"]


def test_an_export_writes_over_nothing(database: Engine, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "kept.csv"
    path.write_text("kept")
    with pytest.raises(AssistantError, match="cannot be written: File exists"):
        run("export", str(path))
    assert path.read_text() == "kept"
    assert _actions(database) == []


def test_no_cell_of_an_export_is_a_formula(database: Engine, run: Run, tmp_path: Path) -> None:
    new = sample_enquiry(kind="question", contact="+1 780 555 0143", contact_kind="phone", question="=cmd|' /C calc'!A0")
    submit_enquiry(new._replace(best_time="=5+5"), database, AT)
    submit_enquiry(sample_enquiry(kind="question", question="-2+3", contact="=1+1@example.com"), database, AT)
    path = tmp_path / "full.csv"
    run("export", str(path), "--reveal")
    found = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["question"][:2] for row in found] == ["'=", "'-"]
    assert [row["contact"] for row in found] == ["'+17805550143", "'=1+1@example.com"]
    assert found[0]["best_time"] == "'=5+5"


@given(st.text(max_size=30))
def test_whatever_somebody_writes_is_text_in_a_spreadsheet(text: str) -> None:
    safe = harmless(text)
    assert safe.removeprefix("'") == text or safe == text
    assert safe.lstrip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    assert safe[:1] not in {"\t", "\r", "\n"}


# --- the whole command line


def _environment(folder: Path) -> dict[str, str]:
    given = {"DATA_FOLDER": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'assistant.db'}", "PATH": os.environ["PATH"]}
    return {**given, "STAFF_EMAIL": "staff@clinic.example.com"}


def _command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "bot", *words]
    return subprocess.run(command, cwd=ROOT, env=_environment(folder), capture_output=True, text=True, timeout=120)


def test_from_the_shell_a_worker_sends_what_waits_in_the_process_s_own_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = make_engine(_environment(tmp_path)["DATABASE_URL"])
    migrate(database)
    with transaction(database) as session:
        session.add(
            Delivery(
                kind="notice",
                subject="gave_up",
                idempotency_key="k",
                state="pending",
                attempts=0,
                next_try_at=AT,
                created_at=AT,
            )
        )
    done = _command(tmp_path, "worker", "--once")
    assert (done.returncode, done.stdout) == (0, "1 messages tried\n"), done.stderr
    assert mails(tmp_path)[0]["To"].addresses[0].addr_spec == "staff@clinic.example.com"
    shown = _command(tmp_path, "enquiries", "show", "CCCC-2222-FF")
    assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
    database.dispose()


def test_a_worker_with_a_mail_server_needs_somebody_who_reads_what_goes_to_staff(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "bot", "worker", "--once"]
    environment = {**_environment(tmp_path), "SMTP_HOST": "127.0.0.1", "STAFF_EMAIL": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("STAFF_EMAIL: must be set with SMTP_HOST")


def test_a_worker_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "bot", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=_environment(tmp_path), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "worker.ready" in line:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
    assert process.returncode == 0
    assert "worker.stopped" in rest
    assert "Traceback" not in rest


def test_every_table_is_free_of_details_after_all_of_this(
    database: Engine, run: Run, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider, first_name="Zebulon"), database, AT).code
    work_once(database, sample_house(tmp_path), clock)
    run("show", code, "--reveal")
    run("export", str(tmp_path / "full.csv"), "--reveal")
    run("close", code)
    with transaction(database) as session:
        stored = str([session.execute(table.select()).all() for table in Base.metadata.sorted_tables])
    assert "Zebulon" not in stored
    assert "dana@" not in stored
