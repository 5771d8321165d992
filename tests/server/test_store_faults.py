"""Faults between the conversation store and a real database: what was told as kept is there once, all else is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, List, Optional

import pytest
from databases import KINDS, empty_database, postgresql_of_its_own, restart
from faulty_line import CUTS, Fault, FaultyLine, How
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from test_tracker_store import DOMAIN, a_store, said

from bot.server import conversation_rows
from bot.server.conversation_rows import ConversationChanged, ConversationRows
from bot.server.tracker_store import BoundedTrackerStore
from bot.settings import Settings
from bot.storage import postgresql
from bot.storage.database import migrate

IMPATIENT = Settings(database_statement_timeout_seconds=0.5)
BUSY_MILLISECONDS = 50
VERSION, READ = "SELECT conversations.version \n", "SELECT conversations.version, conversations.content_sealed"
UPDATE, INSERT, COMMIT = "UPDATE conversations", "INSERT INTO conversations", "COMMIT"


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[Any]:
    with postgresql_of_its_own() as made:
        yield made


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Any) -> Iterator[Engine]:
    with empty_database("postgresql", tmp_path_factory.mktemp("faults"), postgresql_server) as made:
        migrate(made)
        yield made


@pytest.fixture
def line(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyLine]:
    monkeypatch.setattr(postgresql, "GRACE_SECONDS", 0.2)
    made = FaultyLine(database.url)
    yield made
    made.close()


@pytest.fixture
def store(line: FaultyLine) -> Iterator[BoundedTrackerStore]:
    engine = line.engine(IMPATIENT)
    yield a_store(on=ConversationRows(engine))
    engine.dispose()


@pytest.fixture
def here(request: pytest.FixtureRequest) -> str:
    """The id of a conversation that no other test has."""
    return str(request.node.name)


@pytest.fixture
def no_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what is told when trying again does not help; they need not wait for it."""
    monkeypatch.setattr(conversation_rows, "TRY_FOR_SECONDS", 0.0)


async def turn(store: BoundedTrackerStore, conversation: str, message: str) -> None:
    tracker = await store.retrieve(conversation) or store.init_tracker(conversation)
    answered = [UserUttered(message, intent={"name": "ask", "confidence": 1.0}), BotUttered("yes")]
    for each in [*answered, ActionExecuted(ACTION_LISTEN_NAME)]:
        tracker.update(each, DOMAIN)
    await store.save(tracker)


async def is_kept(store: BoundedTrackerStore, conversation: str, message: str) -> bool:
    try:
        await turn(store, conversation, message)
    except (SQLAlchemyError, ConversationChanged):
        return False
    return True


async def seen(store: BoundedTrackerStore, conversation: str) -> List[str]:
    tracker = await store.retrieve(conversation)
    return said(tracker) if tracker else []


def stands(database: Engine, conversation: str) -> List[Optional[str]]:
    """What the visitor said, as it stands in the database."""
    stored = ConversationRows(database).read(conversation)
    return [event["text"] for event in stored.content["events"] if event["event"] == "user"] if stored else []


# --- the connection is cut


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("fault", [(UPDATE, ""), (COMMIT, UPDATE)])
async def test_a_write_that_is_cut_is_made_again_and_the_visitor_does_not_notice(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str, how: How, fault: tuple[str, str]
) -> None:
    await turn(store, here, "one")
    line.goes_wrong(Fault(how, *fault))
    await turn(store, here, "two")
    await turn(store, here, "three")
    assert line.happened.is_set()
    assert await seen(store, here) == stands(database, here) == ["one", "two", "three"]


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("fault", [(INSERT, ""), (COMMIT, INSERT)])
async def test_so_is_the_first_one_of_a_conversation(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str, how: How, fault: tuple[str, str]
) -> None:
    line.goes_wrong(Fault(how, *fault))
    await turn(store, here, "one")
    await turn(store, here, "two")
    assert line.happened.is_set()
    assert await seen(store, here) == stands(database, here) == ["one", "two"]


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("statement", [VERSION, READ])
async def test_a_turn_whose_reading_is_cut_has_not_happened_and_goes_on_when_it_is_sent_again(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str, how: How, statement: str
) -> None:
    await turn(store, here, "one")
    if statement == READ:
        store = a_store(on=store._rows)  # which has nothing in memory
    line.goes_wrong(Fault(how, statement))
    assert not await is_kept(store, here, "two")
    assert line.happened.is_set()
    await turn(store, here, "two")
    assert await seen(store, here) == stands(database, here) == ["one", "two"]


