"""Deliveries to a provider's own system: the contract of docs/enquiries.md, and every way in which a receiver can answer."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from delivering import HandClock, mails, plain, rows, sample_house
from sqlalchemy import update
from sqlalchemy.engine import Engine

from bot.evaluation.enquiry_samples import AT, SECRET, add_provider, sample_enquiry
from bot.evaluation.receiver import SILENCE, Receiver, webhook_receiver
from bot.handoff.acknowledge import token
from bot.handoff.enquiries import submit_enquiry, withdraw
from bot.handoff.worker import work_once
from bot.settings import ROOT
from bot.storage.database import migrate, transaction
from bot.storage.models import Delivery, Enquiry, Provider


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver() as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sent_code(database: Engine, receiver: Receiver) -> str:
    """Reference code of an enquiry to a provider with a webhook."""
    with transaction(database) as session:
        provider = add_provider(session, route="webhook", address=receiver.address)
    return submit_enquiry(sample_enquiry(provider_id=provider, first_name="Zoë"), database, AT).code


def _state(database: Engine) -> tuple[str, str, str]:
    delivery = rows(database, Delivery)[0]
    return rows(database, Enquiry)[0].state, delivery.state, delivery.last_error


def _documented_check() -> Callable[[str, dict, bytes, float], bool]:
    """The receiver's function as docs/enquiries.md prints it."""
    page = (ROOT / "docs" / "enquiries.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found
    names: dict = {}
    exec(found.group(1), names)
    return names["is_genuine"]


def test_the_receiver_gets_the_enquiry_signed(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock
) -> None:
    assert work_once(database, sample_house(tmp_path), clock) == 1
    assert _state(database) == ("delivered", "sent", "")
    [request] = receiver.received
    provider = rows(database, Provider)[0]
    assert json.loads(request.body) == {
        "version": 1,
        "id": rows(database, Delivery)[0].idempotency_key,
        "kind": "enquiry",
        "code": sent_code,
        "about": "cosmetic",
        "made_at": "2026-01-05T12:00:00Z",
        "clinic": "Sample Clinic",
        "staff_email": "staff@clinic.example.com",
        "acknowledge": f"https://clinic.example.com/assistant/enquiries/{sent_code}/{token(sent_code, provider.id)}",
        "first_name": "Zoë",
        "contact": "dana@example.com",
        "contact_kind": "email",
        "concern": "scars",
        "town": "Grande Prairie",
        "language": "en",
        "best_time": "weekdays after five",
        "consent": {
            "text": "I agree that [name] and [contact] are passed on to Sample Provider One.",
            "version": "2026-01",
            "given_at": "2026-01-05T12:00:00Z",
            "holds_until": "2026-04-05T12:00:00Z",
        },
    }
    assert request.key == rows(database, Delivery)[0].idempotency_key
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    genuine, now = _documented_check(), AT.replace(tzinfo=timezone.utc).timestamp()
    assert genuine(SECRET, request.headers, request.body, now)
    assert not genuine(SECRET, request.headers, request.body.replace(b"scars", b"jaw"), now)
    assert not genuine("another secret", request.headers, request.body, now)
    assert not genuine(SECRET, request.headers, request.body, now + 301)
    later = {**request.headers, "x-assistant-timestamp": str(int(now) + 60)}
    assert not genuine(SECRET, later, request.body, now + 60)


@pytest.mark.parametrize("code", [201, 202, 204])
def test_every_2xx_is_a_yes(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock, code: int
) -> None:
    receiver.answers = [(code, {})]
    work_once(database, sample_house(tmp_path), clock)
    assert _state(database)[0] == "delivered"


@pytest.mark.parametrize("code", [408, 409, 425, 429, 500, 502, 503])
def test_not_now_is_repeated_with_the_same_key_and_body(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock, code: int
) -> None:
    receiver.answers = [(code, {})]
    house = sample_house(tmp_path)
    work_once(database, house, clock)
    assert _state(database) == ("queued", "pending", f"http {code}")
    clock.forward(minutes=1)
    work_once(database, house, clock)
    assert _state(database)[:2] == ("delivered", "sent")
    first, second = receiver.received
    assert (first.key, first.body) == (second.key, second.body)
    assert first.headers["x-assistant-signature"] != second.headers["x-assistant-signature"]


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("600", 600),
        (format_datetime(AT.replace(tzinfo=timezone.utc) + timedelta(minutes=20), usegmt=True), 1200),
        ("99999999999999999999999", 24 * 3600),
    ],
)
def test_a_receiver_may_ask_for_time(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock, asked: str, seconds: int
) -> None:
    receiver.answers = [(429, {"Retry-After": asked})]
    work_once(database, sample_house(tmp_path), clock)
    assert rows(database, Delivery)[0].next_try_at == AT + timedelta(seconds=seconds)


