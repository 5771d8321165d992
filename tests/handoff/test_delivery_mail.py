"""Deliveries by email: what they say, what they do not say, and every way in which a mail server can answer."""

from __future__ import annotations

import datetime as dates
import ipaddress
import socket
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from threading import Barrier

import pytest
import structlog
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from databases import KINDS, empty_database
from delivering import HandClock, Mailbox, html, mail_server, mails, plain, rows, sample_house
from sqlalchemy import select, text, update
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from bot.evaluation.enquiry_samples import AT, add_provider, sample_enquiry
from bot.handoff.acknowledge import token
from bot.handoff.delivery import deliver_next
from bot.handoff.enquiries import submit_enquiry, withdraw
from bot.handoff.outbox import Claim, claim, finish
from bot.handoff.worker import work_once, worker_name
from bot.storage.database import migrate, transaction
from bot.storage.models import Base, Consent, Delivery, Enquiry, Provider


@pytest.fixture(autouse=True)
def every_line_is_logged() -> Iterator[None]:
    """Whatever level tests before have set."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def provider(database: Engine) -> int:
    with transaction(database) as session:
        return add_provider(session)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def _state(database: Engine) -> tuple[str, str, str]:
    """Of the first enquiry, of its message, and what went wrong last."""
    delivery = rows(database, Delivery)[0]
    return rows(database, Enquiry)[0].state, delivery.state, delivery.last_error


def _withdraw(database: Engine, code: str, clock: HandClock) -> bool:
    with transaction(database) as session:
        return withdraw(session, code, "dana@example.com", clock())


# --- what the message says


def test_the_provider_gets_what_the_visitor_agreed_to_and_how_to_answer(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    assert work_once(database, sample_house(tmp_path), clock) == 1
    [message] = mails(tmp_path)
    link = f"https://clinic.example.com/assistant/enquiries/{code}/{token(code, provider)}"
    for body in (plain(message), html(message)):
        for expected in (
            code,
            "Dana",
            "dana@example.com",
            "email",
            "scars",
            "Grande Prairie",
            "English",
            "weekdays after five",
            "5 January 2026, 12:00 UTC",
            "5 April 2026, 12:00 UTC",
            "2026-01",
            "I agree that [name] and [contact] are passed on to Sample Provider One.",
            link,
            "Sample Clinic",
        ):
            assert expected in body
    assert message["To"] == "Sample Provider sample-one <sample-one@example.com>"
    assert message["From"] == "Sample Clinic <assistant@clinic.example.com>"
    assert message["Reply-To"] == "dana@example.com"
    assert message["Subject"] == f"Enquiry {code}: cosmetic needling"
    assert message["Message-ID"] == f"<{rows(database, Delivery)[0].idempotency_key}@clinic.example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    enquiry = rows(database, Enquiry)[0]
    assert (enquiry.state, enquiry.delivered_at) == ("delivered", AT)


def test_a_visitor_with_a_phone_is_answered_by_way_of_staff(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    new = sample_enquiry(provider_id=provider, contact="780-555-0143", contact_kind="text", best_time="")
    code = submit_enquiry(new, database, AT).code
    work_once(database, sample_house(tmp_path, public_url=None), clock)
    [message] = mails(tmp_path)
    assert message["Reply-To"] == "staff@clinic.example.com"
    assert "+17805550143 (by text message)" in plain(message)
    assert "Best time" not in plain(message) + html(message)
    assert "write to staff@clinic.example.com and name the reference code" in plain(message)
    assert f"enquiries/{code}" not in plain(message) + html(message)


def test_staff_get_questions_and_calls_back(database: Engine, tmp_path: Path, clock: HandClock) -> None:
    submit_enquiry(sample_enquiry(kind="question", concern="general", question="Do you treat horses?"), database, AT)
    submit_enquiry(sample_enquiry(kind="call_back", contact="780-555-0143", contact_kind="phone"), database, AT)
    assert work_once(database, sample_house(tmp_path), clock) == 2
    found = {message["Subject"].partition(": ")[2]: message for message in mails(tmp_path)}
    assert "Do you treat horses?" in plain(found["a question"])
    assert "Do you treat horses?" in html(found["a question"])
    assert "to be called back" in plain(found["a call back"])
    assert {message["To"] for message in found.values()} == {'"Sample Clinic, staff" <staff@clinic.example.com>'}


def test_markup_and_line_breaks_from_outside_are_text_and_never_headers(
    database: Engine, tmp_path: Path, clock: HandClock
) -> None:
    with transaction(database) as session:
        provider = add_provider(session, legal_name="Sample\r\nBcc: all@example.com <b>One</b>")
    submit_enquiry(sample_enquiry(provider_id=provider, best_time="<img src=x>\r\nBcc: all@example.com"), database, AT)
    work_once(database, sample_house(tmp_path), clock)
    [message] = mails(tmp_path)
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["sample-one@example.com"]
    assert "<img" not in html(message)


@pytest.mark.parametrize("address", ["nobody", "a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com", ""])
def test_an_address_that_is_none_is_given_up_at_once(
    database: Engine, tmp_path: Path, clock: HandClock, address: str
) -> None:
    with transaction(database) as session:
        provider = add_provider(session, address=address)
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    work_once(database, sample_house(tmp_path), clock)
    assert _state(database) == ("with_staff", "dead", "address")
    [notice] = mails(tmp_path)
    assert notice["To"].addresses[0].addr_spec == "staff@clinic.example.com"


def test_nothing_personal_is_left_in_the_outbox_or_the_log(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    new = sample_enquiry(provider_id=provider, first_name="Zebulon", contact="canary@example.com")
    with capture_logs() as logs:
        submit_enquiry(new, database, AT)
        work_once(database, sample_house(tmp_path), clock)
    with transaction(database) as session:
        stored = str([session.execute(select(table)).all() for table in Base.metadata.sorted_tables])
    assert logs
    for word in ("Zebulon", "canary", "sample-one@example.com"):
        assert word not in str(logs)
    assert "Zebulon" not in stored
    assert "canary" not in stored


# --- the folder


def test_a_message_in_the_folder_is_for_the_owner_alone_and_a_repeat_takes_its_place(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    house = sample_house(tmp_path)
    for _ in range(2):
        work_once(database, house, clock)
        with transaction(database) as session:
            session.execute(update(Delivery).values(state="pending"))
            session.execute(update(Enquiry).values(state="queued"))
    [path] = (tmp_path / "mail").iterdir()
    assert path.name == f"{rows(database, Delivery)[0].idempotency_key}.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_tried_again(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    (tmp_path / "mail").write_text("in the way")
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    work_once(database, sample_house(tmp_path), clock)
    assert _state(database) == ("queued", "pending", "mail folder: FileExistsError")
    (tmp_path / "mail").unlink()
    clock.forward(minutes=1)
    work_once(database, sample_house(tmp_path), clock)
    assert _state(database)[:2] == ("delivered", "sent")
    assert len(mails(tmp_path)) == 1


# --- a mail server


def test_a_mail_server_takes_it(database: Engine, provider: int, tmp_path: Path, clock: HandClock) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    mailbox = Mailbox()
    with mail_server(mailbox) as reached:
        assert work_once(database, sample_house(tmp_path, **reached), clock) == 1
    assert mailbox.envelopes == [("assistant@clinic.example.com", ["sample-one@example.com"])]
    assert "Dana" in plain(mailbox.messages[0])
    assert _state(database) == ("delivered", "sent", "")
    assert not (tmp_path / "mail").exists()


@pytest.mark.parametrize("answer", ["RCPT 450 mailbox busy", "DATA 451 try again", "DATA 421 going down"])
def test_not_now_is_tried_again_later(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock, answer: str
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    mailbox = Mailbox()
    mailbox.answers = [answer]
    with mail_server(mailbox) as reached:
        house = sample_house(tmp_path, **reached)
        work_once(database, house, clock)
        code = answer.split()[1]
        assert _state(database)[:2] == ("queued", "pending")
        assert _state(database)[2].endswith(code)
        assert timedelta(seconds=15) <= rows(database, Delivery)[0].next_try_at - AT <= timedelta(seconds=30)
        assert work_once(database, house, clock) == 0
        clock.forward(seconds=30)
        assert work_once(database, house, clock) == 1
    assert len(mailbox.messages) == 1
    assert _state(database)[:2] == ("delivered", "sent")


@pytest.mark.parametrize("answer", ["RCPT 550 no such mailbox", "DATA 554 refused dana@example.com"])
def test_never_is_given_up_at_once_and_staff_are_told(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock, answer: str
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    mailbox = Mailbox()
    mailbox.answers = [answer]
    with mail_server(mailbox) as reached, capture_logs() as logs:
        assert work_once(database, sample_house(tmp_path, **reached), clock) == 2
    assert _state(database)[:2] == ("with_staff", "dead")
    [notice] = mailbox.messages
    assert notice["Subject"] == f"For staff: a message could not be delivered ({code})"
    assert f"python -m bot enquiries show {code}" in plain(notice)
    assert not any(word in plain(notice) + html(notice) + str(logs) for word in ("Dana", "dana@", "mailbox", "refused dana"))


def test_a_line_that_is_cut_after_the_message_was_taken_repeats_it_recognisably(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    mailbox = Mailbox()
    mailbox.answers = ["CUT"]
    with mail_server(mailbox) as reached:
        house = sample_house(tmp_path, **reached)
        work_once(database, house, clock)
        assert _state(database)[:2] == ("queued", "pending")
        clock.forward(minutes=1)
        work_once(database, house, clock)
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert _state(database)[:2] == ("delivered", "sent")


def test_a_server_that_is_not_there_is_tried_ever_more_slowly_and_then_given_up(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        house = sample_house(tmp_path, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
        waits = []
        while _state(database)[1] == "pending":
            before = clock()
            assert deliver_next(database, house, worker_name(), clock)
            waits.append((rows(database, Delivery)[0].next_try_at - before).total_seconds())
            clock.at = max(clock(), rows(database, Delivery)[0].next_try_at)
    assert len(waits) == 8
    for number, seconds in enumerate(waits[:7]):
        assert 15 * 2**number <= seconds <= 30 * 2**number
    assert len({round(seconds / 2**number, 3) for number, seconds in enumerate(waits[:7])}) > 1  # not all at the same beat
    assert _state(database) == ("with_staff", "dead", "ConnectionRefusedError")
    assert [(d.kind, d.subject) for d in rows(database, Delivery)[1:]] == [("notice", "gave_up")]


def test_a_dead_notice_makes_no_notice(database: Engine, tmp_path: Path, clock: HandClock) -> None:
    submit_enquiry(sample_enquiry(concern="jaw"), database, AT)
    house = sample_house(tmp_path, staff_email=None, smtp_host="127.0.0.1")
    with capture_logs() as logs:
        assert work_once(database, house, clock) == 1
    [notice] = rows(database, Delivery)
    assert (notice.kind, notice.state, notice.last_error) == ("notice", "dead", "no address of staff")
    assert "delivery.gave_up" in [line["event"] for line in logs]


def test_a_silent_server_costs_no_more_than_the_time_limit(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        house = sample_house(
            tmp_path,
            smtp_host="127.0.0.1",
            smtp_port=silent.getsockname()[1],
            smtp_security="none",
            delivery_timeout_seconds=0.05,
        )
        work_once(database, house, clock)
    assert _state(database) == ("queued", "pending", "SMTPServerDisconnected")


# --- TLS and login


def _certificate(folder: Path) -> tuple[Path, SSLContext]:
    """A certificate of 127.0.0.1 that signs itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = dates.datetime.now(dates.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "certificate.pem", folder / "key.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return path, context


@pytest.mark.parametrize("trusted", [True, False])
def test_details_go_only_to_a_server_whose_certificate_is_trusted(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    path, context = _certificate(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    mailbox = Mailbox()
    with mail_server(mailbox, tls_context=context, require_starttls=True) as reached:
        work_once(database, sample_house(tmp_path, **{**reached, "smtp_security": "starttls"}), clock)
    if trusted:
        assert mailbox.over_tls == [True]
        assert _state(database)[:2] == ("delivered", "sent")
    else:
        assert mailbox.messages == []
        assert _state(database) == ("queued", "pending", "SSLCertVerificationError")


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    mailbox = Mailbox()
    with mail_server(mailbox) as reached:
        for security in ("starttls", "tls"):
            work_once(database, sample_house(tmp_path, **{**reached, "smtp_security": security}), clock)
            clock.forward(minutes=1)
    assert mailbox.messages == []
    assert rows(database, Delivery)[0].attempts == 2
    assert _state(database)[1] == "pending"


@pytest.mark.parametrize(
    ("password", "expected"), [("right", ("delivered", "sent", "")), ("wrong", ("queued", "pending", "smtp refused 535"))]
)
@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_refused_login_is_the_clinics_to_mend_and_loses_nothing(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock, password: str, expected: tuple
) -> None:
    def check(server, session, envelope, mechanism, login) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"clinic", b"right"), handled=False)

    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    mailbox = Mailbox()
    with mail_server(mailbox, authenticator=check, auth_required=True, auth_require_tls=False) as reached:
        work_once(database, sample_house(tmp_path, **reached, smtp_user="clinic", smtp_password=password), clock)
    assert _state(database) == expected


# --- several workers


def test_many_workers_send_each_message_once(database: Engine, provider: int, tmp_path: Path, clock: HandClock) -> None:
    for number in range(12):
        new = sample_enquiry(provider_id=provider, contact=f"d{number}@example.com")
        submit_enquiry(new, database, AT)
    mailbox, together = Mailbox(), Barrier(4)
    with mail_server(mailbox) as reached:
        house = sample_house(tmp_path, **reached)

        def work(_: int) -> int:
            together.wait(30)
            return work_once(database, house, clock)

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(work, range(4))) == 12
    assert len({message["Message-ID"] for message in mailbox.messages}) == len(mailbox.messages) == 12


