"""Enquiries as the visitor makes them: sent once, nothing half written, limited, asked about and withdrawn by code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from databases import KINDS, empty_database
from sqlalchemy import func, select, text
from sqlalchemy.engine import Engine

from bot.evaluation.enquiry_samples import AT, add_provider, sample_enquiry
from bot.handoff import writing
from bot.handoff.codes import normal_code
from bot.handoff.enquiries import (
    NewEnquiry,
    NotAccepted,
    NotOffered,
    Submitted,
    TooMany,
    status,
    submit,
    submit_enquiry,
    withdraw,
)
from bot.handoff.states import change
from bot.privacy.encryption import vault
from bot.storage.database import migrate, transaction
from bot.storage.models import Attempt, AuditEntry, Base, Consent, Delivery, Enquiry, Provider


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def provider(database: Engine) -> int:
    with transaction(database) as session:
        return add_provider(session)


def _submit(database: Engine, new: NewEnquiry, at=AT) -> Submitted:
    return submit_enquiry(new, database, at)


def _rows(database: Engine, model) -> list:
    with transaction(database) as session:
        rows = list(session.execute(select(model).order_by(model.id)).scalars())
        session.expunge_all()
        return rows


def _count(database: Engine, model) -> int:
    with transaction(database) as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


# --- written at once, and once


def test_enquiry_consents_and_message_are_written_together(database: Engine, provider: int) -> None:
    done = _submit(database, sample_enquiry(provider_id=provider, may_pass_on=True))
    assert done == (done.code, "queued", False)
    assert normal_code(done.code) == done.code
    [enquiry], [delivery] = _rows(database, Enquiry), _rows(database, Delivery)
    assert (enquiry.kind, enquiry.provider_id, enquiry.may_pass_on) == ("cosmetic", provider, True)
    assert (delivery.kind, delivery.provider_id, delivery.state) == ("enquiry", provider, "pending")
    assert delivery.next_try_at == AT
    share, another = _rows(database, Consent)
    assert (share.kind, share.provider_id, another.kind, another.provider_id) == ("share", provider, "next_provider", None)
    assert share.text_version == "2026-01"
    assert share.holds_until == AT + timedelta(days=90)
    assert _rows(database, Provider)[0].last_given_at == AT
    assert [entry.action for entry in _rows(database, AuditEntry)] == ["enquiry_sent"]


def test_without_the_wish_there_is_no_consent_to_another_provider(database: Engine, provider: int) -> None:
    _submit(database, sample_enquiry(provider_id=provider))
    assert [consent.kind for consent in _rows(database, Consent)] == ["share"]


def test_details_are_sealed_and_stand_nowhere_else(database: Engine, provider: int) -> None:
    new = sample_enquiry(
        kind="question",
        first_name="Zebulon",
        contact="zebulon.canary@example.com",
        question="I'm Zebulon, zebulon.canary@example.com or 780-555-0143: do you treat horses?",
        best_time="ask for Zebulon on 780-555-0143",
    )
    _submit(database, new)
    with transaction(database) as session:
        tables = [session.execute(select(table)).all() for table in Base.metadata.sorted_tables]
        enquiry = session.execute(select(Enquiry)).scalar_one()
        opened = vault().open(enquiry.first_name_sealed), vault().open(enquiry.contact_sealed)
        assert "horses" in enquiry.question
    assert opened == ("Zebulon", "zebulon.canary@example.com")
    stored = str(tables).lower()
    assert not any(word in stored for word in ("zebulon", "canary", new.conversation, new.idempotency_key))
    # Sealed text may hold these four digits by chance, but neither alone nor with the three before them.
    assert not re.search(r"(?<![a-z0-9])0143(?![a-z0-9])|555\W*0143", stored)


def test_a_caller_that_fails_afterwards_leaves_nothing_behind(database: Engine, provider: int) -> None:
    def interrupted() -> None:
        with transaction(database) as session:
            submit(session, sample_enquiry(provider_id=provider), AT)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        interrupted()
    assert [_count(database, model) for model in (Enquiry, Consent, Delivery, Attempt, AuditEntry)] == [0] * 5
    assert _rows(database, Provider)[0].last_given_at is None


def test_the_same_form_again_is_the_first_enquiry(database: Engine, provider: int) -> None:
    new = sample_enquiry(provider_id=provider)
    first = _submit(database, new)
    for later in (0, 1, 40):
        again = _submit(database, new, AT + timedelta(hours=later))
        assert again == (first.code, "queued", True)
    assert [_count(database, model) for model in (Enquiry, Consent, Delivery)] == [1, 1, 1]


def test_the_same_form_tells_how_the_first_stands_now(database: Engine, provider: int) -> None:
    new = sample_enquiry(provider_id=provider)
    _submit(database, new)
    with transaction(database) as session:
        change(session, session.execute(select(Enquiry)).scalar_one(), "delivered", AT)
    assert _submit(database, new).state == "delivered"


def test_a_key_of_another_conversation_is_another_enquiry(database: Engine, provider: int) -> None:
    first = _submit(database, sample_enquiry(provider_id=provider, idempotency_key="1", conversation="a"))
    second = _submit(
        database, sample_enquiry(provider_id=provider, idempotency_key="1", conversation="b", contact="eve@example.com")
    )
    assert not second.repeated
    assert second.code != first.code


@pytest.mark.parametrize("provider_given", [True, False], ids=["chosen provider", "whoever is first"])
def test_the_same_wish_within_a_day_is_the_same_enquiry(database: Engine, provider: int, provider_given: bool) -> None:
    chosen = provider if provider_given else None
    new = sample_enquiry(provider_id=chosen, may_pass_on=True)
    first = _submit(database, new)
    spelt_otherwise = new._replace(idempotency_key="another", contact="Dana@Example.com")
    assert _submit(database, spelt_otherwise, AT + timedelta(hours=23)) == (first.code, "queued", True)
    assert _count(database, Delivery) == 1


def test_a_wish_that_differs_or_came_to_an_end_or_is_old_is_another_enquiry(database: Engine, provider: int) -> None:
    new = sample_enquiry(provider_id=provider)
    codes = {_submit(database, new).code}
    codes.add(_submit(database, new._replace(idempotency_key="2", concern="jaw"), AT + timedelta(hours=2)).code)
    codes.add(_submit(database, new._replace(idempotency_key="3"), AT + timedelta(hours=25)).code)
    with transaction(database) as session:
        for enquiry in session.execute(select(Enquiry)).scalars():
            change(session, enquiry, "closed", AT + timedelta(hours=25))
    codes.add(_submit(database, new._replace(idempotency_key="4"), AT + timedelta(hours=26)).code)
    assert len(codes) == 4


def test_two_different_questions_are_both_kept(database: Engine) -> None:
    new = sample_enquiry(kind="question", concern="general", question="Do you treat horses?")
    first = _submit(database, new)
    second = _submit(database, new._replace(idempotency_key="2", question="Do you treat cows?"))
    assert first.code != second.code


def test_somebody_who_knows_a_phone_number_is_not_told_its_code(database: Engine, provider: int) -> None:
    mine = _submit(database, sample_enquiry(provider_id=provider))
    theirs = _submit(database, sample_enquiry(provider_id=provider))
    assert not theirs.repeated
    assert theirs.code != mine.code


def test_many_replicas_at_the_same_instant_write_one(database: Engine, provider: int) -> None:
    new, together = sample_enquiry(provider_id=provider), Barrier(8)

    def replica(number: int) -> Submitted:
        together.wait(30)
        # Half of them come from a page that lost the key of its form.
        return _submit(database, new if number % 2 else new._replace(idempotency_key=f"{number}"))

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(replica, range(8)))
    assert len({one.code for one in done}) == 1
    assert [one.repeated for one in done].count(False) == 1
    assert [_count(database, model) for model in (Enquiry, Consent, Delivery)] == [1, 1, 1]


def test_the_database_alone_keeps_a_form_from_being_written_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a replica that does not wait for its turn: the row's unique key decides."""
    monkeypatch.setattr("bot.handoff.enquiries.one_at_a_time", lambda session, *marks: None)
    with empty_database("postgresql", tmp_path) as database:
        migrate(database)
        new, together = sample_enquiry(kind="call_back"), Barrier(8)

        def replica(_: int) -> Submitted:
            with transaction(database) as session:
                session.execute(text("SELECT 1"))
                together.wait(30)
                return submit(session, new, AT)

        with ThreadPoolExecutor(8) as threads:
            done = list(threads.map(replica, range(8)))
        assert len({one.code for one in done}) == 1
        assert [one.repeated for one in done].count(False) == 1
        assert [_count(database, model) for model in (Enquiry, Consent, Delivery)] == [1, 1, 1]


