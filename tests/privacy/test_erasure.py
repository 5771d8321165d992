"""Access and erasure, by staff and by visitors: everything is found, shown to the right people, and really gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sample_enquiries import (
    AT,
    DAY,
    EMAIL,
    PHONE,
    PLANTED,
    add_provider,
    deliver,
    enquiry,
    everything,
    mails,
    options,
    send,
)
from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from bot.handoff.limits import TooMany
from bot.privacy.encryption import NotAContact
from bot.privacy.erasure import NOTHING, Erased, erase, show
from bot.privacy.leftovers import erasing
from bot.privacy.visitors import erase_own, show_own
from bot.storage.database import transaction
from bot.storage.models import Attempt, AuditEntry, Consent, Delivery, Enquiry, Provider

STAFF = "staff:sample"


@pytest.fixture
def provider(database: Engine) -> int:
    with transaction(database) as session:
        return add_provider(session)


def _show(database: Engine, contact: str) -> dict[str, Any]:
    with transaction(database) as session:
        return show(session, contact, AT, STAFF)


def _erase(database: Engine, folder: Path, contact: str = PHONE) -> Erased:
    with erasing(database) as session:
        return erase(session, contact, AT + DAY, STAFF, options(folder))


def test_what_is_held_is_shown_readable_with_who_got_it(database: Engine, provider: int, tmp_path: Path) -> None:
    code = send(database, tmp_path, provider_id=provider)
    deliver(database, tmp_path)
    held = _show(database, "(780) 555-0143")
    assert held["contact"] == PHONE
    (shown,) = held["enquiries"]
    assert (shown["code"], shown["first_name"], shown["contact"], shown["best_time"]) == (code, "Dana", PHONE, "after five")
    assert shown["provider"] == "Sample Provider One, Sample Practice"
    assert [(consent["kind"], consent["given_at"]) for consent in shown["consents"]] == [("share", "2027-03-01T15:30:00Z")]
    assert [(message["to"], message["state"]) for message in shown["messages"]] == [
        ("Sample Provider One, Sample Practice", "sent")
    ]
    assert json.loads(json.dumps(held)) == held


def test_nothing_sealed_or_marked_is_shown(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    with transaction(database) as session:
        row = session.execute(select(Enquiry)).scalar_one()
        hidden = (row.contact_sealed, row.first_name_sealed, row.contact_mark, row.conversation_mark)
    assert not any(text in json.dumps(_show(database, PHONE)) for text in hidden)


def test_only_the_person_s_own_enquiries_are_found(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    other = send(database, tmp_path, contact=EMAIL, contact_kind="email", first_name="Robin", conversation="conversation-2")
    assert [found["code"] for found in _show(database, " Dana.Lee@EXAMPLE.com")["enquiries"]] == [other]
    _erase(database, tmp_path)
    assert [found["first_name"] for found in _show(database, EMAIL)["enquiries"]] == ["Robin"]


def test_an_unsent_enquiry_is_erased_and_never_sent(database: Engine, provider: int, tmp_path: Path) -> None:
    code = send(database, tmp_path, provider_id=provider)
    assert _erase(database, tmp_path, "780.555.0143") == Erased(1, 1, 1, 0, 0)
    deliver(database, tmp_path, AT + 2 * DAY)
    assert not mails(tmp_path)
    assert not any(planted in everything(database) for planted in PLANTED[:2])
    with transaction(database) as session:
        row = enquiry(session, code)
        assert row.state == "erased"
        assert (row.contact_mark, row.contact_sealed, row.first_name_sealed, row.contact_kind) == (None, None, None, None)
        assert (row.conversation_mark, row.town, row.best_time, row.question) == ("", "", "", "")
        assert row.concern == "scars"


def test_who_has_it_already_is_asked_to_delete_it_without_naming_the_person(
    database: Engine, provider: int, tmp_path: Path
) -> None:
    code = send(database, tmp_path, provider_id=provider)
    deliver(database, tmp_path)
    assert "Dana" in mails(tmp_path)
    assert _erase(database, tmp_path) == Erased(1, 1, 0, 1, 1)
    deliver(database, tmp_path, AT + 2 * DAY)
    asked = mails(tmp_path)
    assert code in asked
    assert "provider-one@example.com" in asked
    assert not any(planted in asked for planted in PLANTED)


def test_one_that_gave_up_cannot_be_tried_again(database: Engine, provider: int, tmp_path: Path) -> None:
    send(database, tmp_path, provider_id=provider)
    with transaction(database) as session:
        session.execute(update(Delivery).values(state="dead", attempts=8))
    assert _erase(database, tmp_path) == Erased(1, 1, 1, 1, 0)
    with transaction(database) as session:
        states = session.execute(select(Delivery.kind, Delivery.state).order_by(Delivery.id)).all()
    assert states == [("enquiry", "cancelled"), ("withdrawn", "pending")]


def test_consents_stay_as_proof_of_what_was_agreed_and_when_it_ended(
    database: Engine, provider: int, tmp_path: Path
) -> None:
    send(database, tmp_path, provider_id=provider, may_pass_on=True)
    assert _erase(database, tmp_path).consents == 2
    with transaction(database) as session:
        for consent in session.execute(select(Consent)).scalars():
            assert (consent.given_at, consent.withdrawn_at, consent.text_version) == (AT, AT + DAY, "1")
            assert "[name]" in consent.text


@pytest.mark.parametrize("state", ["waiting", "queued", "delivered", "with_staff", "acknowledged", "closed", "withdrawn"])
def test_an_enquiry_in_any_state_is_erased(database: Engine, tmp_path: Path, state: str) -> None:
    send(database, tmp_path)
    with transaction(database) as session:
        session.execute(update(Enquiry).values(state=state))
    assert _erase(database, tmp_path).enquiries == 1
    assert _show(database, PHONE)["enquiries"] == []


def test_a_second_time_finds_nothing(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    _erase(database, tmp_path)
    assert _erase(database, tmp_path) == NOTHING


@pytest.mark.parametrize("act", ["show", "erase"])
def test_a_text_that_is_no_contact_is_refused(database: Engine, tmp_path: Path, act: str) -> None:
    with pytest.raises(NotAContact):
        _show(database, "Dana") if act == "show" else _erase(database, tmp_path, "Dana")


def test_the_audit_trail_says_who_looked_and_erased_but_not_at_whom(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    _show(database, PHONE)
    _erase(database, tmp_path)
    _erase(database, tmp_path)
    with transaction(database) as session:
        entries = session.execute(
            select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
        ).all()
    assert [entry for entry in entries if entry.action.startswith("details")] == [
        (STAFF, "details_shown", "enquiry 1"),
        (STAFF, "details_erased", "enquiry 1"),
        (STAFF, "details_erased", "nothing held"),
    ]


def test_counted_attempts_go_except_those_that_hold_the_limit_up(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path, at=AT)
    send(database, tmp_path, at=AT + DAY, idempotency_key="another form", concern="jaw")
    _erase(database, tmp_path)
    with transaction(database) as session:
        mark_of_contact = session.execute(select(Attempt.at).order_by(Attempt.at)).scalars().all()
    assert mark_of_contact.count(AT + DAY) == 2
    assert mark_of_contact.count(AT) == 1, "of the conversation, which is not looked up by contact"


def test_nothing_is_left_in_the_file(file_database: Engine, tmp_path: Path) -> None:
    send(file_database, tmp_path)
    with transaction(file_database) as session:
        row = session.execute(select(Enquiry)).scalar_one()
        held = [row.contact_sealed, row.first_name_sealed, row.contact_mark, row.best_time]
    before = b"".join(path.read_bytes() for path in (tmp_path / "some").iterdir())
    assert all(text.encode() in before for text in held)
    with file_database.connect():  # as the server has one; the log would be cleared when the last one closes
        _erase(file_database, tmp_path)
        after = b"".join(path.read_bytes() for path in (tmp_path / "some").iterdir())
    assert not [text for text in held if text.encode() in after]


def test_a_visitor_sees_and_erases_what_was_sent_from_the_same_conversation(database: Engine, tmp_path: Path) -> None:
    code = send(database, tmp_path)
    send(database, tmp_path, conversation="conversation-2", best_time="in the morning")
    with transaction(database) as session:
        shown = show_own(session, "780 555 0143", "conversation-1", AT)
    assert [found["code"] for found in shown["enquiries"]] == [code]
    with erasing(database) as session:
        assert erase_own(session, PHONE, "conversation-1", AT, using=options(tmp_path)).enquiries == 1
    assert len(_show(database, PHONE)["enquiries"]) == 1


def test_with_a_code_a_visitor_reaches_all_that_the_contact_sent(database: Engine, tmp_path: Path) -> None:
    code = send(database, tmp_path)
    send(database, tmp_path, conversation="conversation-2", best_time="in the morning")
    with transaction(database) as session:
        assert len(show_own(session, PHONE, "conversation-3", AT, code.lower())["enquiries"]) == 2
    with erasing(database) as session:
        assert erase_own(session, PHONE, "conversation-3", AT, code, options(tmp_path)).enquiries == 2


def test_who_only_knows_the_number_or_only_a_code_gets_nothing(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    others = send(database, tmp_path, contact=EMAIL, contact_kind="email", conversation="conversation-2")
    for code in ("", others, "AAAA-AAAA-AA", "' OR 1=1"):
        with erasing(database) as session:
            assert show_own(session, PHONE, "stranger", AT, code, options(tmp_path))["enquiries"] == []
            assert erase_own(session, PHONE, f"stranger {code}", AT, code, options(tmp_path)) == NOTHING
        with transaction(database) as session:
            session.execute(update(Attempt).values(at=AT - DAY))
    assert len(_show(database, PHONE)["enquiries"]) == 1


def test_guessing_is_stopped_also_when_the_last_guess_is_right(database: Engine, tmp_path: Path) -> None:
    code = send(database, tmp_path)
    for _ in range(3):
        with erasing(database) as session:
            assert (
                erase_own(session, PHONE, "stranger", AT, "2222-2222-22", options(tmp_path, code_tries_per_hour=3))
                == NOTHING
            )
    with pytest.raises(TooMany), transaction(database) as session:
        show_own(session, PHONE, "another stranger", AT, code, options(tmp_path, code_tries_per_hour=3))


def test_erasing_leaves_providers_alone(database: Engine, provider: int, tmp_path: Path) -> None:
    send(database, tmp_path, provider_id=provider)
    _erase(database, tmp_path)
    with transaction(database) as session:
        assert session.get(Provider, provider).address == "provider-one@example.com"
