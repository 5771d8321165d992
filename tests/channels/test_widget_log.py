"""What was said in the widget, on both databases: each message counts once, in one order, and goes when it is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

import pytest
from cryptography.fernet import Fernet
from databases import KINDS, empty_database
from hypothesis import given, settings
from hypothesis import strategies as st
from privacy import canary
from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.channels.widget_log import KEPT, Entry, Taken, WidgetLog
from bot.privacy.encryption import Vault
from bot.storage.database import migrate, transaction
from bot.storage.models import WidgetConversation, WidgetMessage

AT = datetime(2027, 3, 1, 15, 30)
LEASE = 60.0
SECOND = timedelta(seconds=1)
LATER = AT + timedelta(seconds=LEASE)
QUESTION = {"text": "Is it safe?"}
REPLY = {"text": "Yes, mostly.", "quick_replies": [], "citations": [], "kind": "text"}
THREADS = 4
_numbers = count()


@pytest.fixture(params=KINDS, scope="module")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One for all tests: each has conversations of its own."""
    with empty_database(request.param, tmp_path_factory.mktemp("log")) as made:
        migrate(made)
        yield made


@pytest.fixture
def log(database: Engine) -> WidgetLog:
    return WidgetLog(database, LEASE)


@pytest.fixture
def here() -> str:
    """The id of a conversation that no other test has."""
    return a_conversation()


def a_conversation() -> str:
    return f"widget-{next(_numbers):032x}"


def texts(entries: List[Entry]) -> List[str]:
    return [entry["text"] for entry in entries]


def seqs(entries: List[Entry]) -> List[int]:
    return [entry["seq"] for entry in entries]


def talk(log: WidgetLog, conversation: str, turns: int) -> None:
    """Asks and answers some times."""
    for number in range(turns):
        assert log.take(conversation, f"talk-{number:04}", {"text": f"question {number}"}, AT).state == "new"
        log.answer(conversation, f"talk-{number:04}", [{**REPLY, "text": f"answer {number}"}], AT)


def test_a_message_is_the_callers_to_answer_once(log: WidgetLog, here: str) -> None:
    assert log.take(here, "message-1", QUESTION, AT) == Taken("new", 1)
    assert log.take(here, "message-1", QUESTION, AT) == Taken("under_way", 1)
    log.answer(here, "message-1", [REPLY], AT)
    assert log.take(here, "message-1", QUESTION, AT) == Taken("answered", 1)
    assert log.take(here, "message-1", QUESTION, LATER + timedelta(hours=1)) == Taken("answered", 1)


def test_the_same_id_in_another_conversation_is_another_message(log: WidgetLog, here: str) -> None:
    other = a_conversation()
    log.take(here, "message-1", QUESTION, AT)
    assert log.take(other, "message-1", {"text": "Does it hurt?"}, AT) == Taken("new", 1)
    assert texts(log.after(other, 0)) == ["Does it hurt?"]


def test_a_message_that_comes_again_keeps_its_first_words(log: WidgetLog, here: str) -> None:
    log.take(here, "message-1", QUESTION, AT)
    log.take(here, "message-1", {"text": "something else"}, AT)
    assert texts(log.after(here, 0)) == ["Is it safe?"]


def test_a_message_whose_process_is_silent_is_free_after_its_lease(log: WidgetLog, here: str) -> None:
    log.take(here, "message-1", QUESTION, AT)
    assert log.take(here, "message-1", QUESTION, LATER - SECOND).state == "under_way"
    assert log.unanswered(here, LATER - SECOND) == []
    assert log.unanswered(here, LATER) == [{"seq": 1, "from": "visitor", "id": "message-1", **QUESTION}]
    assert log.take(here, "message-1", QUESTION, LATER) == Taken("new", 1)
    assert log.take(here, "message-1", QUESTION, LATER).state == "under_way", "the lease begins anew"
    assert len(log.after(here, 0)) == 1


