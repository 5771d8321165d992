"""Any sequence of turns, faults, restarts, replicas and erasure: what was told as kept is there once, in order; no more.

When the answer to a commit is lost *and* the database stays away longer than it is tried, only the replica that wrote knows
that the visitor was told otherwise (docs/decisions/storage.md). So the visitor stays with it then.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import List, Optional

import pytest
from databases import empty_database
from faulty_line import CUTS, Fault, FaultyLine, How
from hypothesis import settings as options
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.engine import Engine
from test_store_faults import COMMIT, IMPATIENT, INSERT, READ, UPDATE, VERSION, full, hurry, is_kept, locked, read_only, seen
from test_tracker_store import a_store

from bot.server import conversation_rows
from bot.server.conversation_rows import ConversationRows
from bot.server.tracker_store import TURNS_KEPT, BoundedTrackerStore
from bot.storage import postgresql
from bot.storage.database import migrate, transaction
from bot.storage.models import Conversation

PLACES = [(VERSION, ""), (READ, ""), (UPDATE, ""), (INSERT, ""), (COMMIT, UPDATE), (COMMIT, INSERT)]
HERE = "sequence"
REPLICAS = 2
"""Each with connections and memory of its own."""
replicas = st.integers(0, REPLICAS - 1)


class Turns(RuleBasedStateMachine):
    """Two stores on one database, one conversation, and what its visitor was told."""

    database: Engine

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.told: List[str] = []
        self.sent = 0
        self.stays: Optional[int] = None
        """The replica that alone knows of a turn that it has told as not kept."""

    @initialize()
    def begin(self) -> None:
        with transaction(self.database) as session:
            session.query(Conversation).delete()
        self.stores = [self.a_store() for _ in range(REPLICAS)]

    def a_store(self) -> BoundedTrackerStore:
        return a_store(on=ConversationRows(self.engine()))

    def engine(self) -> Engine:
        return self.database

    @rule(replica=replicas)
    def turn(self, replica: int) -> None:
        assert self.take(replica), "nothing has failed"

    def take(self, replica: int) -> bool:
        """Sends a message, the same again until it is told as kept; returns whether it is."""
        replica = self.reached(replica)
        message = f"hello {chr(ord('a') + self.sent % 26)}{self.sent}"
        kept = self.loop.run_until_complete(is_kept(self.stores[replica], HERE, message))
        if kept:
            self.told.append(message)
            self.sent += 1
            self.stays = None
        return kept

    def reached(self, replica: int) -> int:
        return replica if self.stays is None else self.stays

    @rule(replica=replicas)
    def erase(self, replica: int) -> None:
        self.loop.run_until_complete(self.stores[self.reached(replica)].forget(HERE))
        self.told = []

    @precondition(lambda self: self.stays is None)
    @rule(replica=replicas)
    def restart(self, replica: int) -> None:
        self.stores[replica] = self.a_store()

    @invariant()
    def the_visitor_is_where_they_were_told_to_be(self) -> None:
        for replica in range(REPLICAS) if self.stays is None else [self.stays]:
            there = self.loop.run_until_complete(seen(self.stores[replica], HERE))
            assert len(there) >= min(len(self.told), TURNS_KEPT)
            assert there == self.told[-len(there) :] if there else not self.told

    def teardown(self) -> None:
        self.loop.close()


class TurnsOnPostgresql(Turns):
    """Faults of the line to it."""

    line: FaultyLine
    through: Engine

    def engine(self) -> Engine:
        return self.through

    @rule(replica=replicas, how=st.sampled_from(CUTS), place=st.sampled_from(PLACES))
    def a_connection_is_cut(self, replica: int, how: How, place: tuple[str, str]) -> None:
        self.line.goes_wrong(Fault(how, *place))
        kept = self.take(replica)
        self.line.goes_wrong()
        assert kept or place[0] in (VERSION, READ), "a write is tried again"

    @rule(replica=replicas, how=st.sampled_from(["late", "silent", "cut_after"]), place=st.sampled_from([UPDATE, INSERT]))
    def nobody_knows_what_became_of_a_commit(self, replica: int, how: How, place: str) -> None:
        replica = self.reached(replica)
        with pytest.MonkeyPatch.context() as impatient:
            impatient.setattr(conversation_rows, "TRY_FOR_SECONDS", 0.0)
            self.line.goes_wrong(Fault(how, COMMIT, place))
            if not self.take(replica):
                self.stays = replica
        self.line.goes_wrong()
        self.line.let_through.set()

    @rule(replica=replicas)
    def nobody_is_let_in(self, replica: int) -> None:
        with self.line.refusing():
            assert not self.take(replica)


class TurnsOnSqlite(Turns):
    """Faults of the file."""

    @rule(replica=replicas, fault=st.sampled_from([locked, full, read_only]))
    def the_file_cannot_be_written(self, replica: int, fault: object) -> None:
        with fault(self.database):  # type: ignore[operator]
            self.take(replica)


FEW = options(max_examples=10, stateful_step_count=12, deadline=None)


def test_any_sequence_on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "GRACE_SECONDS", 0.2)
    with empty_database("postgresql", tmp_path) as database:
        migrate(database)
        line = FaultyLine(database.url)
        through = line.engine(IMPATIENT)
        named = {"database": database, "line": line, "through": through}
        run_state_machine_as_test(type("Sequence", (TurnsOnPostgresql,), named), settings=FEW)
        through.dispose()
        line.close()


def test_any_sequence_on_sqlite(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as database:
        migrate(database)
        hurry(database)
        run_state_machine_as_test(type("Sequence", (TurnsOnSqlite,), {"database": database}), settings=FEW)
