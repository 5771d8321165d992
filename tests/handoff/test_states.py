"""The states of an enquiry: which ways there are, and that of two who change it at once one does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from databases import KINDS, empty_database
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.handoff.states import ALLOWED, FIRST, OPEN, STATES, NotAllowed, Overtaken, allowed, change
from bot.settings import ROOT
from bot.storage.database import migrate, transaction
from bot.storage.models import Enquiry

AT = datetime(2026, 1, 5, 12)
LATER = AT + timedelta(hours=1)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


def _put(database: Engine, state: str) -> None:
    with transaction(database) as session:
        session.add(
            Enquiry(
                code="K7QM-4XWP-2H",
                idempotency_key="form-1",
                kind="question",
                state=state,
                conversation_mark="c",
                concern="general",
                created_at=AT,
                changed_at=AT,
            )
        )


def _one(session) -> Enquiry:
    return session.execute(select(Enquiry)).scalar_one()


def test_every_state_can_be_reached_and_every_way_leads_to_a_state() -> None:
    reached = set(FIRST)
    for _ in STATES:
        reached |= {new for old in reached for new in ALLOWED[old]}
    assert reached == set(STATES) == set(ALLOWED)


def test_the_diagram_of_the_documentation_shows_these_ways() -> None:
    page = (ROOT / "docs" / "enquiries.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^    (\S+) --> (\w+):", page, re.MULTILINE))
    ends = {"withdrawn", "expired", "erased"}
    ways = {(old, new) for old, targets in ALLOWED.items() for new in targets - ends}
    assert drawn == ways | {("[*]", first) for first in FIRST}


def test_an_open_enquiry_can_always_be_withdrawn_closed_expired_and_erased() -> None:
    for state in OPEN:
        assert all(allowed(state, end) for end in ("withdrawn", "closed", "expired", "erased"))


def test_what_was_withdrawn_expired_or_erased_is_never_sent_again() -> None:
    for state in ("withdrawn", "expired", "erased", "closed"):
        reached = {state}
        for _ in STATES:
            reached |= {new for old in reached for new in ALLOWED[old]}
        assert not reached & OPEN


@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_a_change_happens_or_is_refused_and_then_nothing_changed(tmp_path: Path, old: str, new: str) -> None:
    with empty_database("sqlite", tmp_path) as database:
        migrate(database)
        _put(database, old)
        with transaction(database) as session:
            if allowed(old, new):
                change(session, _one(session), new, LATER)
            else:
                with pytest.raises(NotAllowed, match=f"{old} cannot become {new}"):
                    change(session, _one(session), new, LATER)
        with transaction(database) as session:
            kept = _one(session)
            assert (kept.state, kept.changed_at) == ((new, LATER) if allowed(old, new) else (old, AT))


def test_a_change_notes_when_it_was_delivered_and_acknowledged(database: Engine) -> None:
    _put(database, "queued")
    with transaction(database) as session:
        enquiry = _one(session)
        change(session, enquiry, "delivered", LATER)
        assert (enquiry.state, enquiry.delivered_at) == ("delivered", LATER)
        change(session, enquiry, "acknowledged", LATER + timedelta(hours=1))
    with transaction(database) as session:
        kept = _one(session)
        assert (kept.delivered_at, kept.acknowledged_at) == (LATER, LATER + timedelta(hours=1))


def test_an_undone_transaction_undoes_the_change(database: Engine) -> None:
    _put(database, "queued")

    def interrupted() -> None:
        with transaction(database) as session:
            change(session, _one(session), "delivered", LATER)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        interrupted()
    with transaction(database) as session:
        assert (_one(session).state, _one(session).delivered_at) == ("queued", None)


def test_of_many_at_the_same_instant_one_changes_it(database: Engine) -> None:
    _put(database, "delivered")
    together = Barrier(6)

    def acknowledge(_: int) -> str:
        try:
            with transaction(database) as session:
                enquiry = _one(session)
                together.wait(30)
                change(session, enquiry, "acknowledged", LATER)
        except Overtaken:
            return "overtaken"
        return "changed"

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(acknowledge, range(6)))
    assert sorted(outcomes) == ["changed"] + ["overtaken"] * 5


@given(st.lists(st.sampled_from(STATES), max_size=30))
def test_no_sequence_of_wishes_leads_out_of_an_end(wishes: list[str]) -> None:
    state, ended = "queued", False
    for wish in wishes:
        if allowed(state, wish):
            assert not (ended and wish in OPEN)
            state = wish
        ended = ended or state not in OPEN
