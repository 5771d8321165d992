"""Faults between the widget's log and a real PostgreSQL: every message is answered, and its turn is taken once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, List

import pytest
from databases import empty_database
from faulty_line import CUTS, Fault, FaultyLine, How
from rasa.shared.core.events import UserUttered
from test_widget_turns import ID, House

from bot.channels import widget_turns
from bot.channels.widget_log import WidgetLog
from bot.storage.database import migrate

if TYPE_CHECKING:
    from bot.shell.session import Assistant

LEASE = 60.0
REPLICA = 1
TAKEN, COMMIT = "INSERT INTO widget_messages", "COMMIT"


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyLine]:
    with empty_database("postgresql", tmp_path_factory.mktemp("faults")) as made:
        migrate(made)
        between = FaultyLine(made.url)
        yield between
        between.close()


@pytest.fixture
def house(assistant: Assistant, line: FaultyLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(widget_turns, "SECONDS_BETWEEN_TRIES", 0.0)
    engine = line.engine()
    yield House(assistant, WidgetLog(engine, LEASE, REPLICA))
    engine.dispose()


async def turns(assistant: Assistant, house: House) -> List[str]:
    """What the visitor has said, as Rasa knows it."""
    tracker = await assistant.agent.tracker_store.retrieve(house.here)
    return [str(event.text) for event in tracker.events if isinstance(event, UserUttered) and event.text] if tracker else []


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("fault", [("UPDATE widget_conversations", ""), (TAKEN, ""), (COMMIT, "claimed_until")])
async def test_a_message_whose_taking_is_cut_is_answered_once_when_it_comes_again(
    house: House, assistant: Assistant, line: FaultyLine, how: How, fault: tuple[str, str]
) -> None:
    line.goes_wrong(Fault(how, *fault))
    receipt = await house.take()
    assert (receipt["status"], receipt["again"]) == ("refused", True)
    assert (await house.take())["status"] == "taken"
    await house.ends(ID)
    assert house.kept() == [("visitor", ID), ("assistant", ID)]
    assert await turns(assistant, house) == ["Is it safe?"]


@pytest.mark.parametrize("how", CUTS)
async def test_an_answer_whose_commit_is_cut_is_kept_once(
    house: House, assistant: Assistant, line: FaultyLine, how: How
) -> None:
    line.goes_wrong(Fault(how, "SET answered_at"), Fault(how, COMMIT, "DELETE FROM widget_messages"))
    await house.take()
    await house.ends(ID)
    assert line.happened.is_set()
    (shown,) = house.contents("bot_uttered")
    assert shown["seq"] == 2
    assert house.kept() == [("visitor", ID), ("assistant", ID)]
    assert await turns(assistant, house) == ["Is it safe?"]


async def test_an_answer_that_could_not_be_kept_is_kept_when_its_message_comes_again_and_not_made_anew(
    house: House, assistant: Assistant, line: FaultyLine
) -> None:
    line.goes_wrong(*[Fault("cut_before", "SET answered_at")] * widget_turns.TRIES_TO_KEEP)
    await house.take()
    await house.ends(ID)
    assert house.kept() == [("visitor", ID)]
    house.told.clear()
    assert (await house.take())["status"] == "taken"
    await house.ends(ID)
    assert house.kept() == [("visitor", ID), ("assistant", ID)]
    assert await turns(assistant, house) == ["Is it safe?"]
