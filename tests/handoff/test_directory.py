"""Who may be offered: every rule by itself, on its last day and the day after; who checked, retired and restored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, empty_database
from hypothesis import given
from hypothesis import strategies as st
from sample_people import BREAKING, DAY, TODAY, provider
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.handoff.directory import (
    DirectoryError,
    find,
    lapsing,
    last_days,
    offerable,
    reasons_hidden,
    restore,
    retire,
    verify,
)
from bot.storage.database import migrate, transaction
from bot.storage.models import AuditEntry

AT = datetime(2027, 3, 1, 15, 30)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


def audit(database: Engine) -> list[tuple[str, str, str, datetime]]:
    with transaction(database) as session:
        entries = session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars()
        return [(entry.actor, entry.action, entry.subject, entry.at) for entry in entries]


def test_who_passes_every_rule_has_no_reason_to_be_hidden() -> None:
    assert reasons_hidden(provider(), TODAY, "demo") == []
    assert reasons_hidden(provider(sample=False), TODAY, "production") == []


@pytest.mark.parametrize("rule", BREAKING)
def test_each_broken_rule_gives_exactly_one_reason(rule: str) -> None:
    assert len(reasons_hidden(provider(**BREAKING[rule]), TODAY, "demo")) == 1


def test_every_rule_has_a_reason_of_its_own() -> None:
    reasons = {reasons_hidden(provider(**changes), TODAY, "demo")[0] for changes in BREAKING.values()}
    assert len(reasons) == len(BREAKING)


def test_all_reasons_are_told_at_once() -> None:
    worst: dict[str, Any] = {}
    for rule in ("retired", "permit not active", "permit expired", "no needles", "insurance expired", "no consent"):
        worst.update(BREAKING[rule])
    assert len(reasons_hidden(provider(**worst), TODAY, "demo")) == 6


def test_a_reason_names_the_day() -> None:
    expired = provider(permit_expires=TODAY - DAY)
    assert reasons_hidden(expired, TODAY, "demo") == ["the permit expired on 2027-02-28"]


@pytest.mark.parametrize("environment", ["production", "staging", ""])
def test_a_sample_is_for_the_demo_only(environment: str) -> None:
    assert any("sample" in reason for reason in reasons_hidden(provider(), TODAY, environment))


@pytest.mark.parametrize(
    "last_day",
    [
        {"permit_expires": TODAY},
        {"insurance_expires": TODAY},
        {"verified_on": TODAY - 90 * DAY},
        {"verified_on": TODAY},
        {"next_check_due": TODAY},
        {"next_check_due": None},
        {"consented_on": TODAY},
    ],
)
def test_the_last_day_still_counts(last_day: dict[str, Any]) -> None:
    assert reasons_hidden(provider(**last_day), TODAY, "demo") == []


@pytest.mark.parametrize("profession", ["physiotherapist", "Registered Physiotherapist", "physical therapist"])
@pytest.mark.parametrize("register", ["Provisional Register", "Courtesy Register", "", "Not on the General Register"])
def test_a_physiotherapist_must_be_on_the_general_register(profession: str, register: str) -> None:
    assert reasons_hidden(provider(profession=profession, register_type=register), TODAY, "demo")


@pytest.mark.parametrize("register", ["General Register", "general  register "])
def test_the_general_register_however_it_is_spelt(register: str) -> None:
    assert reasons_hidden(provider(register_type=register), TODAY, "demo") == []


def test_other_professions_have_other_registers() -> None:
    assert reasons_hidden(provider(profession="acupuncturist", register_type="Registered members"), TODAY, "demo") == []


@given(
    permit=st.integers(0, 500),
    insurance=st.integers(0, 500),
    verified=st.integers(0, 90),
    check=st.none() | st.integers(0, 200),
)
def test_who_is_offered_today_is_hidden_the_day_after_the_first_last_day_and_not_before(
    permit: int, insurance: int, verified: int, check: int | None
) -> None:
    someone = provider(
        permit_expires=TODAY + permit * DAY,
        insurance_expires=TODAY + insurance * DAY,
        verified_on=TODAY - verified * DAY,
        next_check_due=None if check is None else TODAY + check * DAY,
    )
    first = last_days(someone)[0].day
    assert reasons_hidden(someone, first, "demo") == []
    assert reasons_hidden(someone, first + DAY, "demo")
    days = (first - TODAY).days
    assert lapsing(someone, TODAY, days) == []
    assert first in [last.day for last in lapsing(someone, TODAY, days + 1)]


def test_only_who_passes_is_offerable(database: Engine) -> None:
    with transaction(database) as session:
        session.add_all([provider("b"), provider("a"), provider("c", consented_on=None), provider("d", retired_on=TODAY)])
    with transaction(database) as session:
        assert [one.key for one in offerable(session, TODAY, "demo")] == ["a", "b"]
        assert offerable(session, TODAY, "production") == []


def test_verifying_notes_who_when_and_the_next_check(database: Engine) -> None:
    with transaction(database) as session:
        session.add(provider("one", verified_on=None, verified_by="", next_check_due=None))
    with transaction(database) as session:
        verify(session, "one", "Dana Sample", AT)
    with transaction(database) as session:
        one = find(session, "one")
        assert (one.verified_on, one.verified_by, one.next_check_due) == (TODAY, "Dana Sample", TODAY + 90 * DAY)
        assert reasons_hidden(one, TODAY, "demo") == []
    assert audit(database) == [("staff:Dana Sample", "provider_verified", "provider one", AT)]


def test_verifying_with_days_of_its_own(database: Engine) -> None:
    with transaction(database) as session:
        session.add(provider("one"))
        session.flush()
        verify(session, "one", "Dana Sample", AT, TODAY - 3 * DAY, TODAY + 7 * DAY)
        one = find(session, "one")
        assert (one.verified_on, one.next_check_due) == (TODAY - 3 * DAY, TODAY + 7 * DAY)


@pytest.mark.parametrize(
    ("changes", "days", "said"),
    [
        ({}, {"on": TODAY + DAY}, "yet to come"),
        ({}, {"check": TODAY}, "should come after"),
        ({}, {"on": TODAY - 5 * DAY, "check": TODAY - 6 * DAY}, "should come after"),
        ({"retired_on": TODAY}, {}, "is retired"),
    ],
)
def test_what_cannot_be_verified(database: Engine, changes: dict[str, Any], days: dict[str, Any], said: str) -> None:
    with transaction(database) as session:
        session.add(provider("one", **changes))
    with pytest.raises(DirectoryError, match=said), transaction(database) as session:
        verify(session, "one", "Dana Sample", AT, **days)
    assert audit(database) == []


def test_who_is_retired_stays_in_the_directory_and_is_offered_no_more(database: Engine) -> None:
    with transaction(database) as session:
        session.add(provider("one"))
        session.flush()
        retire(session, "one", "Dana Sample", AT)
    with transaction(database) as session:
        assert find(session, "one").retired_on == TODAY
        assert offerable(session, TODAY, "demo") == []
        with pytest.raises(DirectoryError, match="was retired on 2027-03-01"):
            retire(session, "one", "Dana Sample", AT)
    assert audit(database) == [("staff:Dana Sample", "provider_retired", "provider one", AT)]


def test_who_is_restored_has_to_be_verified_first(database: Engine) -> None:
    with transaction(database) as session:
        session.add(provider("one", retired_on=TODAY - DAY))
        session.flush()
        restore(session, "one", "Dana Sample", AT)
    with transaction(database) as session:
        one = find(session, "one")
        assert reasons_hidden(one, TODAY, "demo") == ["has not been verified"]
        verify(session, "one", "Dana Sample", AT)
        assert reasons_hidden(one, TODAY, "demo") == []
        with pytest.raises(DirectoryError, match="is not retired"):
            restore(session, "one", "Dana Sample", AT)
    assert [action for _, action, _, _ in audit(database)] == ["provider_restored", "provider_verified"]


@pytest.mark.parametrize("change", [verify, retire, restore])
def test_a_key_that_nobody_has_is_said(database: Engine, change: Any) -> None:
    with pytest.raises(DirectoryError, match="no provider 'nobody'"), transaction(database) as session:
        change(session, "nobody", "Dana Sample", AT)
