"""What the widget keeps of a conversation goes: with its session, with the visitor's details, and when they delete it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sample_enquiries import AT, EMAIL, PHONE, add_provider, deliver, enquiry, mails, options, send
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from bot.channels.widget_data import deleted, transcript
from bot.channels.widget_log import WidgetLog
from bot.channels.widget_session import WidgetSessions
from bot.privacy.audit import WORKER
from bot.privacy.erasure import erase
from bot.privacy.leftovers import erasing
from bot.privacy.retention import Expired, expire
from bot.storage.database import transaction
from bot.storage.models import AuditEntry, WidgetConversation, WidgetMessage

HOURS = 24
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
HERE, ELSEWHERE = "conversation-1", "conversation-2"
"""`send` leaves its enquiries in the first."""


def talk(log: WidgetLog, conversation: str, at: datetime, message: str = "message-1") -> None:
    """Asks one question, which is answered twice."""
    log.take(conversation, message, {"text": f"I'm Dana, {PHONE}"}, at)
    log.answer(conversation, message, [{"text": "Thank you, Dana."}, {"text": "Is that right?"}], at)


def said(log: WidgetLog, conversation: str) -> list[str]:
    return [entry["text"] for entry in log.after(conversation, 0)]


def rows(database: Engine, table: type) -> int:
    with transaction(database) as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def expired(database: Engine, folder: Path, at: datetime) -> Expired:
    return expire(database, at, options(folder, widget_hours=HOURS), WORKER)


def _erase(database: Engine, folder: Path, contact: str) -> None:
    with erasing(database) as session:
        erase(session, contact, AT + HOUR, "staff:sample", options(folder))


@pytest.fixture
def log(database: Engine) -> WidgetLog:
    return WidgetLog(database, 60.0)


def test_a_conversation_goes_when_its_session_has_run_out(database: Engine, log: WidgetLog, tmp_path: Path) -> None:
    talk(log, HERE, AT)
    assert expired(database, tmp_path, AT + HOURS * HOUR).widget == 0
    assert len(said(log, HERE)) == 3
    assert expired(database, tmp_path, AT + HOURS * HOUR + SECOND).widget == 1
    assert (rows(database, WidgetConversation), rows(database, WidgetMessage)) == (0, 0)


def test_its_hours_count_from_the_last_message(database: Engine, log: WidgetLog, tmp_path: Path) -> None:
    talk(log, HERE, AT)
    talk(log, HERE, AT + 20 * HOUR, "message-2")
    talk(log, ELSEWHERE, AT)
    assert expired(database, tmp_path, AT + 30 * HOUR).widget == 1
    assert (len(said(log, HERE)), len(said(log, ELSEWHERE))) == (6, 0)


def test_who_comes_back_without_a_word_keeps_it_as_long_as_the_new_token_lives(
    database: Engine, log: WidgetLog, tmp_path: Path
) -> None:
    talk(log, HERE, AT)
    talk(log, ELSEWHERE, AT)
    assert log.come_back(HERE, AT + 20 * HOUR) is True
    assert expired(database, tmp_path, AT + 30 * HOUR).widget == 1
    assert (len(said(log, HERE)), len(said(log, ELSEWHERE))) == (3, 0)
    assert expired(database, tmp_path, AT + (20 + HOURS) * HOUR).widget == 0, "the token lives until now"
    assert expired(database, tmp_path, AT + (20 + HOURS) * HOUR + SECOND).widget == 1


def test_who_comes_back_to_a_deleted_conversation_does_not_keep_it(database: Engine, log: WidgetLog, tmp_path: Path) -> None:
    talk(log, HERE, AT)
    log.erase(HERE, AT)
    assert log.come_back(HERE, AT + 20 * HOUR) is False
    assert expired(database, tmp_path, AT + 30 * HOUR).widget == 1


def test_coming_back_where_nothing_was_said_begins_no_conversation(database: Engine, log: WidgetLog) -> None:
    assert log.come_back(HERE, AT) is True
    assert rows(database, WidgetConversation) == 0


def test_the_numbers_are_noted(database: Engine, log: WidgetLog, tmp_path: Path) -> None:
    talk(log, HERE, AT)
    expired(database, tmp_path, AT + 30 * HOUR)
    with transaction(database) as session:
        assert "widget 1" in session.execute(select(AuditEntry.detail)).scalar_one()


def test_as_long_as_an_old_token_opens_anything_a_deleted_conversation_is_remembered(
    database: Engine, log: WidgetLog, tmp_path: Path
) -> None:
    sessions = WidgetSessions("k" * 32, HOURS * 3600)
    start = (AT - datetime(1970, 1, 1)).total_seconds()
    session = sessions.start(start)
    talk(log, session.conversation, AT)
    log.erase(session.conversation, AT + SECOND)
    at = AT
    while sessions.resume(session.token, (at - datetime(1970, 1, 1)).total_seconds()):
        expired(database, tmp_path, at)
        assert log.is_ended(session.conversation)
        at += HOUR
    assert at == AT + HOURS * HOUR
    assert expired(database, tmp_path, at + HOUR).widget == 1
    assert not log.is_ended(session.conversation), "nothing is known of it any more"


def test_erasing_a_contact_deletes_what_was_said_where_the_enquiry_was_left(
    database: Engine, log: WidgetLog, tmp_path: Path
) -> None:
    send(database, tmp_path)
    talk(log, HERE, AT)
    talk(log, ELSEWHERE, AT)
    _erase(database, tmp_path, "(780) 555-0143")
    assert said(log, HERE) == []
    assert len(said(log, ELSEWHERE)) == 3


def test_the_conversation_itself_may_go_on_after_that_and_its_places_too(
    database: Engine, log: WidgetLog, tmp_path: Path
) -> None:
    send(database, tmp_path)
    talk(log, HERE, AT)
    _erase(database, tmp_path, PHONE)
    assert not log.is_ended(HERE)
    assert log.take(HERE, "message-2", {"text": "thanks"}, AT + HOUR).seq == 4
    assert said(log, HERE) == ["thanks"]


def test_the_answer_to_the_message_that_asked_for_the_erasure_is_still_given(
    database: Engine, log: WidgetLog, tmp_path: Path
) -> None:
    send(database, tmp_path)
    talk(log, HERE, AT)
    log.take(HERE, "message-2", {"text": "yes, delete it"}, AT)
    _erase(database, tmp_path, PHONE)
    replies = log.answer(HERE, "message-2", [{"text": "It is deleted."}], AT)
    assert [(reply["seq"], reply["reply_to"]) for reply in replies] == [(5, "message-2")]
    assert said(log, HERE) == ["It is deleted."]


def test_erasing_somebody_else_leaves_the_conversation(database: Engine, log: WidgetLog, tmp_path: Path) -> None:
    send(database, tmp_path)
    send(database, tmp_path, contact=EMAIL, contact_kind="email", first_name="Robin", conversation=ELSEWHERE)
    talk(log, HERE, AT)
    _erase(database, tmp_path, EMAIL)
    assert len(said(log, HERE)) == 3


def test_after_an_erasure_nothing_of_it_is_left_in_the_file(file_database: Engine, tmp_path: Path) -> None:
    log = WidgetLog(file_database, 60.0)
    send(file_database, tmp_path)
    talk(log, HERE, AT)
    with transaction(file_database) as session:
        held = [sealed.encode() for sealed in session.execute(select(WidgetMessage.content_sealed)).scalars()]
    with file_database.connect():
        _erase(file_database, tmp_path, PHONE)
        content = b"".join(path.read_bytes() for path in (tmp_path / "some").iterdir())
    assert len(held) == 3
    assert not [sealed for sealed in held if sealed in content]


@pytest.fixture
def the_process_uses(database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets `deleted` find this test's database and mail folder, as the server has its own."""
    monkeypatch.setattr("bot.channels.widget_data.engine", lambda: database)
    monkeypatch.setattr("bot.channels.widget_data.settings", lambda: options(tmp_path))


