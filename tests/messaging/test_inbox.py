"""The messages in SQLite and PostgreSQL: each counts once, in order, and is forgotten when it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.channels.messaging.choices import Choice
from bot.channels.messaging.inbox import LEASE, MOST_OPEN, Change, Inbox, TooManyOpen
from bot.channels.messaging.service import Inbound
from bot.privacy.app_messages import conversation_of
from bot.privacy.audit import WORKER
from bot.privacy.encryption import vault
from bot.privacy.retention import expire
from bot.settings import Settings
from bot.storage.database import transaction
from bot.storage.models import MessagingMessage, MessagingSender

AT = datetime(2026, 11, 20, 12)
SECOND = timedelta(seconds=1)
DANA, LEE = "+17805550143", "+17805550144"


def message(number: int, sender: str = DANA, text: str = "Is it safe?", place: int = 0) -> Inbound:
    return Inbound("sms", sender, sender, f"SM{number}", {"text": text}, place)


def said(inbox: Inbox, sender: int, at: datetime = AT) -> Iterator[str]:
    """What a sender says, each message answered and finished."""
    while work := inbox.next(sender, at):
        inbox.answer(work, [{"text": "Yes."}], Change(), at)
        inbox.finish(work, "sent", at)
        yield work.content["text"]


@pytest.fixture
def inbox(database: Engine) -> Inbox:
    return Inbox(database, 1)


@pytest.fixture
def other(database: Engine) -> Inbox:
    """The inbox of another process."""
    return Inbox(database, 2)


def test_the_same_message_counts_once_also_after_its_answer(inbox: Inbox) -> None:
    (dana,) = inbox.keep([message(1), message(1)], AT)
    assert inbox.keep([message(1)], AT) == [dana]
    assert list(said(inbox, dana)) == ["Is it safe?"]
    inbox.keep([message(1)], AT)
    assert list(said(inbox, dana)) == []


def test_a_batch_is_kept_in_order_and_each_sender_has_their_own(inbox: Inbox) -> None:
    dana, lee = inbox.keep([message(1, text="a"), message(2, LEE, "b"), message(3, text="c")], AT)
    assert list(said(inbox, dana)) == ["a", "c"]
    assert list(said(inbox, lee)) == ["b"]


def test_the_order_of_the_service_counts_whatever_arrives_first(inbox: Inbox) -> None:
    inbox.keep([message(3, text="third", place=3)], AT)
    (dana,) = inbox.keep([message(1, text="first", place=1), message(2, text="second", place=2)], AT)
    assert list(said(inbox, dana)) == ["first", "second", "third"]


def test_the_same_id_on_another_channel_is_another_message(inbox: Inbox) -> None:
    (by_sms,) = inbox.keep([message(1)], AT)
    (by_whatsapp,) = inbox.keep([message(1)._replace(channel="whatsapp")], AT)
    assert by_sms != by_whatsapp
    assert list(said(inbox, by_whatsapp)) == ["Is it safe?"]


def test_one_process_holds_a_sender_until_it_lets_go_or_ends(inbox: Inbox, other: Inbox) -> None:
    (dana,) = inbox.keep([message(1), message(2)], AT)
    assert inbox.next(dana, AT)
    assert other.next(dana, AT) is None
    assert other.left(AT, 10) == []
    inbox.go_on([dana], AT + LEASE)
    assert other.left(AT + LEASE + SECOND, 10) == []
    assert other.left(AT + 2 * LEASE + SECOND, 10) == [dana]
    assert other.next(dana, AT + 2 * LEASE + SECOND)
    assert inbox.next(dana, AT + 2 * LEASE + SECOND) is None


def test_a_process_that_ends_in_order_lets_go_of_its_own(inbox: Inbox, other: Inbox) -> None:
    dana, lee = inbox.keep([message(1), message(2, LEE)], AT)
    inbox.next(dana, AT)
    other.next(lee, AT)
    inbox.let_go()
    assert other.next(dana, AT)
    assert inbox.next(lee, AT) is None
    inbox.let_go(everybody=True)
    assert inbox.next(lee, AT)


def test_a_message_that_comes_while_another_process_is_at_it_is_seen_by_that_one(inbox: Inbox, other: Inbox) -> None:
    (dana,) = inbox.keep([message(1)], AT)
    first = inbox.next(dana, AT)
    assert first
    other.keep([message(2, text="And scars?")], AT)
    assert other.next(dana, AT) is None
    inbox.finish(first, "sent", AT)
    assert list(said(inbox, dana)) == ["And scars?"]


def test_an_answer_is_there_again_for_whoever_takes_over_and_the_first_one_stands(inbox: Inbox, other: Inbox) -> None:
    (dana,) = inbox.keep([message(1)], AT)
    work = inbox.next(dana, AT)
    assert work
    inbox.answer(work, [{"text": "a"}, {"text": "b"}], Change(), AT)
    inbox.note_sent(work, 1)
    taken_over = other.next(dana, AT + LEASE + SECOND)
    assert taken_over
    assert (taken_over.replies, taken_over.sent, taken_over.tries) == ([{"text": "a"}, {"text": "b"}], 1, 2)
    assert other.answer(taken_over, [{"text": "c"}], Change([Choice(1, "x", "y")]), AT) == [{"text": "a"}, {"text": "b"}]
    assert other.next(dana, AT)._replace(tries=2) == taken_over


def test_choices_stay_until_the_next_answer_and_stop_until_start(inbox: Inbox) -> None:
    offered = [Choice(1, "Scars", "button:scars:abc")]
    seen = []
    for number, change in enumerate([Change(offered), Change(), Change([]), Change(stopped=True), Change(stopped=False)]):
        (dana,) = inbox.keep([message(number)], AT)
        work = inbox.next(dana, AT)
        assert work
        seen.append((work.choices, work.stopped))
        inbox.answer(work, [], change, AT)
        inbox.finish(work, "sent", AT)
    assert seen == [([], False), (offered, False), (offered, False), ([], False), ([], True)]


def test_somebody_who_sends_more_than_can_be_answered_has_to_wait(inbox: Inbox) -> None:
    (dana,) = inbox.keep([message(number) for number in range(MOST_OPEN)], AT)
    with pytest.raises(TooManyOpen):
        inbox.keep([message(MOST_OPEN, LEE), message(MOST_OPEN + 1)], AT)
    assert inbox.keep([message(0)], AT) == [dana]
    assert len(list(said(inbox, dana))) == MOST_OPEN
    assert inbox.keep([message(MOST_OPEN + 1)], AT) == [dana]


def test_nothing_tells_who_wrote_and_what_was_said_goes_with_the_answer(inbox: Inbox, database: Engine) -> None:
    (dana,) = inbox.keep([message(1, text="I'm Dana")], AT)
    with transaction(database) as session:
        row = session.execute(select(MessagingMessage)).scalar_one()
        sender = session.execute(select(MessagingSender)).scalar_one()
        kept = " ".join(map(str, (*row.__dict__.values(), *sender.__dict__.values())))
        assert "Dana" in vault().open(row.content_sealed)
        assert sender.mark == vault().mark(conversation_of("sms", DANA))
    assert "780555" not in kept + conversation_of("sms", DANA)
    assert "Dana" not in kept
    list(said(inbox, dana))
    with transaction(database) as session:
        row = session.execute(select(MessagingMessage)).scalar_one()
        assert (row.content_sealed, row.replies_sealed, row.outcome) == (None, None, "sent")


def test_all_of_it_goes_with_its_day_but_that_somebody_wants_no_messages(
    inbox: Inbox, database: Engine, tmp_path: object
) -> None:
    options = Settings(widget_hours=24, mail_folder=tmp_path)
    dana, lee = inbox.keep([message(1), message(2, LEE)], AT)
    for sender, change in ((dana, Change([Choice(1, "x", "y")], True)), (lee, Change())):
        work = inbox.next(sender, AT)
        assert work
        inbox.answer(work, [], change, AT)
        inbox.finish(work, "silent", AT)
    assert expire(database, AT + timedelta(hours=24), options, WORKER).messaging == 0
    assert expire(database, AT + timedelta(hours=25), options, WORKER).messaging == 1
    with transaction(database) as session:
        left = session.execute(select(MessagingSender)).scalar_one()
        assert (left.id, left.stopped_at, left.choices_sealed) == (dana, AT, None)
        assert session.execute(select(MessagingMessage)).first() is None


def test_a_message_that_no_key_opens_is_left_and_those_behind_it_answered(inbox: Inbox, database: Engine) -> None:
    (dana,) = inbox.keep([message(1), message(2, text="And scars?")], AT)
    with transaction(database) as session:
        session.execute(select(MessagingMessage).order_by(MessagingMessage.id)).scalars().first().content_sealed = "gone"
    assert list(said(inbox, dana)) == ["And scars?"]


def test_many_deliveries_at_once_by_two_processes_are_kept_once(inbox: Inbox, other: Inbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: (inbox, other)[number % 2].keep([message(number % 10)], AT), range(80)))
    (dana,) = inbox.keep([message(0)], AT)
    assert len(list(said(inbox, dana))) == 10
