"""A name, a phone number and an email address are planted in conversations; afterwards nothing that is kept holds them."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, List

import databases
import pytest
from canary import EMAIL, NAME, SURNAME, found_in, found_in_files, found_in_tables, send_and_erase, tell_everything
from databases import KINDS, empty_database
from handoff.delivering import plain
from server.clinic_day import PATIENCE, Clinic, Visitor, running_clinic

if TYPE_CHECKING:
    from bot.channels.short_answers import Turn
    from bot.shell.session import Assistant, Conversation


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
    erases = clinic.visitor("erases")
    send_and_erase(erases.say)
    assert "deleted" in json.dumps(erases.last)
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


async def click(conversation: Conversation, turn: Turn, title: str) -> Turn:
    payloads = [b["payload"] for message in turn.messages for b in message.get("buttons", []) if title in b["title"]]
    return await conversation.say(payloads[0])


@pytest.mark.parametrize("end", ["sent", "cancelled", "erased"])
async def test_the_conversation_that_is_kept_in_memory_does_not_tell_either(assistant: Assistant, end: str) -> None:
    conversation = assistant.conversation()
    await _talk(conversation, end)
    assert await _told_by(conversation) == []
    assert list(_alive()) == []
    await assistant.forget(conversation.id)


async def _talk(conversation: Conversation, end: str) -> None:
    messages: List[str] = []
    (send_and_erase if end == "erased" else tell_everything)(messages.append)
    *earlier, last = messages
    for message in earlier:
        await conversation.say(message)
    assert await _told_by(conversation), "what is searched for was really there"
    turn = await conversation.say(last)
    if end == "sent":
        turn = await conversation.say("I'd like the first one please")
        if "Yes, send it" not in json.dumps(turn.messages):
            turn = await click(conversation, turn, "Sample Provider")
        turn = await click(conversation, turn, "Yes, send it")
    elif end == "cancelled":
        turn = await conversation.say("stop")
    expected = {"sent": "utter_enquiry_sent", "cancelled": "utter_enquiry_cancelled", "erased": "utter_records_erased"}
    assert turn.names[0] == expected[end]


async def _told_by(conversation: Conversation) -> List[str]:
    tracker = await conversation.tracker()
    kept = json.dumps([tracker.current_slot_values(), *(event.as_dict() for event in tracker.events)])
    return list(found_in("tracker", kept.encode()))


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
