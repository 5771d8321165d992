"""Workers that are killed at every step: each enquiry arrives, and the receiver can tell a repeat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from delivering import HandClock, mails, rows, sample_house
from sqlalchemy.engine import Engine

from bot.evaluation.enquiry_samples import AT, add_provider, sample_enquiry
from bot.evaluation.killed_deliveries import Killed, kill_in_process, kill_processes, set_scene, tally
from bot.evaluation.receiver import Receiver, webhook_receiver
from bot.handoff.delivery import STEPS, deliver_next
from bot.handoff.enquiries import submit_enquiry
from bot.handoff.outbox import Claim
from bot.handoff.worker import work_once, worker_name
from bot.storage.database import migrate, transaction
from bot.storage.models import Delivery, Enquiry


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver() as running:
        yield running


def test_killed_between_any_two_steps_nothing_is_lost_or_doubled(
    database: Engine, receiver: Receiver, tmp_path: Path
) -> None:
    scene = set_scene(database, tmp_path / "mail", receiver, enquiries=40, seed=7)
    found = tally(scene, kill_in_process(scene))
    assert (found.enquiries, found.lost, found.doubled) == (40, 0, 0)
    assert set(found.kills) == set(STEPS)
    assert sum(found.kills.values()) >= 40
    assert found.repeats > 0  # otherwise no kill fell between the sending and the note of it
    assert {delivery.state for delivery in rows(database, Delivery)} == {"sent"}


def test_processes_killed_by_sigkill_lose_and_double_nothing(database: Engine, receiver: Receiver, tmp_path: Path) -> None:
    scene = set_scene(database, tmp_path / "mail", receiver, enquiries=6, seed=7)
    kills = kill_processes(scene, list(STEPS))
    assert kills == {step: 1 for step in STEPS} | {"nowhere": 0}
    found = tally(scene, kills)
    assert (found.enquiries, found.lost, found.doubled) == (6, 0, 0)


@pytest.mark.parametrize("step", STEPS)
def test_a_message_arrives_once_or_twice_depending_on_the_step(
    database: Engine, receiver: Receiver, tmp_path: Path, step: str
) -> None:
    house, clock = sample_house(tmp_path), HandClock()
    with transaction(database) as session:
        provider = add_provider(session, route="webhook", address=receiver.address)
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)

    def die(here: str, claimed: Claim) -> None:
        if here == step:
            raise Killed

    with pytest.raises(Killed):
        deliver_next(database, house, worker_name(), clock, die)
    assert not deliver_next(database, house, worker_name(), clock)  # while the lease holds nobody touches it
    clock.forward(seconds=120)
    assert deliver_next(database, house, worker_name(), clock) == (step != "noted")
    assert len(receiver.received) == (2 if step in ("sent", "noting") else 1)
    assert len({(request.key, request.body) for request in receiver.received}) == 1
    assert rows(database, Enquiry)[0].state == "delivered"


def test_a_message_that_kills_every_worker_is_put_aside_and_staff_are_told(
    database: Engine, receiver: Receiver, tmp_path: Path
) -> None:
    house, clock = sample_house(tmp_path), HandClock()
    with transaction(database) as session:
        provider = add_provider(session, route="webhook", address=receiver.address)
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)

    def die(here: str, claimed: Claim) -> None:
        if claimed.kind == "enquiry" and here == "written":
            raise Killed

    for _ in range(house.options.delivery_attempts):
        with pytest.raises(Killed):
            deliver_next(database, house, worker_name(), clock, die)
        clock.forward(seconds=120)
    assert work_once(database, house, clock, die) == 2
    assert receiver.received == []
    assert [(d.kind, d.state, d.last_error) for d in rows(database, Delivery)] == [
        ("enquiry", "dead", "interrupted"),
        ("notice", "sent", ""),
    ]
    assert rows(database, Enquiry)[0].state == "with_staff"
    assert len(mails(tmp_path)) == 1


def test_a_file_that_was_being_written_is_never_seen_half(database: Engine, tmp_path: Path) -> None:
    """A kill in the middle of writing leaves a name that no reader of the folder takes for a message."""
    house, clock = sample_house(tmp_path), HandClock()
    submit_enquiry(sample_enquiry(kind="call_back"), database, AT)
    [delivery] = rows(database, Delivery)
    half = tmp_path / "mail" / f".{delivery.idempotency_key}.unfinished"
    half.parent.mkdir()
    half.write_bytes(b"From: Sam")
    work_once(database, house, clock)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{delivery.idempotency_key}.eml"]
    assert mails(tmp_path)[0]["Subject"].endswith("a call back")


def test_a_database_that_fails_while_noting_means_a_repeat_and_no_loss(
    database: Engine, receiver: Receiver, tmp_path: Path
) -> None:
    house, clock = sample_house(tmp_path), HandClock()
    with transaction(database) as session:
        provider = add_provider(session, route="webhook", address=receiver.address)
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    raised = RuntimeError("the connection broke before the commit")

    def fail(here: str, claimed: Claim) -> None:
        if here == "noting":
            raise raised

    with pytest.raises(RuntimeError):
        deliver_next(database, house, worker_name(), clock, fail)
    assert rows(database, Enquiry)[0].state == "queued"
    assert rows(database, Delivery)[0].leased_until == AT + timedelta(seconds=120)
    clock.forward(seconds=120)
    work_once(database, house, clock)
    assert len({request.key for request in receiver.received}) == 1
    assert rows(database, Enquiry)[0].state == "delivered"
