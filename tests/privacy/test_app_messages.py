"""What people wrote to staff on messaging apps: sealed, shown to whom it belongs, and gone with time, erasure and STOP."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sample_enquiries import AT, PHONE, everything, options, send
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.channels.messaging.handover import HandoverError, conversations, read, say, take
from bot.channels.messaging.inbox import Change, Inbox
from bot.channels.messaging.service import Inbound
from bot.privacy.app_messages import conversation_of
from bot.privacy.audit import WORKER
from bot.privacy.erasure import erase, show
from bot.privacy.leftovers import erasing
from bot.privacy.retention import expire
from bot.settings import settings
from bot.storage.database import transaction
from bot.storage.models import MessagingMessage, MessagingSender

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
STAFF = "staff:sample"
WORDS, ANSWER = "I'm Dana, and the scar itches", "This is Robin: come by"
numbers = iter(range(1, 1000))


@pytest.fixture
def inbox(database: Engine) -> Inbox:
    return Inbox(database, 1)


def writes(inbox: Inbox, text: str = WORDS, at: datetime = AT, channel: str = "sms", **change: object) -> None:
    """Somebody writes what is kept for staff, unless it changes something else."""
    sender = f"whatsapp:{PHONE}" if channel == "whatsapp" else PHONE
    (dana,) = inbox.keep([Inbound(channel, sender, sender, f"SM{next(numbers)}", {"text": text})], at)
    work = inbox.next(dana, at)
    assert work
    inbox.answer(work, [], Change(**({"for_staff": text} | change)), at)
    inbox.finish(work, "silent", at)
    assert inbox.next(dana, at) is None


def taken_over(database: Engine, at: datetime = AT) -> str:
    """Staff have the only conversation, and have said something; its reference."""
    with transaction(database) as session:
        (one,) = conversations(session, at, every=True)
        take(session, one.reference, at, STAFF)
        say(session, one.reference, ANSWER, at, STAFF)
        for message in session.execute(select(MessagingMessage).where(MessagingMessage.author == "staff")).scalars():
            message.finished_at, message.outcome, message.content_sealed = at, "sent", None
    return one.reference


def left(database: Engine) -> tuple[int, int]:
    """How many people, and how many messages that staff can read."""
    with transaction(database) as session:
        senders = session.execute(select(MessagingSender)).scalars().all()
        said = session.execute(select(MessagingMessage).where(MessagingMessage.said_sealed.is_not(None))).scalars().all()
        return len(senders), len(said)


def expired(database: Engine, folder: Path, at: datetime) -> tuple[int, int]:
    expire(database, at, options(folder, widget_hours=24, conversation_days=30), WORKER)
    return left(database)


def test_nothing_of_it_is_readable_without_the_key(database: Engine, inbox: Inbox) -> None:
    writes(inbox)
    taken_over(database)
    kept = everything(database)
    assert not any(told in kept for told in ("Dana", "Robin", PHONE[1:], "555-0143"))


def test_what_was_read_goes_with_its_day_and_what_was_not_waits_for_staff(
    database: Engine, inbox: Inbox, tmp_path: Path
) -> None:
    writes(inbox)
    assert expired(database, tmp_path, AT + 25 * HOUR) == (1, 1)
    with transaction(database) as session:
        (one,) = conversations(session, AT + 70 * HOUR, every=False)
        assert [message.text for message in read(session, one.reference, AT + 70 * HOUR, STAFF)] == [WORDS]
    assert expired(database, tmp_path, AT + 71 * HOUR) == (0, 0)


def test_what_nobody_reads_goes_at_last(database: Engine, inbox: Inbox, tmp_path: Path) -> None:
    writes(inbox)
    assert expired(database, tmp_path, AT + timedelta(days=30)) == (1, 1)
    assert expired(database, tmp_path, AT + timedelta(days=30) + SECOND) == (0, 0)


def test_somebody_whom_staff_are_answering_is_not_forgotten_meanwhile(
    database: Engine, inbox: Inbox, tmp_path: Path
) -> None:
    writes(inbox)
    taken_over(database, AT + 20 * HOUR)
    with transaction(database) as session:
        read(session, conversations(session, AT, every=True)[0].reference, AT + 20 * HOUR, STAFF)
    until = AT + 20 * HOUR + timedelta(hours=settings().handed_over_hours)
    assert expired(database, tmp_path, until - SECOND)[0] == 1
    assert expired(database, tmp_path, until + SECOND) == (0, 0)


def test_stop_forgets_where_to_write_and_start_knows_it_again(database: Engine, inbox: Inbox) -> None:
    writes(inbox)
    reference = taken_over(database)
    writes(inbox, "STOP", stopped=True, for_staff=None)
    writes(inbox, "Is it safe?", for_staff=None)
    with transaction(database) as session:
        (row,) = session.execute(select(MessagingSender)).scalars()
        assert (row.address_sealed, row.handed_over_at, row.handed_over_until) == (None, None, None)
        with pytest.raises(HandoverError, match="STOP"):
            say(session, reference, "Hello?", AT, STAFF)
    writes(inbox, "START", stopped=False, for_staff=None)
    with transaction(database) as session:
        say(session, reference, "Hello!", AT, STAFF)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_whoever_gives_their_number_sees_and_erases_what_was_written_from_it(
    channel: str, database: Engine, inbox: Inbox, tmp_path: Path
) -> None:
    writes(inbox, channel=channel)
    reference = taken_over(database)
    with transaction(database) as session:
        told = show(session, "780-555-0143", AT, STAFF)["on_messaging_apps"]
        assert [(one["by"], one["text"]) for one in told] == [("visitor", WORDS), ("staff", ANSWER)]
        assert show(session, "780-555-0199", AT, STAFF)["on_messaging_apps"] == []
    with erasing(database) as session:
        assert erase(session, "780-555-0199", AT, STAFF, options(tmp_path)).conversations == 0
        assert erase(session, "(780) 555-0143", AT, STAFF, options(tmp_path)).conversations == 1
    assert left(database) == (1, 0)
    with transaction(database) as session, pytest.raises(HandoverError, match="not known any more"):
        say(session, reference, "Hello?", AT, STAFF)


def test_an_enquiry_that_is_erased_takes_with_it_what_was_written_there(
    database: Engine, inbox: Inbox, tmp_path: Path
) -> None:
    writes(inbox)
    taken_over(database)
    here = conversation_of("sms", PHONE)
    send(database, tmp_path, contact="dana.lee@example.com", contact_kind="email", conversation=here)
    with transaction(database) as session:
        told = show(session, "dana.lee@example.com", AT, STAFF)["on_messaging_apps"]
        assert [one["text"] for one in told] == [WORDS, ANSWER]
    with erasing(database) as session:
        erase(session, "dana.lee@example.com", AT, STAFF, options(tmp_path))
    assert left(database) == (1, 0)


def test_a_message_that_erases_what_was_said_is_still_answered(database: Engine, inbox: Inbox, tmp_path: Path) -> None:
    writes(inbox)
    (dana,) = inbox.keep([Inbound("sms", PHONE, PHONE, f"SM{next(numbers)}", {"text": "yes, delete it"})], AT)
    work = inbox.next(dana, AT)
    assert work
    with erasing(database) as session:
        erase(session, PHONE, AT, STAFF, options(tmp_path))
    assert inbox.answer(work, [{"text": "It is deleted."}], Change(), AT) == [{"text": "It is deleted."}]
    with transaction(database) as session:
        assert session.execute(select(MessagingSender.address_sealed)).scalar_one() is None