def test_what_is_let_go_may_be_taken_at_once(log: WidgetLog, here: str) -> None:
    for message in ("message-1", "message-2", "message-3"):
        log.take(here, message, QUESTION, AT)
    log.answer(here, "message-3", [REPLY], AT)
    log.free(here, "message-1")
    states = [log.take(here, f"message-{number}", QUESTION, AT).state for number in (1, 2, 3)]
    assert states == ["new", "under_way", "answered"]


def test_when_a_process_starts_alone_it_may_take_all_that_was_left(log: WidgetLog, here: str) -> None:
    other = a_conversation()
    for conversation in (here, other):
        log.take(conversation, "message-1", QUESTION, AT)
        log.take(conversation, "message-2", QUESTION, AT)
        log.answer(conversation, "message-1", [REPLY], AT)
    log.free()
    for conversation in (here, other):
        assert [entry["id"] for entry in log.unanswered(conversation, AT)] == ["message-2"]
        assert log.take(conversation, "message-1", QUESTION, AT).state == "answered"


def test_messages_of_both_sides_have_one_order(log: WidgetLog, here: str) -> None:
    log.take(here, "message-1", {"text": "one"}, AT)
    log.take(here, "message-2", {"text": "two"}, AT)
    log.answer(here, "message-2", [{**REPLY, "text": "to two"}], AT)
    log.answer(here, "message-1", [{**REPLY, "text": "to one"}, {**REPLY, "text": "and more"}], AT)
    log.take(here, "message-3", {"text": "three"}, AT)
    found = log.after(here, 0)
    assert texts(found) == ["one", "two", "to two", "to one", "and more", "three"]
    assert seqs(found) == [1, 2, 3, 4, 5, 6]
    assert [entry.get("reply_to") for entry in found] == [None, None, "message-2", "message-1", "message-1", None]
    assert [entry["id"] for entry in found] == ["message-1", "message-2", "a3", "a4", "a5", "message-3"]


def test_replies_come_back_as_they_will_be_read_later(log: WidgetLog, here: str) -> None:
    full = {
        "text": "Yes \ud83d \x00 疼吗",
        "quick_replies": [{"title": "Scars", "payload": "button:scars:0"}],
        "citations": [{"section": "Safety", "url": None}],
        "kind": "notice",
    }
    log.take(here, "message-1", {"text": "Scars", "payload": "button:scars:0"}, AT)
    replies = log.answer(here, "message-1", [full, REPLY], AT)
    assert replies == log.after(here, 1)
    assert replies[0] == {"seq": 2, "from": "assistant", "id": "a2", "reply_to": "message-1", **full}
    assert log.after(here, 0)[0]["payload"] == "button:scars:0", "a process that takes the message up needs it"


def test_who_comes_back_gets_only_what_was_missed(log: WidgetLog, here: str) -> None:
    talk(log, here, 3)
    assert texts(log.after(here, 4)) == ["question 2", "answer 2"]
    assert log.after(here, 6) == []
    assert log.after(here, 1_000_000) == []
    assert log.after(a_conversation(), 0) == []


def test_a_long_conversation_keeps_its_last_messages(log: WidgetLog, here: str) -> None:
    turns, replies = KEPT // 20 + 2, 19
    for number in range(turns):
        log.take(here, f"message-{number}", QUESTION, AT)
        log.answer(here, f"message-{number}", [{**REPLY, "text": f"answer {number}"}] * replies, AT)
        assert len(log.after(here, 0)) == min(KEPT, (number + 1) * (replies + 1))
    found = log.after(here, 0)
    assert found[-1]["text"] == f"answer {turns - 1}"
    assert seqs(found) == list(range(41, KEPT + 41)), "the places go on"