def test_a_code_that_is_taken_is_not_given_twice(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter(["K7QM-4XWP-2H", "K7QM-4XWP-2H", "K7QM-4XWP-2H", "CCCC-2222-FF"])
    monkeypatch.setattr(writing, "new_code", lambda: next(codes))
    first = _submit(database, sample_enquiry(kind="call_back"))
    second = _submit(database, sample_enquiry(kind="call_back", contact="eve@example.com"))
    assert (first.code, second.code) == ("K7QM-4XWP-2H", "CCCC-2222-FF")
    assert [_count(database, model) for model in (Enquiry, Consent, Delivery)] == [2, 2, 2]


# --- to whom


def test_questions_and_call_backs_go_to_the_clinic(database: Engine, provider: int) -> None:
    for kind in ("question", "call_back"):
        assert _submit(database, sample_enquiry(kind=kind, question="Do you treat horses?")).state == "queued"
    assert [(d.kind, d.provider_id) for d in _rows(database, Delivery)] == [("enquiry", None)] * 2


def test_nobody_qualified_waits_and_staff_are_told(database: Engine, provider: int) -> None:
    done = _submit(database, sample_enquiry(concern="skin_tone", may_pass_on=True))
    assert done.state == "waiting"
    assert [(d.kind, d.subject, d.provider_id) for d in _rows(database, Delivery)] == [("notice", "no_provider", None)]


def test_whoever_can_answer_first_is_the_one_who_waited_longest(database: Engine, provider: int) -> None:
    with transaction(database) as session:
        second = add_provider(session, "sample-two")
    for hours in range(3):
        _submit(database, sample_enquiry(may_pass_on=True), AT + timedelta(hours=hours))
    assert [enquiry.provider_id for enquiry in _rows(database, Enquiry)] == [provider, second, provider]


def test_who_chose_nobody_and_agreed_to_nobody_else_is_given_to_nobody(database: Engine, provider: int) -> None:
    assert _submit(database, sample_enquiry()).state == "waiting"
    assert [(d.kind, d.subject) for d in _rows(database, Delivery)] == [("notice", "no_choice")]


@pytest.mark.parametrize(
    "changes",
    [
        {"permit_expires": AT.date() - timedelta(days=1)},
        {"needle_authorisation": False},
        {"services": ["jaw"]},
        {"languages": ["fr"]},
        {"retired_on": AT.date()},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_provider_who_may_not_be_offered_is_not_given_an_enquiry(database: Engine, changes: dict) -> None:
    with transaction(database) as session:
        provider = add_provider(session, **changes)
    with pytest.raises(NotOffered):
        _submit(database, sample_enquiry(provider_id=provider))
    assert [_count(database, model) for model in (Enquiry, Delivery, Attempt)] == [0, 0, 0]


def test_an_unknown_provider_is_not_given_one(database: Engine) -> None:
    with pytest.raises(NotOffered):
        _submit(database, sample_enquiry(provider_id=99))


# --- refused


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "marketing"),
        ("concern", "knees"),
        ("language", "tlh"),
        ("contact_kind", "fax"),
        ("first_name", ""),
        ("first_name", "<script>alert(1)</script>"),
        ("first_name", "Dana\r\nBcc: everybody@example.com"),
        ("first_name", "=cmd|' /C calc'!A0"),
        ("first_name", "https://example.com"),
        ("first_name", "D" * 61),
        ("first_name", "12345"),
        ("contact", "nobody"),
        ("contact", "dana@example.com\r\nBcc: everybody@example.com"),
        ("contact", "780-555-0143"),
        ("town", "=HYPERLINK(1)"),
        ("town", "x" * 81),
        ("idempotency_key", " "),
        ("conversation", ""),
        ("consent_text", ""),
        ("consent_version", ""),
    ],
)
def test_what_is_not_what_it_should_be_is_refused_by_name_and_not_repeated(database: Engine, field: str, value: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        _submit(database, sample_enquiry(**{field: value}))
    assert refused.value.field == field
    assert not value.strip() or value not in str(refused.value)
    assert _count(database, Enquiry) == 0


def test_a_question_needs_words_and_goes_to_no_provider(database: Engine, provider: int) -> None:
    for changes in ({"question": " "}, {"question": "Horses?", "provider_id": provider}):
        with pytest.raises(NotAccepted):
            _submit(database, sample_enquiry(kind="question", **changes))


@pytest.mark.parametrize("name", ["Dana", "Zoë-Ann", "O'Brien", "Nguyễn Thị", "J. R.", "محمد", "李"])
def test_names_of_all_kinds_are_accepted(database: Engine, name: str) -> None:
    _submit(database, sample_enquiry(kind="call_back", first_name=f" {name} "))
    assert vault().open(_rows(database, Enquiry)[0].first_name_sealed) == name


def test_a_time_keeps_its_date_and_loses_line_breaks_and_markup(database: Engine) -> None:
    _submit(database, sample_enquiry(kind="call_back", best_time="May 3,\r\nafter <b>five</b>\u202e"))
    assert _rows(database, Enquiry)[0].best_time == "May 3, after ‹b›five‹/b›"


# --- limits


def test_a_conversation_can_send_a_few_an_hour(database: Engine) -> None:
    new = sample_enquiry(kind="question")
    for number in range(3):
        one = new._replace(idempotency_key=f"{number}", question=f"q {number}", contact=f"d{number}@example.com")
        _submit(database, one, AT + timedelta(minutes=number))
    fourth = new._replace(idempotency_key="4", question="four", contact="d4@example.com")
    with pytest.raises(TooMany):
        _submit(database, fourth, AT + timedelta(minutes=59))
    assert _submit(database, one, AT + timedelta(minutes=59)).repeated  # what was sent before may still be asked for
    assert not _submit(database, fourth, AT + timedelta(minutes=61)).repeated


def test_a_contact_can_be_used_a_few_times_an_hour_whatever_the_conversation(database: Engine) -> None:
    for _ in range(3):
        _submit(database, sample_enquiry(kind="call_back", contact="+1 780 555 0143", contact_kind="phone"))
    with pytest.raises(TooMany):
        _submit(database, sample_enquiry(kind="call_back", contact="(780) 555-0143", contact_kind="phone"))
    assert _count(database, Enquiry) == 3


def test_the_limit_holds_for_many_at_the_same_instant(database: Engine) -> None:
    new, together = sample_enquiry(kind="question"), Barrier(8)

    def replica(number: int) -> bool:
        together.wait(30)
        try:
            _submit(database, new._replace(idempotency_key=f"{number}", question=f"question {number}"))
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(replica, range(8))).count(True) == 3
    assert _count(database, Enquiry) == 3


