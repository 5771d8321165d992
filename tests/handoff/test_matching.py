"""Who is offered to whom: concern, town, language and contact; fair turns; and never anybody who breaks a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, empty_database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_people import BREAKING, DAY, TODAY, provider
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.handoff.concerns import CONCERNS
from bot.handoff.matching import Wish, mark_given, matches, still_offerable
from bot.handoff.same_town import same_town, town_and_province
from bot.storage.database import migrate, transaction
from bot.storage.models import Provider

AT = datetime(2027, 3, 1, 15, 30)
SCARS = Wish("scars", "Grande Prairie")


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    with transaction(database) as made:
        yield made


def offered(session: Session, wish: Wish, *providers: Provider, most: int = 3) -> list[str]:
    session.add_all(providers)
    session.flush()
    return [match.key for match in matches(session, wish, TODAY, "demo", most)]


def test_the_visitor_sees_what_is_needed_to_choose(session: Session) -> None:
    session.add(provider(financial_relationship="Rents a room here"))
    session.flush()
    (match,) = matches(session, Wish("scars", "grande prairie, ab"), TODAY, "demo")
    assert match._asdict() == {
        "provider_id": session.execute(select(Provider.id)).scalar_one(),
        "key": "sample-test",
        "name": "Sample Provider Test",
        "practice": "Sample Practice",
        "profession": "physiotherapist",
        "town": "Grande Prairie",
        "services": ("wrinkles", "scars"),
        "verified_on": TODAY - 10 * DAY,
        "register_link": "https://register.example.com/S-1",
        "financial_relationship": "Rents a room here",
        "same_town": True,
    }


@pytest.mark.parametrize(
    ("services", "concern", "expected"),
    [
        (["scars"], "scars", True),
        (["scars"], "jaw", False),
        (["scars"], "general", True),
        (["scars"], "", True),
        (["general"], "general", True),
        (["general"], "scars", False),
        (["general", "jaw"], "jaw", True),
        (["scars"], "something else", False),
    ],
)
def test_who_offers_a_concern(session: Session, services: list[str], concern: str, expected: bool) -> None:
    assert offered(session, Wish(concern), provider("one", services=services)) == ["one"] * expected


@pytest.mark.parametrize(
    ("ways", "kind", "expected"),
    [
        (["phone"], "phone", True),
        (["text"], "phone", True),
        (["phone"], "text", False),
        (["text"], "text", True),
        (["phone", "text"], "email", False),
        (["email"], "email", True),
        (["email"], "phone", False),
        (["email"], "", True),
        (["email"], "pigeon", False),
    ],
)
def test_a_number_can_be_called_or_texted_but_who_asks_for_a_text_gets_no_call(
    session: Session, ways: list[str], kind: str, expected: bool
) -> None:
    assert offered(session, Wish("scars", contact_kind=kind), provider("one", contact_by=ways)) == ["one"] * expected


@pytest.mark.parametrize(
    ("languages", "language", "expected"),
    [(["en"], "en", True), (["en"], "fr", False), (["fr"], "fr", True), (["fr"], "", False), (["en", "fr"], "", True)],
)
def test_the_language_must_be_spoken_and_is_english_by_default(
    session: Session, languages: list[str], language: str, expected: bool
) -> None:
    assert offered(session, Wish("scars", language=language), provider("one", languages=languages)) == ["one"] * expected


def test_who_is_in_the_town_comes_before_who_is_not_whatever_their_turn(session: Session) -> None:
    near = provider("near", last_given_at=AT)
    assert offered(session, SCARS, provider("a-far", town="Edmonton"), near) == ["near", "a-far"]


def test_without_a_town_all_towns_are_equal(session: Session) -> None:
    assert offered(session, Wish("scars"), provider("b"), provider("a", town="Edmonton")) == ["a", "b"]


def test_who_was_never_given_an_enquiry_comes_first_then_who_waited_longest_then_the_key(session: Session) -> None:
    order = offered(
        session,
        SCARS,
        provider("a", last_given_at=AT),
        provider("b", last_given_at=AT - DAY),
        provider("c"),
        provider("e", last_given_at=AT - DAY),
        provider("d"),
        most=9,
    )
    assert order == ["c", "d", "b", "e", "a"]


def test_no_more_than_three_unless_asked_for(session: Session) -> None:
    five = [provider(key) for key in "abcde"]
    assert offered(session, SCARS, *five) == ["a", "b", "c"]
    assert offered(session, SCARS, most=1) == ["a"]
    assert offered(session, SCARS, most=9) == ["a", "b", "c", "d", "e"]


def test_turns_go_round(session: Session) -> None:
    session.add_all([provider(key) for key in "abcd"])
    session.flush()
    given_to = []
    for turn in range(12):
        first = matches(session, SCARS, TODAY, "demo")[0]
        mark_given(session, first.provider_id, AT + timedelta(minutes=turn))
        given_to.append(first.key)
    assert given_to == list("abcd" * 3)
    assert Counter(given_to) == {key: 3 for key in "abcd"}


def test_a_turn_is_never_set_back(session: Session) -> None:
    session.add(provider())
    session.flush()
    one = session.execute(select(Provider)).scalar_one()
    for at in (AT, AT - DAY):
        mark_given(session, one.id, at)
    assert one.last_given_at == AT


def test_marking_somebody_who_is_gone_changes_nothing(session: Session) -> None:
    session.add(provider())
    session.flush()
    one = session.execute(select(Provider)).scalar_one()
    mark_given(session, one.id + 1, AT)
    assert one.last_given_at is None


def test_an_offer_that_no_longer_stands_is_noticed(session: Session) -> None:
    one, two = provider("one"), provider("two", permit_status="suspended")
    session.add_all([one, two])
    session.flush()
    assert still_offerable(session, one.id, TODAY, "demo")
    assert still_offerable(session, one.id, TODAY, "demo", SCARS)
    assert not still_offerable(session, one.id, TODAY, "demo", Wish("jaw"))
    assert not still_offerable(session, one.id, TODAY, "production")
    assert not still_offerable(session, one.id, TODAY + 200 * DAY, "demo")
    assert not still_offerable(session, two.id, TODAY, "demo")
    assert not still_offerable(session, two.id + 1000, TODAY, "demo")


WISHES = st.builds(
    Wish,
    concern=st.sampled_from([*CONCERNS, ""]),
    town=st.sampled_from(["", "Grande Prairie", "Edmonton"]),
    language=st.sampled_from(["", "en", "fr"]),
    contact_kind=st.sampled_from(["", "phone", "text", "email"]),
)
SUITING: dict[str, Any] = {"services": list(CONCERNS), "languages": ["en", "fr"], "contact_by": ["phone", "text", "email"]}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(wish=WISHES, rule=st.sampled_from(sorted(BREAKING)), also=st.sets(st.sampled_from(sorted(BREAKING)), max_size=3))
def test_who_breaks_any_rule_is_never_offered(database: Engine, wish: Wish, rule: str, also: set[str]) -> None:
    broken = {name: value for each in (*also, rule) for name, value in BREAKING[each].items()}
    with transaction(database) as session:
        right, wrong = provider("right", **SUITING), provider("wrong", **{**SUITING, **broken})
        assert offered(session, wish, right, wrong, most=9) == ["right"]
        assert not still_offerable(session, wrong.id, TODAY, "demo", wish)
        session.rollback()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(wish=WISHES)
def test_no_sample_is_ever_offered_in_production(database: Engine, wish: Wish) -> None:
    with transaction(database) as session:
        session.add_all([provider("invented", **SUITING), provider("real", **{**SUITING, "sample": False})])
        session.flush()
        assert [match.key for match in matches(session, wish, TODAY, "production")] == ["real"]
        session.rollback()


@pytest.mark.parametrize(
    "spelling",
    [
        "Grande Prairie",
        "grande prairie, ab",
        "GRANDE PRAIRIE ALBERTA",
        "  Grande   Prairie , Alberta, Canada",
        "City of Grande Prairie",
        "Grande-Prairie",
        "Grandé Prairie AB.",
    ],
)
def test_one_town_in_many_spellings(spelling: str) -> None:
    assert same_town(spelling, "Grande Prairie")
    assert same_town("Grande Prairie, Alberta", spelling)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("St. Albert", "Saint Albert", True),
        ("Lloydminster, SK", "Lloydminster, AB", False),
        ("Lloydminster, SK", "Lloydminster", True),
        ("Lloydminster, Saskatchewan", "Lloydminster SK", True),
        ("Grande Prairie", "Grande Cache", False),
        ("Prairie", "Grande Prairie", False),
        ("Stettler", "St Ettler", False),
        ("", "Grande Prairie", False),
        ("", "", False),
        (" ,. ", "!", False),
    ],
)
def test_which_towns_are_the_same(one: str, other: str, same: bool) -> None:
    assert same_town(one, other) is same
    assert same_town(other, one) is same


@given(st.text(max_size=60))
def test_any_text_can_stand_for_a_town(text: str) -> None:
    town, province = town_and_province(text)
    assert same_town(text, text) == bool(town)
    assert len(province) in (0, 2)
