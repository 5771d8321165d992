"""python -m bot privacy: what it prints, and one clear line when something is wrong."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sample_enquiries import AT, PHONE, send
from sqlalchemy import delete, select, text, update
from sqlalchemy.engine import Engine

from bot.__main__ import main
from bot.clock import now
from bot.privacy.encryption import Vault
from bot.settings import settings
from bot.storage.database import engine as process_database
from bot.storage.database import transaction
from bot.storage.models import Attempt, AuditEntry, Delivery, Enquiry


@pytest.fixture(autouse=True)
def enquiries() -> Iterator[Engine]:
    """The database of the process, emptied of enquiries before and after."""
    database = process_database()
    _empty(database)
    yield database
    _empty(database)


def _empty(database: Engine) -> None:
    with transaction(database) as session:
        for table in (Delivery, Enquiry, Attempt):
            session.execute(delete(table))


def test_a_person_is_shown_erased_and_then_unknown(
    enquiries: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = send(enquiries, tmp_path, at=now())
    assert main(["privacy", "show", "780-555-0143"]) == 0
    assert json.loads(capsys.readouterr().out)["enquiries"][0]["code"] == code
    assert main(["privacy", "erase", "(780) 555-0143"]) == 0
    assert capsys.readouterr().out.startswith("1 enquiries erased; 1 messages stopped, 0 receivers asked")
    assert main(["privacy", "erase", PHONE]) == 0
    assert capsys.readouterr().out == "Nothing is held about this contact.\n"


def test_who_did_it_is_in_the_audit_trail(enquiries: Engine, tmp_path: Path) -> None:
    main(["privacy", "show", PHONE])
    with transaction(enquiries) as session:
        last = session.execute(select(AuditEntry.actor).order_by(AuditEntry.id.desc())).scalars().first()
    assert last.startswith("staff:")
    assert len(last) > len("staff:")


def test_a_contact_can_come_from_the_input_so_that_it_is_in_no_history(
    enquiries: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(enquiries, tmp_path, at=now())
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PHONE}\n"))
    assert main(["privacy", "erase", "-"]) == 0
    assert capsys.readouterr().out.startswith("1 enquiries erased")


@pytest.mark.parametrize("action", ["show", "erase"])
@pytest.mark.parametrize("contact", ["Dana", "12", "dana@", "=cmd", " "])
def test_what_is_no_contact_gets_one_clear_line(capsys: pytest.CaptureFixture[str], action: str, contact: str) -> None:
    assert main(["privacy", action, contact]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "This is neither a phone number nor an email address.\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["show"], "privacy show needs a phone number or email address.\n"),
        (["erase", ""], "privacy erase needs a phone number or email address.\n"),
        (["expire", PHONE], "privacy expire takes nothing more.\n"),
        (["rotate", "now"], "privacy rotate takes nothing more.\n"),
    ],
)
def test_wrong_use_gets_one_clear_line(capsys: pytest.CaptureFixture[str], arguments: list[str], line: str) -> None:
    assert main(["privacy", *arguments]) == 2
    assert capsys.readouterr().err == line


def test_an_unknown_action_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["privacy", "forget"])
    assert left.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_expire_says_what_it_deleted(enquiries: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    send(enquiries, tmp_path, at=AT)
    with transaction(enquiries) as session:
        session.execute(update(Enquiry).values(created_at=AT.replace(year=2001)))
    assert main(["privacy", "expire"]) == 0
    assert capsys.readouterr().out.startswith("1 enquiries that came to nothing deleted, the details of 0 others")


def sealed_already(out: str) -> int:
    found = re.fullmatch(r"0 fields sealed with the newest key, (\d+) had it already\n", out)
    assert found, out
    return int(found.group(1))


def test_rotate_says_when_a_key_is_missing(enquiries: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["privacy", "rotate"]) == 0
    before = sealed_already(capsys.readouterr().out)
    send(enquiries, tmp_path, at=now())
    assert main(["privacy", "rotate"]) == 0
    assert sealed_already(capsys.readouterr().out) == before + 2
    strange = Vault([Fernet.generate_key().decode()], "x" * 32).seal("Dana")
    with transaction(enquiries) as session:
        session.execute(update(Enquiry).values(contact_sealed=strange))
    assert main(["privacy", "rotate"]) == 1
    assert "1 fields open with none of the keys" in capsys.readouterr().err
    assert main(["privacy", "show", PHONE]) == 2
    assert capsys.readouterr().err.startswith("ENCRYPTION_KEYS: no key opens what is stored.")


def test_a_new_key_is_one_that_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    main(["privacy", "new-key"])
    made = capsys.readouterr().out.strip()
    assert Vault([made], "x" * 32).open(Vault([made], "x" * 32).seal("Dana")) == "Dana"
    main(["privacy", "new-key"])
    assert capsys.readouterr().out.strip() != made


def test_a_database_that_fails_gets_one_line_without_what_was_asked(
    enquiries: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with enquiries.begin() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO audit_elsewhere"))
    try:
        assert main(["privacy", "show", PHONE]) == 2
    finally:
        with enquiries.begin() as connection:
            connection.execute(text("ALTER TABLE audit_elsewhere RENAME TO audit"))
    assert capsys.readouterr().err == "The database did not answer (OperationalError); run it again.\n"


def test_mail_that_cannot_be_deleted_gets_one_line_and_nothing_is_erased(
    enquiries: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(enquiries, tmp_path, at=now())
    with transaction(enquiries) as session:
        key = session.execute(select(Delivery.idempotency_key)).scalar_one()
    in_the_way = settings().mail / f"{key}.eml"
    in_the_way.mkdir(parents=True)
    try:
        assert main(["privacy", "erase", PHONE]) == 2
        assert capsys.readouterr().err == "MAIL_FOLDER: a message in it cannot be deleted (IsADirectoryError).\n"
    finally:
        in_the_way.rmdir()
    assert main(["privacy", "erase", PHONE]) == 0
    assert capsys.readouterr().out.startswith("1 enquiries erased")
