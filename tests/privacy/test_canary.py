"""A name, a phone number and an email address are planted in conversations; afterwards nothing that is kept holds them."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, List

import databases
import pytest
from canary import EMAIL, NAME, SURNAME, found_in, found_in_files, found_in_tables, tell_everything
from databases import KINDS, empty_database
from handoff.delivering import plain
from server.clinic_day import PATIENCE, Clinic, Visitor, running_clinic

if TYPE_CHECKING:
    from bot.channels.conversation import Turn
    from bot.shell.session import Assistant


@pytest.fixture(params=KINDS)
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    with empty_database(request.param, tmp_path / "unused") as database:
        address = database.url.render_as_string(hide_password=False) if request.param == "postgresql" else ""
        with running_clinic(tmp_path, log_level="DEBUG", database_url=address) as running:
            yield running


def send(visitor: Visitor) -> None:
    tell_everything(visitor.say)
    visitor.say("I'd like the first one please")
    if "Yes, send it" not in json.dumps(visitor.last):
        visitor.click("Sample Provider")
    assert NAME in "".join(message["text"] for message in visitor.last), "the summary shows what would be sent"
    visitor.click("Yes, send it")
    visitor.say(f"thanks a lot, my name is {NAME} {SURNAME} and I read {EMAIL}")


def test_nothing_on_disk_tells_who_the_visitors_were(clinic: Clinic) -> None:
    send(clinic.visitor("sends"))
    cancels = clinic.visitor("cancels")
    tell_everything(cancels.say)
    assert "stopped" in cancels.say("stop")
    tell_everything(clinic.visitor("leaves").say)
    clinic.visitor("lost").say(f"the thing with the whatsit from my cousin {NAME} {SURNAME} at {EMAIL}")

    assert clinic.post.arrived.acquire(timeout=PATIENCE)
    assert NAME in plain(clinic.post.messages[0]), "what is searched for was really there"
    clinic.command("enquiries", "list")
    engine = clinic.database()
    findings = [*found_in_tables(engine), *found_in_files(clinic.folder / "data")]
    if engine.dialect.name == "postgresql":
        findings += found_in_files(Path(databases._postgresql().pgdata))
    engine.dispose()
    findings += found_in("standard output and error", clinic.server.log().encode())
    assert findings == []


async def click(conversation: object, turn: Turn, title: str) -> Turn:
    payloads = [b["payload"] for message in turn.messages for b in message.get("buttons", []) if title in b["title"]]
    return await conversation.say(payloads[0])  # type: ignore[attr-defined]


@pytest.mark.parametrize("sends", [True, False], ids=["sent", "cancelled"])
async def test_the_conversation_that_is_kept_in_memory_does_not_tell_either(assistant: Assistant, sends: bool) -> None:
    conversation = assistant.conversation()
    messages: List[str] = []
    tell_everything(messages.append)
    for message in messages:
        await conversation.say(message)
    tracker = await conversation.tracker()
    assert list(found_in("before", json.dumps([event.as_dict() for event in tracker.events]).encode()))
    if sends:
        turn = await conversation.say("I'd like the first one please")
        if "Yes, send it" not in json.dumps(turn.messages):
            turn = await click(conversation, turn, "Sample Provider")
        turn = await click(conversation, turn, "Yes, send it")
    else:
        turn = await conversation.say("stop")
    tracker = await conversation.tracker()
    kept = json.dumps([tracker.current_slot_values(), *(event.as_dict() for event in tracker.events)])
    assert list(found_in("tracker", kept.encode())) == []
    del messages, message, turn, tracker, kept
    assert list(_alive()) == []
    await assistant.forget(conversation.id)


def _alive() -> Iterator[str]:
    """Searches every text that an object of this process refers to, but those that the tests themselves hold."""
    gc.collect()
    seen = set()
    for holder in gc.get_objects():
        for text in gc.get_referents(holder):
            if isinstance(text, str) and id(text) not in seen and not _is_of_the_tests(holder):
                seen.add(id(text))
                yield from found_in(f"a {type(holder).__name__}", text.encode("utf-8", "replace"))


def _is_of_the_tests(holder: object) -> bool:
    return isinstance(holder, dict) and "tell_everything" in holder