# --- the database does not answer in time


@pytest.mark.usefixtures("no_second_try")
@pytest.mark.parametrize("before", [[], ["one"]])
@pytest.mark.parametrize("how", ["late", "silent", "cut_after"])
async def test_a_commit_that_was_done_though_the_visitor_was_told_otherwise_is_as_if_it_were_not(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str, how: How, before: List[str]
) -> None:
    for message in before:
        await turn(store, here, message)
    line.goes_wrong(Fault(how, COMMIT, UPDATE if before else INSERT))
    assert not await is_kept(store, here, "two")
    line.let_through.set()
    await until(lambda: stands(database, here) == [*before, "two"])
    assert await seen(store, here) == before
    await turn(store, here, "two")
    await turn(store, here, "three")
    assert await seen(store, here) == stands(database, here) == [*before, "two", "three"]


@pytest.mark.usefixtures("no_second_try")
async def test_one_that_is_done_while_the_visitor_sends_the_message_again_is_replaced(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str
) -> None:
    await turn(store, here, "one")
    line.goes_wrong(Fault("late", COMMIT, UPDATE))
    assert not await is_kept(store, here, "two")
    tracker = await store.get_or_create_tracker(here)
    assert said(tracker) == ["one"]
    line.let_through.set()
    await until(lambda: stands(database, here) == ["one", "two"])
    for each in [UserUttered("two"), ActionExecuted(ACTION_LISTEN_NAME)]:
        tracker.update(each, DOMAIN)
    await store.save(tracker)
    assert stands(database, here) == ["one", "two"]
    assert await seen(a_store(on=ConversationRows(database)), here) == ["one", "two"]


async def test_a_turn_that_was_given_up_while_it_was_written_has_not_happened(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str
) -> None:
    await turn(store, here, "one")
    line.goes_wrong(Fault("late", COMMIT, UPDATE))
    writing = asyncio.create_task(turn(store, here, "two"))
    await until(line.happened.is_set)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    line.let_through.set()
    await until(lambda: stands(database, here) == ["one", "two"])
    assert await seen(store, here) == ["one"]
    await turn(store, here, "two")
    assert stands(database, here) == ["one", "two"]


@pytest.mark.usefixtures("no_second_try")
async def test_what_is_done_after_it_was_forgotten_is_not_seen_either(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str
) -> None:
    line.goes_wrong(Fault("late", COMMIT, INSERT))
    assert not await is_kept(store, here, "one")
    await store.forget(here)
    line.let_through.set()
    await until(lambda: stands(database, here) == ["one"])
    await turn(store, here, "two")
    assert await seen(store, here) == stands(database, here) == ["two"]


@pytest.mark.usefixtures("no_second_try")
@pytest.mark.parametrize("statement", [VERSION, COMMIT])
async def test_silence_is_an_error_in_time_and_takes_no_thread_with_it(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str, statement: str
) -> None:
    await turn(store, here, "one")
    for _ in range(5):  # more than the store has threads
        line.goes_wrong(Fault("silent", statement))
        assert not await asyncio.wait_for(is_kept(store, here, "two"), 5.0)
    await turn(store, here, "two")
    assert await seen(store, here) == stands(database, here) == ["one", "two"]


async def test_a_slow_answer_is_waited_for(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str
) -> None:
    await turn(store, here, "one")
    line.goes_wrong(Fault("silent", COMMIT, UPDATE))
    writing = asyncio.create_task(turn(store, here, "two"))
    await until(line.happened.is_set)
    line.let_through.set()
    await writing
    assert await seen(store, here) == stands(database, here) == ["one", "two"]


# --- the database is away, restarts, or is full


async def test_while_nobody_is_let_in_every_turn_is_told_so(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, here: str
) -> None:
    await turn(store, here, "one")
    with line.refusing():
        assert not await is_kept(store, here, "two")
        assert not await is_kept(a_store(on=store._rows), here, "two")
    await turn(store, here, "two")
    assert await seen(store, here) == stands(database, here) == ["one", "two"]