# --- asked about


def _status(database: Engine, code: str, conversation: str, at=AT):
    with transaction(database) as session:
        return status(session, code, conversation, at)


def test_the_own_conversation_sees_who_has_it(database: Engine, provider: int) -> None:
    new = sample_enquiry(provider_id=provider)
    code = _submit(database, new).code
    seen = _status(database, code.lower().replace("-", " "), new.conversation)
    assert seen == ("queued", AT, True, "cosmetic", "scars", "Sample Provider sample-one")


def test_another_conversation_with_the_code_sees_the_state_and_nothing_else(database: Engine, provider: int) -> None:
    code = _submit(database, sample_enquiry(provider_id=provider)).code
    assert _status(database, code, "another") == ("queued", AT, False, None, None, None)


def test_wrong_codes_are_counted_and_then_the_right_one_is_refused_like_them(database: Engine) -> None:
    code = _submit(database, sample_enquiry(kind="call_back")).code
    for wrong in ("CCCC-2222-FF", "nonsense", "", "DDDD-3333-GG", "'; DROP TABLE enquiries; --"):
        assert _status(database, wrong, "guesser") is None
    refusals = []
    for tried in (code, "CCCC-2222-FF"):
        with pytest.raises(TooMany) as refused:
            _status(database, tried, "guesser")
        refusals.append(str(refused.value))
    assert len(set(refusals)) == 1
    assert _status(database, code, "somebody else") is not None
    assert _status(database, code, "guesser", AT + timedelta(minutes=61)) is not None