@pytest.mark.usefixtures("the_process_uses")
def test_whoever_deletes_the_conversation_takes_back_all_that_was_sent_from_it(database: Engine, tmp_path: Path) -> None:
    with transaction(database) as session:
        provider = add_provider(session)
    sent = send(database, tmp_path, provider_id=provider)
    deliver(database, tmp_path)
    waiting = send(database, tmp_path, contact=EMAIL, contact_kind="email", concern="jaw")
    other = send(database, tmp_path, conversation=ELSEWHERE, first_name="Robin", concern="wrinkles")
    assert "Dana" in mails(tmp_path)
    assert deleted(HERE, AT + HOUR) == 2
    with transaction(database) as session:
        assert [enquiry(session, code).state for code in (sent, waiting)] == ["erased", "erased"]
        assert enquiry(session, other).state not in ("erased", "withdrawn"), "it was sent from another conversation"
    deliver(database, tmp_path, AT + 2 * HOUR)
    assert "Dana" not in mails(tmp_path)
    assert EMAIL not in mails(tmp_path), "what waited is not sent any more"
    assert sent in mails(tmp_path), "the provider is asked to delete it"
    assert "Robin" in mails(tmp_path)


@pytest.mark.usefixtures("the_process_uses")
def test_deleting_again_or_where_nothing_was_sent_finds_nothing(database: Engine, tmp_path: Path) -> None:
    send(database, tmp_path)
    assert [deleted(HERE, AT), deleted(HERE, AT), deleted(ELSEWHERE, AT)] == [1, 0, 0]


def test_a_transcript_is_plain_text_with_the_sections_that_answers_come_from() -> None:
    sources = [{"section": "Safety", "url": None}, {"section": "Scars", "url": "https://clinic.example.com/article"}]
    said = transcript(
        "Hi, ask me.",
        [
            {"from": "visitor", "text": "Is it safe?\nAnd for scars?"},
            {"from": "assistant", "text": "Mostly.", "citations": sources},
            {"from": "assistant", "text": "Anything else?", "citations": []},
        ],
    )
    assert [line for line in said.split("\n") if line] == [
        "Assistant: Hi, ask me.",
        "You: Is it safe?",
        "And for scars?",
        "Assistant: Mostly.",
        "  Source: Safety",
        "  Source: Scars, https://clinic.example.com/article",
        "Assistant: Anything else?",
    ]