def test_what_was_seen_never_goes_back_nor_past_the_end(log: WidgetLog, here: str) -> None:
    assert log.seen(here) == 0
    talk(log, here, 2)
    seen = []
    for seq in (2, 1, 0, -5, 3, 5, 1_000_000, 4, 3):
        log.see(here, seq)
        seen.append(log.seen(here))
    assert seen == [2, 2, 2, 2, 3, 3, 3, 4, 4]


def test_seeing_something_begins_no_conversation(log: WidgetLog, database: Engine, here: str) -> None:
    before = rows_of(database)
    log.see(here, 1)
    assert log.seen(here) == 0
    assert log.is_ended(here) is False
    assert log.after(here, 0) == log.unanswered(here, AT) == []
    assert rows_of(database) == before


def rows_of(database: Engine) -> List[Tuple[int, int]]:
    with transaction(database) as session:
        return [tuple(row) for row in session.execute(select(WidgetConversation.id, WidgetConversation.last_seq))]


def test_a_deleted_conversation_is_empty_and_does_not_go_on(log: WidgetLog, here: str) -> None:
    talk(log, here, 2)
    log.take(here, "under-way", QUESTION, AT)
    assert not log.is_ended(here)
    log.erase(here, AT)
    assert log.is_ended(here)
    assert log.after(here, 0) == []
    assert log.take(here, "message-9", QUESTION, AT) == Taken("ended")
    assert log.take(here, "talk-0001", QUESTION, AT) == Taken("ended")
    assert log.answer(here, "under-way", [REPLY], AT) == [], "what was being answered is not shown any more"
    assert log.after(here, 0) == log.unanswered(here, LATER) == []


def test_deleting_one_conversation_leaves_the_others(log: WidgetLog, here: str) -> None:
    other = a_conversation()
    talk(log, other, 1)
    talk(log, here, 1)
    log.erase(here, AT)
    assert not log.is_ended(other)
    assert texts(log.after(other, 0)) == ["question 0", "answer 0"]


def test_a_conversation_in_which_nothing_was_said_can_be_deleted_and_deleted_again(log: WidgetLog, here: str) -> None:
    log.erase(here, AT)
    log.erase(here, AT)
    assert log.is_ended(here)
    assert log.take(here, "message-1", QUESTION, AT).state == "ended"


def test_a_message_that_no_key_opens_does_not_keep_the_visitor_from_the_others(
    log: WidgetLog, database: Engine, here: str
) -> None:
    talk(log, here, 2)
    log.take(here, "message-3", QUESTION, AT)
    log.take(here, "message-4", QUESTION, AT)
    lost = Vault([Fernet.generate_key().decode()], "s" * 32).seal('{"text": "lost"}')
    with transaction(database) as session:
        of_it = [row.id for row in session.execute(select(WidgetMessage).order_by(WidgetMessage.id.desc())).scalars()][:4]
        session.execute(update(WidgetMessage).where(WidgetMessage.id.in_((of_it[1], of_it[3]))).values(content_sealed=lost))
    assert texts(log.after(here, 0)) == ["question 0", "answer 0", "answer 1", "Is it safe?"]
    assert [entry["id"] for entry in log.unanswered(here, LATER)] == ["message-4"]


def at_the_same_time(do: Callable[[int], object]) -> List[object]:
    barrier = Barrier(THREADS)

    def one(number: int) -> object:
        barrier.wait()
        return do(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, range(THREADS)))


@pytest.mark.parametrize("is_begun", [False, True], ids=["the first message", "a later message"])
def test_of_several_at_once_exactly_one_may_answer_a_message(log: WidgetLog, is_begun: bool) -> None:
    for _ in range(10):
        conversation = a_conversation()
        if is_begun:
            talk(log, conversation, 1)
        taken = at_the_same_time(lambda _, of=conversation: log.take(of, "message-1", QUESTION, AT))  # type: ignore[misc]
        assert sorted(one.state for one in taken) == ["new"] + ["under_way"] * (THREADS - 1)
        assert len({one.seq for one in taken}) == 1
        assert texts(log.after(conversation, 0)).count("Is it safe?") == 1