def test_a_message_is_its_holders_while_the_lease_holds(database: Engine, provider: int, clock: HandClock) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    first = claim(database, "a", clock(), 120)
    assert first is not None
    assert first.attempt == 1
    assert claim(database, "b", clock.forward(seconds=119), 120) is None
    second = claim(database, "b", clock.forward(seconds=1), 120)
    assert second is not None
    assert (second.attempt, second.taken_over, second.idempotency_key) == (2, True, first.idempotency_key)


def test_who_lost_the_lease_while_sending_changes_nothing_afterwards(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    house = sample_house(tmp_path)

    def slow(step: str, claimed: Claim) -> None:
        if step == "sent":
            clock.forward(seconds=121)
            assert deliver_next(database, house, "quick", clock)

    with capture_logs() as logs:
        assert deliver_next(database, house, "slow", clock, slow)
    assert [line["stood"] for line in logs if line["event"] == "delivery.tried"] == [True, False]
    assert rows(database, Delivery)[0].attempts == 2
    assert _state(database)[:2] == ("delivered", "sent")
    assert len(mails(tmp_path)) == 1


def test_who_lost_the_lease_cannot_note_for_the_one_who_has_it(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    taken_over = []

    def slow(step: str, claimed: Claim) -> None:
        if step == "sent":
            taken_over.append(claim(database, "quick", clock.forward(seconds=121), 120))

    deliver_next(database, sample_house(tmp_path), "slow", clock, slow)
    assert _state(database)[:2] == ("queued", "sending")
    with transaction(database) as session:
        assert finish(session, taken_over[0], "sent", at=clock())


def test_a_withdrawal_waits_for_a_worker_who_is_taking_the_message(tmp_path: Path) -> None:
    """Otherwise the worker would send what was withdrawn, and the provider would not be told."""
    with empty_database("postgresql", tmp_path) as database, ThreadPoolExecutor(1) as threads:
        migrate(database)
        code = submit_enquiry(sample_enquiry(kind="call_back"), database, AT).code
        with transaction(database) as taking:
            taking.execute(update(Delivery).values(state="sending", attempts=1, leased_by="w", leased_until=AT))
            withdrawing = threads.submit(_withdraw, database, code, HandClock())
            with database.connect() as other:
                while not other.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first():
                    assert not withdrawing.done()
        assert withdrawing.result(30)
        assert [(d.kind, d.state) for d in rows(database, Delivery)] == [("enquiry", "cancelled"), ("withdrawn", "pending")]


# --- what is not sent after all


def test_a_provider_who_lapses_before_the_sending_gets_nothing(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider, may_pass_on=True), database, AT).code
    with transaction(database) as session:
        session.execute(update(Provider).values(permit_expires=AT.date() - timedelta(days=1)))
    work_once(database, sample_house(tmp_path), clock)
    assert _state(database) == ("with_staff", "cancelled", "provider_lapsed")
    [notice] = mails(tmp_path)
    assert notice["Subject"] == f"For staff: the provider may not be offered any more, so nothing was sent ({code})"
    assert "Dana" not in plain(notice)


def test_a_consent_that_is_over_is_not_used(database: Engine, provider: int, tmp_path: Path, clock: HandClock) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    with transaction(database) as session:
        session.execute(update(Consent).values(holds_until=AT))
    work_once(database, sample_house(tmp_path), clock)
    assert _state(database) == ("with_staff", "cancelled", "consent_over")
    assert "Dana" not in str([plain(message) for message in mails(tmp_path)])


def test_what_was_withdrawn_is_not_sent(database: Engine, provider: int, tmp_path: Path, clock: HandClock) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    assert _withdraw(database, code, clock)
    assert work_once(database, sample_house(tmp_path), clock) == 0
    assert _state(database)[:2] == ("withdrawn", "cancelled")


@pytest.mark.parametrize("step", ["claimed", "written", "sent"])
def test_withdrawn_in_the_middle_of_a_sending_the_provider_is_told_in_any_case(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock, step: str
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    house = sample_house(tmp_path)

    def withdraw_at(here: str, claimed: Claim) -> None:
        if here == step:
            assert _withdraw(database, code, clock)

    deliver_next(database, house, "slow", clock, withdraw_at)
    assert _state(database)[:2] == ("withdrawn", "cancelled")
    assert len(mails(tmp_path)) == (0 if step == "claimed" else 1)
    assert work_once(database, house, clock) == 0  # the first message may still be on its way
    clock.forward(seconds=120)
    assert work_once(database, house, clock) == 1
    subjects = [message["Subject"] for message in mails(tmp_path)]
    assert f"Enquiry {code} was withdrawn: please delete it" in subjects


def test_withdrawn_after_delivery_the_provider_is_told_by_the_code_alone(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    code = submit_enquiry(sample_enquiry(provider_id=provider), database, AT).code
    house = sample_house(tmp_path)
    work_once(database, house, clock)
    assert _withdraw(database, code, clock)
    assert work_once(database, house, clock) == 1
    [told] = [message for message in mails(tmp_path) if message["Subject"].endswith("please delete it")]
    assert code in plain(told)
    assert code in html(told)
    assert not any(word in told.as_string() for word in ("Dana", "dana@example.com"))
    assert told["To"].addresses[0].addr_spec == "sample-one@example.com"


def test_a_key_that_is_lost_stops_one_message_and_not_the_next(
    database: Engine, provider: int, tmp_path: Path, clock: HandClock
) -> None:
    submit_enquiry(sample_enquiry(provider_id=provider), database, AT)
    with transaction(database) as session:
        session.execute(update(Enquiry).values(contact_sealed="not sealed by any key"))
    submit_enquiry(sample_enquiry(provider_id=provider, contact="eve@example.com"), database, AT)
    assert work_once(database, sample_house(tmp_path), clock) == 2
    assert _state(database) == ("queued", "pending", "KeyProblem")
    assert len(mails(tmp_path)) == 1