@pytest.mark.parametrize("asked", ["soon", "-5", "", "²"])
def test_what_is_no_time_is_ignored(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock, asked: str
) -> None:
    receiver.answers = [(503, {"Retry-After": asked.encode().decode("latin-1")})]
    work_once(database, sample_house(tmp_path), clock)
    assert timedelta(seconds=15) <= rows(database, Delivery)[0].next_try_at - AT <= timedelta(seconds=30)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 422])
def test_never_is_given_up_at_once_and_staff_are_told(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock, code: int
) -> None:
    receiver.answers = [(code, {})]
    work_once(database, sample_house(tmp_path), clock)
    assert _state(database) == ("with_staff", "dead", f"http {code}")
    assert len(receiver.received) == 1
    [notice] = mails(tmp_path)
    assert sent_code in plain(notice)
    assert "Zoë" not in plain(notice)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_leads_nowhere(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock, code: int
) -> None:
    receiver.answers = [(code, {"Location": f"{receiver.address}/elsewhere"})]
    work_once(database, sample_house(tmp_path), clock)
    assert [request.path for request in receiver.received] == ["/enquiries"]
    assert _state(database) == ("with_staff", "dead", f"http {code}")


def test_a_receiver_that_says_nothing_costs_no_more_than_the_time_limit(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock
) -> None:
    receiver.answers = [SILENCE]
    work_once(database, sample_house(tmp_path, delivery_timeout_seconds=0.2), clock)
    assert _state(database)[:2] == ("queued", "pending")
    assert "Timeout" in _state(database)[2]
    clock.forward(minutes=1)
    work_once(database, sample_house(tmp_path, delivery_timeout_seconds=60), clock)
    assert _state(database)[:2] == ("delivered", "sent")
    assert len({request.key for request in receiver.received}) == 1


def test_a_receiver_that_is_not_there_is_tried_again(
    database: Engine, sent_code: str, tmp_path: Path, clock: HandClock
) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        with transaction(database) as session:
            session.execute(update(Provider).values(address=f"http://127.0.0.1:{nobody_listens.getsockname()[1]}/"))
        work_once(database, sample_house(tmp_path), clock)
    assert _state(database) == ("queued", "pending", "ConnectError")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"address": "http://provider.example.com/enquiries"}, "address is not https"),
        ({"address": "ftp://127.0.0.1/enquiries"}, "address is not https"),
        ({"address": "file:///etc/passwd"}, "address is not https"),
        ({"address": "https://[::1"}, "address"),
        ({"address": ""}, "address is not https"),
        ({"webhook_secret_sealed": None}, "no secret"),
    ],
)
def test_without_a_safe_address_and_a_secret_nothing_is_sent(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock, changes: dict, error: str
) -> None:
    with transaction(database) as session:
        session.execute(update(Provider).values(**changes))
    work_once(database, sample_house(tmp_path), clock)
    assert receiver.received == []
    assert _state(database) == ("with_staff", "dead", error)


def test_a_withdrawal_is_a_message_of_its_own_without_details(
    database: Engine, receiver: Receiver, sent_code: str, tmp_path: Path, clock: HandClock
) -> None:
    house = sample_house(tmp_path)
    work_once(database, house, clock)
    with transaction(database) as session:
        assert withdraw(session, sent_code, "dana@example.com", clock())
    work_once(database, house, clock)
    told = json.loads(receiver.received[1].body)
    assert (told["kind"], told["code"]) == ("withdrawn", sent_code)
    assert receiver.received[1].key != receiver.received[0].key
    assert not any(word in receiver.received[1].body.decode() for word in ("Zoë", "dana@"))