def test_of_several_that_take_a_left_message_up_exactly_one_may_answer_it(log: WidgetLog, here: str) -> None:
    log.take(here, "message-1", QUESTION, AT)
    taken = at_the_same_time(lambda _: log.take(here, "message-1", QUESTION, LATER))
    assert sorted(one.state for one in taken) == ["new"] + ["under_way"] * (THREADS - 1)


def test_messages_and_replies_that_come_at_once_each_get_a_place(log: WidgetLog, here: str) -> None:
    def one(number: int) -> None:
        for step in range(5):
            message = f"message-{number}-{step}"
            log.take(here, message, {"text": message}, AT)
            log.answer(here, message, [{**REPLY, "text": f"to {message}"}], AT)

    at_the_same_time(one)
    found = log.after(here, 0)
    assert seqs(found) == list(range(1, 10 * THREADS + 1))
    assert len(set(texts(found))) == 10 * THREADS


def test_whoever_asks_while_it_is_deleted_leaves_nothing(log: WidgetLog) -> None:
    for _ in range(5):
        conversation = a_conversation()
        talk(log, conversation, 1)

        def one(number: int, of: str = conversation) -> Optional[str]:
            if number == 0:
                log.erase(of, AT)
                return None
            taken = log.take(of, f"message-{number}", QUESTION, AT)
            log.answer(of, f"message-{number}", [REPLY], AT)
            return taken.state

        states = at_the_same_time(one)
        assert set(states[1:]) <= {"new", "ended"}
        assert log.after(conversation, 0) == []
        assert log.is_ended(conversation)


def test_what_the_database_does_not_keep_is_not_passed_off_as_taken(log: WidgetLog, database: Engine, here: str) -> None:
    def fail(session: Session) -> None:
        raise SQLAlchemyError("the disk is full")

    event.listen(Session, "before_commit", fail)
    try:
        with pytest.raises(SQLAlchemyError, match="full"):
            log.take(here, "message-1", QUESTION, AT)
    finally:
        event.remove(Session, "before_commit", fail)
    assert log.after(here, 0) == []
    assert log.take(here, "message-1", QUESTION, AT) == Taken("new", 1)


class Known(NamedTuple):
    """What a test knows of a message."""

    seq: int
    claimed_until: Optional[datetime]
    """None: it is answered."""


class Model:
    """What the log should say, in memory."""

    def __init__(self) -> None:
        self.at = AT
        self.last: Dict[int, int] = {}
        self.messages: Dict[Tuple[int, str], Known] = {}
        self.answers: Dict[Tuple[int, str], List[int]] = {}
        self.ended: Set[int] = set()
        self.places: Dict[int, List[int]] = {0: [], 1: []}

    def take(self, conversation: int, message: str) -> Taken:
        if conversation in self.ended:
            return Taken("ended")
        known = self.messages.get((conversation, message))
        if known is not None and known.claimed_until is None:
            return Taken("answered", known.seq)
        if known is not None and known.claimed_until is not None and known.claimed_until > self.at:
            return Taken("under_way", known.seq)
        seq = known.seq if known else self.place(conversation)
        self.messages[conversation, message] = Known(seq, self.at + timedelta(seconds=LEASE))
        return Taken("new", seq)

    def answer(self, conversation: int, message: str) -> List[int]:
        if conversation in self.ended:
            return []
        known = self.messages.get((conversation, message))
        if known is not None and known.claimed_until is None:
            return self.answers[conversation, message]
        made = [self.place(conversation), self.place(conversation)]
        self.answers.setdefault((conversation, message), []).extend(made)
        if known is not None:
            self.messages[conversation, message] = known._replace(claimed_until=None)
        return made

    def erase(self, conversation: int) -> None:
        self.ended.add(conversation)
        self.places[conversation] = []

    def free(self) -> None:
        for key, known in self.messages.items():
            if known.claimed_until is not None:
                self.messages[key] = known._replace(claimed_until=AT - SECOND)

    def place(self, conversation: int) -> int:
        self.last[conversation] = self.last.get(conversation, 0) + 1
        self.places[conversation].append(self.last[conversation])
        return self.last[conversation]


