"""When nobody answers: one reminder, then another provider only if the visitor agreed to that, otherwise staff."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from databases import KINDS, empty_database
from delivering import HandClock, html, mails, plain, rows, sample_house
from sqlalchemy import update
from sqlalchemy.engine import Engine

from bot.evaluation.enquiry_samples import AT, add_provider, sample_enquiry
from bot.handoff.acknowledge import acknowledge, token
from bot.handoff.enquiries import status, submit_enquiry, withdraw
from bot.handoff.follow_up import Followed, follow_up
from bot.handoff.letters import House
from bot.handoff.outbox import Claim
from bot.handoff.worker import work_once
from bot.storage.database import migrate, transaction
from bot.storage.models import AuditEntry, Consent, Delivery, Enquiry, Provider


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return sample_house(tmp_path)


@pytest.fixture
def providers(database: Engine) -> list[int]:
    with transaction(database) as session:
        return [add_provider(session, key) for key in ("sample-one", "sample-two")]


def _delivered(database: Engine, house: House, clock: HandClock, **wish) -> str:
    code = submit_enquiry(sample_enquiry(**wish), database, clock()).code
    work_once(database, house, clock)
    return code


def _messages(database: Engine) -> list[tuple[str, str, int | None, str]]:
    return [(d.kind, d.subject, d.provider_id, d.state) for d in rows(database, Delivery)]


def _acknowledge(database: Engine, code: str, given: str, clock: HandClock) -> bool:
    with transaction(database) as session:
        return acknowledge(session, code, given, clock())


def test_a_quiet_provider_is_reminded_once_without_details(
    database: Engine, house: House, clock: HandClock, providers: list[int], tmp_path: Path
) -> None:
    code = _delivered(database, house, clock, provider_id=providers[0])
    clock.forward(hours=47, minutes=59)
    assert work_once(database, house, clock) == 0
    clock.forward(minutes=1)
    assert work_once(database, house, clock) == 1
    clock.forward(hours=47)
    assert work_once(database, house, clock) == 0
    [reminder] = [message for message in mails(tmp_path) if message["Subject"].startswith("Reminder")]
    for body in (plain(reminder), html(reminder)):
        assert code in body
        assert token(code, providers[0]) in body
        assert "Dana" not in body
    assert "dana@example.com" not in reminder.as_string()
    assert [message[0] for message in _messages(database)] == ["enquiry", "reminder"]


def test_who_acknowledges_is_left_in_peace(database: Engine, house: House, clock: HandClock, providers: list[int]) -> None:
    code = _delivered(database, house, clock, provider_id=providers[0], may_pass_on=True)
    clock.forward(hours=48)
    follow_up(database, house.options, clock())  # a reminder is on its way
    assert _acknowledge(database, code.lower(), token(code, providers[0]), clock)
    assert work_once(database, house, clock) == 0
    assert _messages(database)[1] == ("reminder", "", providers[0], "cancelled")
    clock.forward(days=30)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 0, 0)
    enquiry = rows(database, Enquiry)[0]
    assert (enquiry.state, enquiry.acknowledged_at) == ("acknowledged", AT + timedelta(hours=48))
    assert rows(database, AuditEntry)[-1].actor == "provider:sample-one"


def test_without_consent_to_another_provider_staff_are_told(
    database: Engine, house: House, clock: HandClock, providers: list[int], tmp_path: Path
) -> None:
    code = _delivered(database, house, clock, provider_id=providers[0])
    clock.forward(hours=96)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 1, 0)
    work_once(database, house, clock)
    assert rows(database, Enquiry)[0].state == "with_staff"
    assert _messages(database)[1:] == [("notice", "not_acknowledged", None, "sent")]
    [notice] = [message for message in mails(tmp_path) if message["Subject"].startswith("For staff")]
    assert notice["Subject"] == f"For staff: nobody has acknowledged this enquiry ({code})"
    assert not any(word in notice.as_string() for word in ("Dana", "dana@"))


def test_with_consent_the_next_provider_gets_it_and_then_staff(
    database: Engine, house: House, clock: HandClock, providers: list[int], tmp_path: Path
) -> None:
    first, second = providers
    code = _delivered(database, house, clock, provider_id=first, may_pass_on=True)
    clock.forward(hours=96)
    assert work_once(database, house, clock) == 1
    enquiry = rows(database, Enquiry)[0]
    assert (enquiry.state, enquiry.provider_id, enquiry.delivered_at) == ("delivered", second, clock())
    links = {message["To"].addresses[0].addr_spec: plain(message) for message in mails(tmp_path)}
    assert token(code, first) in links["sample-one@example.com"]
    assert token(code, second) in links["sample-two@example.com"]
    assert token(code, first) != token(code, second)
    clock.forward(hours=48)
    assert follow_up(database, house.options, clock()) == Followed(1, 0, 0, 0)  # the second is reminded too
    clock.forward(hours=48)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 1, 0)
    assert rows(database, Provider)[1].last_given_at == AT + timedelta(hours=96)
    with transaction(database) as session:
        assert status(session, code, "another", clock()).state == "with_staff"


@pytest.mark.parametrize("why_not", ["withdrawn", "over", "nobody else"])
def test_consent_that_does_not_hold_any_more_passes_nothing_on(
    database: Engine, house: House, clock: HandClock, providers: list[int], why_not: str
) -> None:
    _delivered(database, house, clock, provider_id=providers[0], may_pass_on=True)
    with transaction(database) as session:
        another = Consent.kind == "next_provider"
        if why_not == "withdrawn":
            session.execute(update(Consent).where(another).values(withdrawn_at=clock()))
        elif why_not == "over":
            session.execute(update(Consent).where(another).values(holds_until=AT + timedelta(hours=96)))
        else:
            session.execute(update(Provider).where(Provider.id == providers[1]).values(services=["jaw"]))
    clock.forward(hours=96)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 1, 0)
    assert {message[2] for message in _messages(database)} == {providers[0], None}


def test_a_late_yes_of_the_first_provider_stops_the_second(
    database: Engine, house: House, clock: HandClock, providers: list[int]
) -> None:
    code = _delivered(database, house, clock, provider_id=providers[0], may_pass_on=True)
    clock.forward(hours=96)
    follow_up(database, house.options, clock())
    assert _acknowledge(database, code, token(code, providers[0]), clock)
    assert work_once(database, house, clock) == 0
    enquiry = rows(database, Enquiry)[0]
    assert (enquiry.state, enquiry.provider_id) == ("acknowledged", providers[0])
    assert _messages(database)[1] == ("enquiry", "", providers[1], "cancelled")


def test_questions_that_staff_leave_are_put_before_them_again(database: Engine, house: House, clock: HandClock) -> None:
    _delivered(database, house, clock, kind="question", question="Do you treat horses?")
    clock.forward(hours=48)
    assert follow_up(database, house.options, clock()) == Followed(1, 0, 0, 0)
    clock.forward(hours=48)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 1, 0)
    assert [message[:3] for message in _messages(database)] == [
        ("enquiry", "", None),
        ("reminder", "", None),
        ("notice", "not_acknowledged", None),
    ]


def test_what_waits_goes_to_a_new_provider_only_with_consent(
    database: Engine, house: House, clock: HandClock, tmp_path: Path
) -> None:
    with_consent = _delivered(database, house, clock, may_pass_on=True, contact="eve@example.com")
    _delivered(database, house, clock)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 0, 0)
    with transaction(database) as session:
        newcomer = add_provider(session)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 0, 1)
    work_once(database, house, clock)
    assert [(e.code == with_consent, e.state, e.provider_id) for e in rows(database, Enquiry)] == [
        (True, "delivered", newcomer),
        (False, "waiting", None),
    ]
    [given] = [message for message in mails(tmp_path) if message["Subject"].startswith("Enquiry")]
    assert given["Reply-To"] == "eve@example.com"


def test_a_provider_who_lapsed_is_not_reminded_to_go_on(
    database: Engine, house: House, clock: HandClock, providers: list[int], tmp_path: Path
) -> None:
    _delivered(database, house, clock, provider_id=providers[0], may_pass_on=True)
    with transaction(database) as session:
        session.execute(update(Provider).where(Provider.id == providers[0]).values(insurance_expires=AT.date()))
    clock.forward(hours=48)
    work_once(database, house, clock)
    assert [message[:2] for message in _messages(database)] == [
        ("enquiry", ""),
        ("reminder", ""),
        ("notice", "provider_lapsed"),
    ]
    assert not [message for message in mails(tmp_path) if message["Subject"].startswith("Reminder")]


def test_withdrawn_everybody_who_may_have_it_is_told(
    database: Engine, house: House, clock: HandClock, providers: list[int]
) -> None:
    code = _delivered(database, house, clock, provider_id=providers[0], may_pass_on=True)
    clock.forward(hours=96)
    work_once(database, house, clock)
    with transaction(database) as session:
        assert withdraw(session, code, "dana@example.com", clock())
    work_once(database, house, clock)
    told = [message for message in _messages(database) if message[0] == "withdrawn"]
    assert told == [("withdrawn", "", one, "sent") for one in providers]
    clock.forward(days=30)
    assert follow_up(database, house.options, clock()) == Followed(0, 0, 0, 0)


def test_many_workers_at_once_follow_up_once(database: Engine, house: House, clock: HandClock, providers: list[int]) -> None:
    for number in range(4):
        _delivered(
            database, house, clock, provider_id=providers[0], may_pass_on=bool(number % 2), contact=f"d{number}@example.com"
        )
    together = Barrier(4)

    def follow(_: int) -> Followed:
        together.wait(30)
        return follow_up(database, house.options, at)

    for hours, expected in ((48, Followed(4, 0, 0, 0)), (48, Followed(0, 2, 2, 0))):
        at = clock.forward(hours=hours)
        with ThreadPoolExecutor(4) as threads:
            done = list(threads.map(follow, range(4)))
        assert Followed(*(sum(counts) for counts in zip(*done))) == expected


# --- acknowledging


@pytest.mark.parametrize("given", ["", "0" * 32, "é", "a" * 5000])
def test_a_wrong_token_acknowledges_nothing(
    database: Engine, house: House, clock: HandClock, providers: list[int], given: str
) -> None:
    code = _delivered(database, house, clock, provider_id=providers[0])
    assert not _acknowledge(database, code, given, clock)
    assert not _acknowledge(database, code, token(code, providers[1]), clock)
    assert not _acknowledge(database, code, token(code), clock)
    assert not _acknowledge(database, "CCCC-2222-FF", token("CCCC-2222-FF"), clock)
    assert rows(database, Enquiry)[0].state == "delivered"


def test_a_token_of_somebody_who_was_not_sent_it_yet_is_worth_nothing(
    database: Engine, house: House, clock: HandClock, providers: list[int]
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=providers[0]), database, clock()).code
    assert not _acknowledge(database, code, token(code, providers[0]), clock)


def test_acknowledging_twice_and_after_closing_is_a_yes_and_after_withdrawing_a_no(
    database: Engine, house: House, clock: HandClock, providers: list[int]
) -> None:
    code = _delivered(database, house, clock, provider_id=providers[0])
    given = token(code, providers[0])
    assert _acknowledge(database, code, given, clock)
    first = rows(database, Enquiry)[0].acknowledged_at
    clock.forward(hours=1)
    assert _acknowledge(database, code, given, clock)
    assert rows(database, Enquiry)[0].acknowledged_at == first
    with transaction(database) as session:
        assert withdraw(session, code, "dana@example.com", clock())
    assert not _acknowledge(database, code, given, clock)


def test_a_yes_before_the_worker_could_note_the_sending_counts(
    database: Engine, house: House, clock: HandClock, providers: list[int]
) -> None:
    """As when the worker is killed right after the provider's server took the message."""
    code = submit_enquiry(sample_enquiry(provider_id=providers[0]), database, clock()).code

    class Killed(BaseException):
        pass

    def kill(step: str, claimed: Claim) -> None:
        if step == "sent":
            raise Killed

    with pytest.raises(Killed):
        work_once(database, house, clock, kill)
    assert _acknowledge(database, code, token(code, providers[0]), clock)
    clock.forward(hours=1)
    assert work_once(database, house, clock) == 0
    assert rows(database, Enquiry)[0].state == "acknowledged"
    with transaction(database) as session:
        assert withdraw(session, code, "dana@example.com", clock())
    assert _messages(database)[1:] == [("withdrawn", "", providers[0], "pending")]
