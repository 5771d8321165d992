"""What is deleted by age: all of what came to nothing, the person behind what did not, and what was counted and sent."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sample_enquiries import AT, DAY, PLANTED, add_provider, deliver, enquiry, everything, mails, options, send
from sqlalchemy import func, select, update
from sqlalchemy.engine import Engine

from bot.handoff.enquiries import withdraw_enquiry
from bot.privacy.audit import WORKER
from bot.privacy.retention import Expired, expire
from bot.storage.database import transaction
from bot.storage.models import Attempt, AuditEntry, Consent, Delivery, Enquiry

KEPT = 90
SOON = AT + KEPT * DAY
LATE = SOON + timedelta(seconds=1)


@pytest.fixture
def provider(database: Engine) -> int:
    with transaction(database) as session:
        return add_provider(session)


def _expire(database: Engine, folder: Path, at: datetime) -> Expired:
    return expire(database, at, options(folder, enquiry_days=KEPT), WORKER)


def _rows(database: Engine, table: type) -> int:
    with transaction(database) as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def test_what_reached_nobody_is_deleted_whole_after_its_days(database: Engine, provider: int, tmp_path: Path) -> None:
    send(database, tmp_path, provider_id=provider)
    assert _expire(database, tmp_path, SOON).enquiries == 0
    assert _expire(database, tmp_path, LATE).enquiries == 1
    assert [_rows(database, table) for table in (Enquiry, Consent, Delivery, Attempt)] == [0, 0, 0, 0]
    deliver(database, tmp_path, LATE)
    assert not mails(tmp_path)


def test_what_was_withdrawn_in_time_came_to_nothing_too(database: Engine, provider: int, tmp_path: Path) -> None:
    code = send(database, tmp_path, provider_id=provider)
    with transaction(database) as session:
        withdraw_enquiry(session, enquiry(session, code), AT + 80 * DAY)
    assert _expire(database, tmp_path, LATE).enquiries == 1
    assert _rows(database, Enquiry) == 0


def test_of_what_was_delivered_only_the_person_is_forgotten(database: Engine, provider: int, tmp_path: Path) -> None:
    code = send(database, tmp_path, provider_id=provider)
    deliver(database, tmp_path)
    assert _expire(database, tmp_path, SOON).details == 0
    done = _expire(database, tmp_path, LATE)
    assert (done.enquiries, done.details) == (0, 1)
    assert not any(planted in everything(database) for planted in PLANTED[:4])
    with transaction(database) as session:
        row = enquiry(session, code)
        assert (row.state, row.provider_id, row.delivered_at, row.contact_mark) == ("expired", provider, AT, None)
        assert session.execute(select(Consent.given_at)).scalars().all() == [AT]
    assert not mails(tmp_path), "the copy in the mail folder goes with the details"


def test_the_days_of_a_delivered_one_count_from_its_last_change(database: Engine, provider: int, tmp_path: Path) -> None:
    code = send(database, tmp_path, provider_id=provider)
    deliver(database, tmp_path)
    with transaction(database) as session:
        withdraw_enquiry(session, enquiry(session, code), AT + 80 * DAY)
    assert _expire(database, tmp_path, LATE).details == 0
    assert _expire(database, tmp_path, LATE + 80 * DAY).details == 1


def test_a_try_that_failed_may_have_arrived_so_it_did_not_come_to_nothing(
    database: Engine, provider: int, tmp_path: Path
) -> None:
    send(database, tmp_path, provider_id=provider)
    with transaction(database) as session:
        session.execute(update(Delivery).values(state="dead", attempts=1))
    done = _expire(database, tmp_path, LATE)
    assert (done.enquiries, done.details) == (0, 1)
    assert _rows(database, Consent) == 1


def test_what_a_worker_is_sending_now_is_left_until_the_next_time(database: Engine, provider: int, tmp_path: Path) -> None:
    send(database, tmp_path, provider_id=provider)
    with transaction(database) as session:
        session.execute(update(Delivery).values(state="sending", attempts=1, leased_until=LATE + timedelta(minutes=2)))
    assert (_expire(database, tmp_path, LATE).enquiries, _rows(database, Enquiry)) == (0, 1)
    assert _expire(database, tmp_path, LATE + timedelta(minutes=3)).details == 1


def test_an_old_one_that_was_just_given_to_the_next_provider_is_not_stopped(
    database: Engine, provider: int, tmp_path: Path
) -> None:
    send(database, tmp_path, provider_id=provider)
    with transaction(database) as session:
        session.execute(update(Delivery).values(attempts=1))
        session.execute(update(Enquiry).values(changed_at=LATE - DAY))
    assert _expire(database, tmp_path, LATE)[:2] == (0, 0)
    with transaction(database) as session:
        assert session.execute(select(Delivery.state)).scalars().all() == ["pending"]


def test_messages_stay_as_long_as_an_erasure_would_have_to_tell_their_receivers(
    database: Engine, provider: int, tmp_path: Path
) -> None:
    send(database, tmp_path, provider_id=provider)
    deliver(database, tmp_path)
    with transaction(database) as session:
        session.execute(update(Enquiry).values(changed_at=LATE))
    assert _expire(database, tmp_path, LATE).messages == 0
    assert _expire(database, tmp_path, LATE + KEPT * DAY + DAY)[1:3] == (1, 1)
    assert _rows(database, Delivery) == 0


def test_old_notices_to_staff_go_and_unsent_ones_stay(database: Engine, tmp_path: Path) -> None:
    with transaction(database) as session:
        for number, state in enumerate(("sent", "dead", "cancelled", "pending", "sending")):
            session.add(
                Delivery(
                    kind="notice",
                    subject="sample",
                    idempotency_key=f"key-{number}",
                    state=state,
                    next_try_at=AT,
                    created_at=AT,
                )
            )
    assert _expire(database, tmp_path, LATE).messages == 3
    with transaction(database) as session:
        assert set(session.execute(select(Delivery.state)).scalars()) == {"pending", "sending"}


def test_counted_attempts_go_after_a_day(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    assert _expire(database, tmp_path, AT + DAY).attempts == 0
    assert _expire(database, tmp_path, AT + DAY + timedelta(seconds=1)).attempts == 2
    assert _rows(database, Enquiry) == 1


def test_files_of_mail_go_after_the_same_days(database: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    for name, written in (("old.eml", AT), (".old.unfinished", AT), ("new.eml", AT + DAY), ("notes.txt", AT)):
        path = folder / name
        path.write_text("sample")
        seconds = written.replace(tzinfo=timezone.utc).timestamp()
        os.utime(path, (seconds, seconds))
    assert _expire(database, tmp_path, LATE).mails == 2
    assert sorted(path.name for path in folder.iterdir()) == ["new.eml", "notes.txt"]


def test_the_audit_trail_stays_and_notes_the_numbers(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    before = _rows(database, AuditEntry)
    _expire(database, tmp_path, LATE)
    with transaction(database) as session:
        entries = session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars().all()
        assert len(entries) == before + 1
        assert (entries[-1].actor, entries[-1].action) == (WORKER, "expired")
        assert entries[-1].detail.startswith("enquiries 1, details 0, ")


def test_again_there_is_nothing_to_do(database: Engine, provider: int, tmp_path: Path) -> None:
    send(database, tmp_path, provider_id=provider)
    deliver(database, tmp_path)
    send(database, tmp_path, best_time="in the morning", conversation="conversation-2")
    _expire(database, tmp_path, LATE)
    assert _expire(database, tmp_path, LATE) == Expired(0, 0, 0, 0, 0, 0, 0, 0)


def test_what_is_deleted_is_not_left_in_the_file(file_database: Engine, tmp_path: Path) -> None:
    send(file_database, tmp_path)
    with transaction(file_database) as session:
        sealed = session.execute(select(Enquiry.contact_sealed)).scalar_one().encode()
    assert any(sealed in path.read_bytes() for path in (tmp_path / "some").iterdir())
    _expire(file_database, tmp_path, LATE)
    assert not any(sealed in path.read_bytes() for path in (tmp_path / "some").iterdir())
