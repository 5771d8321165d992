"""The audit trail: an entry stands or falls with what it is about, and always fits."""

from __future__ import annotations

import getpass
import os

import pytest
from sample_enquiries import AT
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.clock import now
from bot.privacy.audit import VISITOR, record, staff
from bot.storage.database import transaction
from bot.storage.models import AuditEntry


def _entries(database: Engine) -> list[tuple[str, ...]]:
    columns = (AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
    with transaction(database) as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(AuditEntry.id))]


def test_an_entry_says_who_did_what_and_when(database: Engine) -> None:
    with transaction(database) as session:
        record(session, VISITOR, "enquiry_sent", "enquiry 1", "cosmetic, queued", AT)
    assert _entries(database) == [("visitor", "enquiry_sent", "enquiry 1", "cosmetic, queued")]
    with transaction(database) as session:
        assert session.execute(select(AuditEntry.at)).scalar_one() == AT


def test_without_a_time_it_is_now(database: Engine) -> None:
    before = now()
    with transaction(database) as session:
        record(session, VISITOR, "enquiry_sent")
    with transaction(database) as session:
        assert before <= session.execute(select(AuditEntry.at)).scalar_one() <= now()


def test_what_is_undone_is_not_in_the_trail(database: Engine) -> None:
    with Session(database, future=True) as session:
        record(session, VISITOR, "enquiry_sent")
        session.rollback()
    assert _entries(database) == []


def test_what_is_too_long_is_cut(database: Engine) -> None:
    with transaction(database) as session:
        record(session, *(letter * 500 for letter in "abcd"))
    assert [len(field) for field in _entries(database)[0]] == [80, 60, 80, 200]


def test_a_command_is_done_by_who_is_logged_in() -> None:
    assert staff() == f"staff:{getpass.getuser()}"


def test_in_a_container_a_user_may_have_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert staff() == "staff:4000000"
