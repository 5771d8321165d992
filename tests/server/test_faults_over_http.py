"""The whole server behind a line to PostgreSQL that goes wrong: in the middle of a form, at every point of a turn."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, List, NamedTuple

import pytest
from databases import empty_database, postgresql_of_its_own, restart
from faulty_line import CUTS, Fault, FaultyLine, How
from replicas import running_replicas, texts, turns
from running import Server
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from bot.privacy.encryption import vault
from bot.storage.database import migrate, transaction
from bot.storage.models import Delivery, Enquiry

SECONDS_A_TURN = 12.0
LOCK, VERSION, UPDATE, COMMIT = "pg_try_advisory_lock", "SELECT conversations.version \n", "UPDATE conversations", "COMMIT"
PLACES = [(LOCK, ""), (VERSION, ""), (UPDATE, ""), (COMMIT, UPDATE)]
EMERGENCY, SEND = "I can't breathe", "yes, send it"
CODE = re.compile(r"\b\w{4}-\w{4}-\w{2}\b")


class House(NamedTuple):
    server: Server
    line: FaultyLine
    database: Engine
    postgresql: Any


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("faults")
    limits = {"database_statement_timeout_seconds": 1, "lock_wait_seconds": 1, "turn_timeout_seconds": SECONDS_A_TURN}
    with postgresql_of_its_own() as postgresql, empty_database("postgresql", folder, postgresql) as database:
        migrate(database)
        line = FaultyLine(database.url)
        through = line.engine()
        with running_replicas(through, folder, 1, **limits) as (server,):
            yield House(server, line, database, postgresql)
            assert "Traceback" not in server.log()
        through.dispose()
        line.close()


@pytest.fixture
def here(house: House, request: pytest.FixtureRequest) -> str:
    """A conversation of its own, in which a form has asked for the name."""
    sender = f"visitor-{abs(hash(request.node.name))}"
    house.server.say(sender, "please call me back")
    return sender


def told(server: Server, sender: str, message: str) -> List[str]:
    """What a visitor is told, in time."""
    begun = time.monotonic()
    answer = server.say(sender, message)
    assert time.monotonic() - begun < SECONDS_A_TURN + 1
    return texts(answer)


def is_kept(words: List[str]) -> bool:
    assert words, "every message is answered"
    return not any(said in words[0] for said in ("wasn't kept", "something went wrong"))


def goes_on(house: House, here: str, words: List[str]) -> None:
    """The form asks for the number, after the same message again if it was not kept; and the turn is there once."""
    house.line.let_through.set()
    if not is_kept(words):
        words = told(house.server, here, "Dana")
    assert "number" in words[-1]
    assert turns(house.database, here)[1:] == [["Dana", *words]]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("how", [*CUTS, "silent"])
def test_a_form_goes_on_with_the_same_field_wherever_the_line_is_cut_or_silent(
    house: House, here: str, how: How, place: tuple[str, str]
) -> None:
    house.line.goes_wrong(Fault(how, *place))
    words = told(house.server, here, "Dana")
    assert house.line.happened.is_set()
    if place[0] in (UPDATE, COMMIT):
        assert is_kept(words), "a write is tried again"
    goes_on(house, here, words)


def test_a_turn_that_was_written_and_told_as_lost_because_nobody_could_look_is_taken_once(house: House, here: str) -> None:
    house.line.goes_wrong(Fault("away", COMMIT, UPDATE))
    words = told(house.server, here, "Dana")
    assert not is_kept(words)
    assert [turn[0] for turn in turns(house.database, here)] == ["please call me back", "Dana"]
    assert "Call 911 now" in told(house.server, here, EMERGENCY)[0]
    house.line.refuses = False
    goes_on(house, here, words)


def test_while_nobody_is_let_in_the_visitor_is_told_so_at_once(house: House, here: str) -> None:
    with house.line.refusing():
        words = told(house.server, here, "Dana")
        assert not is_kept(words)
    goes_on(house, here, words)


def test_a_restart_between_two_turns_is_not_noticed(house: House, here: str) -> None:
    restart(house.postgresql)
    words = told(house.server, here, "Dana")
    assert is_kept(words)
    goes_on(house, here, words)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("cut_before", "INSERT INTO enquiries"),
        Fault("cut_before", COMMIT, "INSERT INTO audit"),
        Fault("cut_after", COMMIT, "INSERT INTO audit"),
        Fault("silent", COMMIT, "INSERT INTO audit"),
        Fault("cut_after", COMMIT, UPDATE),
        Fault("away", COMMIT, UPDATE),
    ],
)
def test_an_enquiry_is_sent_once_wherever_the_line_goes_wrong(
    house: House, request: pytest.FixtureRequest, fault: Fault
) -> None:
    sender = f"visitor-{abs(hash(request.node.name))}"
    for message in (
        "I'd like to find a cosmetic provider",
        f"I'm Dana, {sender}@example.com is best, about wrinkles, in Grande Prairie, after five",
        "Sample Provider One",
    ):
        told(house.server, sender, message)
    house.line.goes_wrong(fault)
    answer = house.server.say(sender, SEND)
    assert house.line.happened.is_set()
    house.line.refuses = False
    house.line.let_through.set()
    if not CODE.search(answer.words):
        buttons = {button["title"]: button["payload"] for button in answer.messages[-1].get("buttons", [])}
        again = house.server.say(sender, buttons.get("Try again", SEND))
        answer = again if CODE.search(again.words) else house.server.say(sender, SEND)
    assert CODE.search(answer.words), answer.words
    with transaction(house.database) as session:
        mine = select(Enquiry.id).where(Enquiry.conversation_mark == vault().mark(sender))
        (enquiry,) = session.execute(mine).scalars()
        queued = select(func.count()).where(Delivery.enquiry_id == enquiry)
        assert session.execute(queued).scalar_one() == 1
