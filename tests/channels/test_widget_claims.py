"""Whose a message of the widget is when several replicas share a PostgreSQL database: free at once when its replica ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import List

import pytest
from databases import cut, empty_database
from sqlalchemy.engine import Engine

from bot.channels.widget_log import WidgetLog
from bot.channels.widget_notes import CHANNEL, Note, heard
from bot.clock import now
from bot.privacy.encryption import vault
from bot.settings import settings
from bot.storage.database import migrate
from bot.storage.listening import Ears, Listener
from bot.storage.postgresql import lone_connections

PATIENCE = 20.0
LEASE = 60.0
ONE, OTHER = 1, 2
QUESTION = {"text": "Is it safe?"}
REPLY = {"text": "Yes, mostly.", "quick_replies": [], "citations": [], "kind": "text"}
_numbers = count()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with empty_database("postgresql", tmp_path_factory.mktemp("claims")) as made:
        migrate(made)
        yield made


@pytest.fixture
def here() -> str:
    return f"widget-{next(_numbers):032x}"


class Hearing:
    """A replica's ears."""

    def __init__(self) -> None:
        self.notes: List[Note] = []
        self.was_deaf = threading.Event()
        self._more = threading.Condition()

    def hear(self, payload: str) -> None:
        with self._more:
            self.notes.append(heard(payload))
            self._more.notify_all()

    def until(self, number: int) -> List[Note]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.notes) >= number, PATIENCE), self.notes
        return self.notes


@contextmanager
def living(database: Engine, replica: int, tick: Callable[[], None] = lambda: None) -> Iterator[Hearing]:
    hearing = Hearing()
    ears = Ears(hearing.hear, hearing.was_deaf.set, tick)
    listener = Listener(lone_connections(database, settings()), CHANNEL, replica, ears)
    listener.start()
    try:
        yield hearing
    finally:
        listener.stop()


def test_a_message_is_its_replicas_as_long_as_that_lives_and_free_as_soon_as_it_has_ended(
    database: Engine, here: str
) -> None:
    one, other = WidgetLog(database, LEASE, ONE), WidgetLog(database, LEASE, OTHER)
    with living(database, ONE):
        assert one.take(here, "message-1", QUESTION, now()).state == "new"
        assert other.take(here, "message-1", QUESTION, now()).state == "under_way"
        assert other.unanswered(here, now()) == []
        assert other.left() == []
    assert [entry["id"] for entry in other.unanswered(here, now())] == ["message-1"]
    assert other.left() == [vault().mark(here)]
    with living(database, OTHER):
        assert other.take(here, "message-1", QUESTION, now()).state == "new"
        assert one.take(here, "message-1", QUESTION, now()).state == "under_way"


def test_of_two_answers_because_a_replica_only_seemed_to_have_ended_the_first_stands(database: Engine, here: str) -> None:
    one, other = WidgetLog(database, LEASE, ONE), WidgetLog(database, LEASE, OTHER)
    one.take(here, "message-1", QUESTION, now())
    other.take(here, "message-1", QUESTION, now())
    first = other.answer(here, "message-1", [REPLY], now())
    assert one.answer(here, "message-1", [{**REPLY, "text": "Too late."}], now()) == first
    assert [entry["text"] for entry in one.after(here, 0)] == ["Is it safe?", "Yes, mostly."]


def test_what_happens_is_told_to_all_replicas_by_places_and_without_a_word_of_it(database: Engine, here: str) -> None:
    one, mark = WidgetLog(database, LEASE, ONE), vault().mark(here)
    with living(database, OTHER) as hearing:
        one.take(here, "message-1", QUESTION, now())
        one.answer(here, "message-1", [REPLY, REPLY], now())
        one.see(here, 3)
        one.erase(here, now())
        assert hearing.until(4) == [
            Note("taken", mark, ONE, 1),
            Note("answered", mark, ONE, 2, "message-1"),
            Note("seen", mark, ONE, 3),
            Note("erased", mark, ONE),
        ]


def test_who_was_cut_off_listens_again_and_knows_that_something_may_have_been_missed(database: Engine, here: str) -> None:
    with living(database, OTHER) as hearing:
        with database.connect() as connection:
            cut(connection, database)
        assert hearing.was_deaf.wait(PATIENCE)
        WidgetLog(database, LEASE, ONE).take(here, "message-1", QUESTION, now())
        assert hearing.until(1)[0].what == "taken"