def test_guessing_at_many_replicas_at_once_is_limited_too(database: Engine) -> None:
    together = Barrier(8)

    def guess(_: int) -> bool:
        together.wait(30)
        try:
            return _status(database, "CCCC-2222-FF", "guesser") is None
        except TooMany:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(guess, range(8))).count(True) == 5


def test_an_erased_enquiry_is_unknown(database: Engine) -> None:
    new = sample_enquiry(kind="call_back")
    code = _submit(database, new).code
    with transaction(database) as session:
        change(session, session.execute(select(Enquiry)).scalar_one(), "erased", AT)
    assert _status(database, code, new.conversation) is None


# --- withdrawn


def _withdraw(database: Engine, code: str, contact: str, at=AT) -> bool:
    with transaction(database) as session:
        return withdraw(session, code, contact, at)


def test_what_is_withdrawn_before_it_was_sent_stays_unsent_and_nobody_is_told(database: Engine, provider: int) -> None:
    code = _submit(database, sample_enquiry(provider_id=provider, may_pass_on=True)).code
    assert _withdraw(database, code, " DANA@example.com ", AT + timedelta(hours=1))
    assert _withdraw(database, code, "dana@example.com", AT + timedelta(hours=2))
    assert _rows(database, Enquiry)[0].state == "withdrawn"
    assert [(d.kind, d.state) for d in _rows(database, Delivery)] == [("enquiry", "cancelled")]
    assert {consent.withdrawn_at for consent in _rows(database, Consent)} == {AT + timedelta(hours=1)}
    assert [entry.action for entry in _rows(database, AuditEntry)] == ["enquiry_sent", "enquiry_withdrawn"]


def test_a_wrong_contact_a_wrong_code_and_an_unknown_one_look_alike(database: Engine, provider: int) -> None:
    code = _submit(database, sample_enquiry(provider_id=provider)).code
    for tried in ((code, "eve@example.com"), ("CCCC-2222-FF", "dana@example.com"), ("", ""), (code, "not a contact")):
        assert _withdraw(database, *tried) is False
    assert _rows(database, Enquiry)[0].state == "queued"


def test_trying_contacts_at_a_code_is_limited(database: Engine, provider: int) -> None:
    code = _submit(database, sample_enquiry(provider_id=provider)).code
    for number in range(5):
        assert _withdraw(database, code, f"eve{number}@example.com") is False
    with pytest.raises(TooMany):
        _withdraw(database, code, "dana@example.com")
    assert _withdraw(database, code, "dana@example.com", AT + timedelta(minutes=61))