_CONVERSATIONS = st.integers(0, 1)
_MESSAGES = st.sampled_from(["message-1", "message-2", "message-3"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), _CONVERSATIONS, _MESSAGES),
        st.tuples(st.just("answer"), _CONVERSATIONS, _MESSAGES),
        st.tuples(st.sampled_from(["take", "wait", "free", "erase"]), _CONVERSATIONS, _MESSAGES),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_whatever_comes_in_whatever_order_a_message_is_new_once_and_places_only_grow(
    database: Engine, steps: List[Tuple[str, int, str]]
) -> None:
    log, model = WidgetLog(database, LEASE), Model()
    names = [a_conversation(), a_conversation()]
    for step, conversation, message in steps:
        if step == "take":
            taken = log.take(names[conversation], message, QUESTION, model.at)
            assert taken == model.take(conversation, message)
        elif step == "answer":
            made = log.answer(names[conversation], message, [REPLY, REPLY], model.at)
            assert seqs(made) == model.answer(conversation, message)
        elif step == "erase":
            log.erase(names[conversation], model.at)
            model.erase(conversation)
        elif step == "free":
            log.free()
            model.free()
        else:
            model.at += timedelta(seconds=LEASE / 2)
        assert seqs(log.after(names[conversation], 0)) == model.places[conversation]


def test_nothing_that_was_said_can_be_read_in_the_file(tmp_path: Path) -> None:
    planted = f"I'm {canary.NAME}, my address is {canary.EMAIL}"
    assert list(canary.found_in("the message", planted.encode())), "what is searched for can be found"
    with empty_database("sqlite", tmp_path) as database:
        migrate(database)
        log = WidgetLog(database, LEASE)
        log.take("widget-1", "message-1", {"text": planted}, AT)
        log.answer("widget-1", "message-1", [{**REPLY, "text": f"Thank you. {planted}"}], AT)
        assert texts(log.after("widget-1", 0)) == [planted, f"Thank you. {planted}"]
        assert list(canary.found_in_files(tmp_path)) == []
        assert not any(b"widget-1" in path.read_bytes() for path in (tmp_path / "some").iterdir()), "only its mark is kept"


def test_what_is_deleted_is_not_left_in_the_file_even_sealed(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as database:
        migrate(database)
        log = WidgetLog(database, LEASE)
        talk(log, "widget-1", 3)
        talk(log, "widget-2", 1)
        with transaction(database) as session:
            sealed = list(session.execute(select(WidgetMessage.content_sealed).order_by(WidgetMessage.id)).scalars())

        def lying_about() -> List[int]:
            content = b"".join(path.read_bytes() for path in (tmp_path / "some").iterdir())
            return [number for number, text in enumerate(sealed) if text.encode() in content]

        assert lying_about() == list(range(8))
        with database.connect():  # as the server has one; the log would be cleared when the last one closes
            log.erase("widget-1", AT)
            assert lying_about() == [6, 7]


def test_what_no_longer_has_room_is_not_left_in_the_file_either(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as database:
        migrate(database)
        log = WidgetLog(database, LEASE)
        talk(log, "widget-1", 1)
        with transaction(database) as session:
            first = session.execute(select(WidgetMessage.content_sealed).order_by(WidgetMessage.id)).scalars().first()
            session.execute(update(WidgetConversation).values(last_seq=KEPT))
        log.take("widget-1", "message-1", QUESTION, AT)
        log.answer("widget-1", "message-1", [REPLY] * 3, AT)
        assert len(log.after("widget-1", 0)) == 4
    assert not any(first.encode() in path.read_bytes() for path in (tmp_path / "some").iterdir())