async def test_a_restart_in_the_middle_of_a_transaction_is_survived_without_the_visitor_noticing(
    store: BoundedTrackerStore, line: FaultyLine, database: Engine, postgresql_server: Any, here: str
) -> None:
    await turn(store, here, "one")
    line.goes_wrong(Fault("late", COMMIT, UPDATE))
    writing = asyncio.create_task(turn(store, here, "two"))
    await until(line.happened.is_set)
    await asyncio.get_running_loop().run_in_executor(None, restart, postgresql_server)
    line.let_through.set()
    await writing
    assert await seen(store, here) == stands(database, here) == ["one", "two"]


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END$$
"""


@pytest.mark.parametrize("when", ["", "DEFERRABLE INITIALLY DEFERRED"])
async def test_a_full_disk_keeps_nothing_of_a_turn_be_it_noticed_at_once_or_at_the_commit(
    store: BoundedTrackerStore, database: Engine, here: str, when: str
) -> None:
    await turn(store, here, "one")
    trigger = f"CREATE CONSTRAINT TRIGGER disk AFTER INSERT OR UPDATE ON conversations {when} FOR EACH ROW"
    with database.begin() as connection:
        connection.execute(text(FULL))
        connection.execute(text(f"{trigger} EXECUTE FUNCTION full_disk()"))
    assert not await is_kept(store, here, "two")
    assert not await is_kept(store, f"{here} anew", "two")
    assert await seen(store, here) == ["one"]
    with database.begin() as connection:
        connection.execute(text("DROP FUNCTION full_disk() CASCADE"))
    await turn(store, here, "two")
    assert await seen(store, here) == stands(database, here) == ["one", "two"]
    assert stands(database, f"{here} anew") == []


# --- SQLite


def hurry(file: Engine) -> None:
    """Shortens the time that SQLite waits for whoever has locked the file."""

    @event.listens_for(file, "checkout")
    def set_up(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")  # type: ignore[attr-defined]


@contextmanager
def locked(file: Engine) -> Iterator[None]:
    with file.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        yield


@contextmanager
def full(file: Engine) -> Iterator[None]:
    with pragma(file, "max_page_count = 1", f"max_page_count = {2**30}"):
        yield


@contextmanager
def read_only(file: Engine) -> Iterator[None]:
    with pragma(file, "query_only = ON", "query_only = OFF"):
        yield


@contextmanager
def pragma(file: Engine, on: str, off: str) -> Iterator[None]:
    """Sets something in every connection that is used meanwhile."""

    def set_up(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA {on}")  # type: ignore[attr-defined]

    def undo(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA {off}")  # type: ignore[attr-defined]

    event.listen(file, "checkout", set_up)
    event.listen(file, "checkin", undo)
    try:
        yield
    finally:
        event.remove(file, "checkout", set_up)
        event.remove(file, "checkin", undo)


@pytest.mark.parametrize("fault", [locked, full, read_only])
async def test_an_sqlite_file_that_cannot_be_written_keeps_nothing_of_a_turn_and_goes_on_afterwards(
    tmp_path: Path, fault: Callable[[Engine], Iterator[None]], here: str
) -> None:
    with empty_database("sqlite", tmp_path) as file:
        migrate(file)
        hurry(file)
        store, long = a_store(on=ConversationRows(file)), "scars " * 10_000
        await turn(store, here, "one")
        with fault(file):  # type: ignore[attr-defined]
            assert not await is_kept(store, here, long)
            assert await seen(store, here) == ["one"]
        await turn(store, here, long)
        assert await seen(store, here) == stands(file, here) == ["one", long]


# --- another replica


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_erased_at_another_replica_does_not_come_back_from_memory(
    kind: str, tmp_path: Path, here: str
) -> None:
    with empty_database(kind, tmp_path) as both:
        migrate(both)
        one, other = a_store(on=ConversationRows(both)), a_store(on=ConversationRows(both))
        await turn(one, here, "one")
        await other.forget(here)
        await turn(other, here, "two")
        assert await seen(one, here) == ["two"]
        await turn(one, here, "three")
        assert stands(both, here) == ["two", "three"]


async def until(holds: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not await asyncio.get_running_loop().run_in_executor(None, holds):
            pass

    await asyncio.wait_for(wait(), 20.0)
