"""A conversation that is handed over to staff: quiet but for emergencies, written to by staff, and given back."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from fakes import Api, Refusal, until
from people import Person, Web, form, update
from server.running import ROOT, Server, surroundings
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.channels.messaging.answers import CALL_BACK_NOTED, SAID_TO, WAY_BACK
from bot.channels.messaging.handover import LONGEST, HandoverError
from bot.channels.messaging.handover_arguments import add_handover_arguments
from bot.channels.messaging.handover_commands import run_handover
from bot.clock import now
from bot.handoff.enquiry_commands import Desk
from bot.knowledge.files import responses
from bot.settings import settings
from bot.storage.database import transaction
from bot.storage.models import AuditEntry, Delivery, MessagingSender

By = Callable[[str], Person]
Staff = Callable[..., str]


@pytest.fixture
def staff(records: Engine, capsys: pytest.CaptureFixture[str]) -> Staff:
    """What a command of staff's prints, from the words that are typed."""

    def command(*words: str) -> str:
        parser = argparse.ArgumentParser()
        add_handover_arguments(parser)
        capsys.readouterr()
        assert run_handover(parser.parse_args(words), Desk(records, settings(), now())) == 0
        return capsys.readouterr().out

    return command


def newest(staff: Staff) -> str:
    """The reference of whoever has written last."""
    return staff("list", "--all").splitlines()[-1].split()[0]


def line_of(reference: str, listed: str) -> str:
    return next((line for line in listed.splitlines() if line.startswith(reference)), "")


def ask_for_a_person(person: Person, again: bool = False) -> str:
    person.say("can I talk to a real person please", 2 if again else 3)
    person.say(f"I'm Dana, dana.{person.who[-4:]}@example.com", 2)
    return person.say("yes, send it", 2)


def deliver(person: Person, web: Web, text: str, times: int = 1) -> None:
    """Delivers a message, to which no answer need come."""
    for message in [update(int(person.who), text) if person.who.isdigit() else form(person.who, text)] * times:
        assert (web.telegram(message) if isinstance(message, dict) else web.twilio(message)) == 200


def kept(staff: Staff, reference: str, text: str) -> None:
    """Waits until staff can read a message."""
    until(lambda: text in staff("show", reference))


def since(records: Engine, reference: str, hours: float) -> None:
    """Lets time pass since the last message of a conversation."""
    with transaction(records) as session:
        _row(session, reference).handed_over_until -= timedelta(hours=hours)


def _row(session: Session, reference: str) -> MessagingSender:
    return session.execute(select(MessagingSender).where(MessagingSender.mark.startswith(reference))).scalar_one()


@pytest.mark.parametrize("channel", ["telegram", "sms"])
def test_who_asks_for_a_person_is_answered_by_one(
    channel: str, person: By, web: Web, staff: Staff, clinic: Server
) -> None:
    dana = person(channel)
    told = ask_for_a_person(dana)
    assert all(part in told for part in ("reference code", "ASSISTANT", "911", "keep quiet"))
    deliver(dana, web, "I'd rather talk about my scar with somebody", times=3)
    assert "911" in dana.say("I can't breathe and my chest hurts")
    reference = newest(staff)
    until(lambda: " 2 unread" in line_of(reference, staff("list")))
    assert re.search(rf"{channel} +staff since .*\w{{4}}-\w{{4}}-\w{{2}}$", line_of(reference, staff("list")))
    kept(staff, reference, "I can't breathe and my chest hurts  (read as an emergency, script sent)")
    assert staff("show", reference).count("I'd rather talk about my scar") == 1
    assert " 0 unread" in line_of(reference, staff("list"))
    staff("say", reference, "Hello Dana, this is Robin from the clinic. When may I call?")
    assert dana.read(1) == "Hello Dana, this is Robin from the clinic. When may I call?"
    deliver(dana, web, "after five is fine")
    kept(staff, reference, "after five is fine")
    kept(staff, reference, "you   Hello Dana, this is Robin from the clinic. When may I call?  (sent)")
    assert "automated assistant again" in dana.say(" Assistant. ")
    assert "scar" in dana.say("What about scars?", 2).casefold()
    assert line_of(reference, staff("list")) == ""
    held = b"".join(path.read_bytes() for path in clinic.data.glob("assistant.db*"))
    for told in (dana.who.removeprefix("+"), "Robin", "talk about my scar"):
        assert told.encode() not in held
        assert told not in clinic.log()


def test_who_asks_for_a_person_and_leaves_it_stays_with_the_assistant(person: By, staff: Staff) -> None:
    dana = person("telegram")
    dana.say("can I talk to a real person please", 3)
    assert "stopped" in dana.say("cancel")
    assert "scar" in dana.say("What about scars?", 2).casefold()
    assert line_of(newest(staff), staff("list")) == ""


def test_who_asks_again_is_handed_over_again(person: By) -> None:
    dana = person("telegram")
    ask_for_a_person(dana)
    dana.say("ASSISTANT")
    told = ask_for_a_person(dana, again=True)
    assert "already" in told
    assert "keep quiet" in told


def test_staff_take_over_and_give_back(person: By, web: Web, api: Api, staff: Staff) -> None:
    dana = person("sms")
    offered = dana.say("Is it safe?", 2)
    assert "\n1. " in offered
    reference = newest(staff)
    staff("take", reference)
    told = dana.read(1)
    assert "takes over here" in told
    assert "ASSISTANT" in told
    deliver(dana, web, "1")
    kept(staff, reference, "they  1")
    staff("release", reference)
    assert "automated assistant again" in dana.read(1)
    assert "Who is qualified" not in dana.say("1")


def test_staff_who_write_have_taken_over(person: By, web: Web, staff: Staff) -> None:
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    reference = newest(staff)
    staff("say", reference, "May I help?")
    assert dana.read(2).splitlines()[-1] == "May I help?"
    deliver(dana, web, "yes please")
    kept(staff, reference, "yes please")


def test_staff_and_a_person_can_talk(person: By, web: Web, staff: Staff) -> None:
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    reference, began = newest(staff), time.monotonic()
    staff("take", reference)
    dana.read(1)
    for line in ("Hello, this is Robin.", "When may I call?", "Until then."):
        staff("say", reference, line)
        assert dana.read(1) == line
    assert time.monotonic() - began < 10, "as fast as people write"


def test_nobody_is_left_in_silence_for_ever(person: By, web: Web, records: Engine, staff: Staff) -> None:
    dana = person("sms")
    ask_for_a_person(dana)
    reference = newest(staff)
    since(records, reference, hours=settings().handed_over_hours - 0.1)
    deliver(dana, web, "anybody there?")  # counts anew
    kept(staff, reference, "anybody there?")
    since(records, reference, hours=settings().handed_over_hours - 0.1)
    staff("say", reference, "Soon!")  # and so does what staff say
    assert dana.read(1) == "Soon!"
    since(records, reference, hours=settings().handed_over_hours)
    assert "scar" in dana.say("What about scars?", 2).casefold()
    assert line_of(reference, staff("list")) == ""


def test_stop_help_and_start_go_on_working(person: By, web: Web, api: Api, staff: Staff) -> None:
    dana = person("sms")
    ask_for_a_person(dana)
    reference = newest(staff)
    assert "Reply STOP" in dana.say("HELP")
    assert "won't get any more" in dana.say("STOP")
    for action in (("say", reference, "Hello?"), ("take", reference)):
        with pytest.raises(HandoverError, match="sent STOP"):
            staff(*action)
    assert "answers you again" in dana.say("START")
    staff("say", reference, "Hello again")
    assert dana.read(2).endswith("Hello again")


def test_what_cannot_be_sent_is_told_and_not_lost(person: By, api: Api, staff: Staff) -> None:
    dana = person("telegram")
    ask_for_a_person(dana)
    reference = newest(staff)
    api.refuses[dana.who] = [Refusal(500), Refusal(400)]
    staff("say", reference, "First words")
    kept(staff, reference, "First words  (not sent: status 400)")
    api.refuses[dana.who] = [Refusal(500), Refusal(500)]
    staff("say", reference, "Second words")
    assert dana.read(1) == "Second words"
    kept(staff, reference, "Second words  (sent)")


def test_pictures_do_not_reach_staff_and_the_person_is_told(person: By, web: Web, api: Api) -> None:
    dana = person("telegram")
    ask_for_a_person(dana)
    typing = api.courtesies.count("sendChatAction")
    assert web.telegram(update(int(dana.who), photo=[{"file_id": "x"}])) == 200
    assert "don't reach the team" in dana.read(1)
    assert api.courtesies.count("sendChatAction") == typing, "nobody is typing"


def test_signs_without_words_and_buttons_are_kept_and_too_long_a_message_is_refused(
    person: By, web: Web, staff: Staff
) -> None:
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    reference = newest(staff)
    staff("take", reference)
    dana.read(1)
    deliver(dana, web, "??")
    kept(staff, reference, "they  ??")
    dana.press("Who is qualified?", 0)
    kept(staff, reference, "they  Who is qualified?")
    assert "too long" in dana.say("x" * 1001)


def test_staff_are_told_without_a_name_once_and_when_the_first_message_waits(
    person: By, web: Web, records: Engine, staff: Staff
) -> None:
    def told() -> list[str]:
        with transaction(records) as session:
            return list(session.execute(select(Delivery.subject).where(Delivery.kind == "notice")).scalars())

    before = len(told())
    dana = person("sms")
    ask_for_a_person(dana)
    deliver(dana, web, "Dana here")
    deliver(dana, web, "and another")
    reference = newest(staff)
    until(lambda: " 2 unread" in line_of(reference, staff("list")))
    assert told()[before:] == ["handed_over", "wrote_to_staff"]
    staff("show", reference)
    deliver(dana, web, "one more")
    until(lambda: told()[before:] == ["handed_over", "wrote_to_staff", "wrote_to_staff"])


def test_who_did_what_is_noted_without_what_was_said(person: By, web: Web, records: Engine, staff: Staff) -> None:
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    reference = newest(staff)
    for action in (("take",), ("say", "Zanzibar"), ("show",), ("release",)):
        staff(action[0], reference, *action[1:])
    with transaction(records) as session:
        entries = list(
            session.execute(select(AuditEntry).where(AuditEntry.subject == f"conversation {reference}")).scalars()
        )
        assert [entry.action for entry in entries] == ["taken_over", "wrote_to_person", "messages_read", "handed_back"]
        assert all(entry.actor.startswith("staff:") for entry in entries)
        assert not any("Zanzibar" in entry.detail for entry in entries)
    dana.read(3)


@pytest.mark.parametrize("reference", ["", "0000000000", "%", "nothing", "0123456789abcdef", "700000001"])
@pytest.mark.parametrize("action", [("show",), ("take",), ("say", "x"), ("release",)])
def test_a_reference_that_is_none_is_refused(reference: str, action: tuple[str, ...], staff: Staff) -> None:
    with pytest.raises(HandoverError, match="no conversation of that reference"):
        staff(action[0], reference, *action[1:])


def test_what_staff_cannot_do_is_refused_with_a_reason(person: By, staff: Staff) -> None:
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    reference = newest(staff)
    with pytest.raises(HandoverError, match="assistant has this conversation already"):
        staff("release", reference)
    for text in ("", "  ", "x" * (LONGEST + 1)):
        with pytest.raises(HandoverError, match="Nothing was sent"):
            staff("say", reference, text)
    assert line_of(reference, staff("list")) == ""
    staff("take", reference)
    with pytest.raises(HandoverError, match="Staff have this conversation already"):
        staff("take", reference)
    dana.read(1)


def test_where_to_write_is_forgotten_with_an_old_row(person: By, records: Engine, staff: Staff) -> None:
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    reference = newest(staff)
    with transaction(records) as session:
        _row(session, reference).address_sealed = None
    with pytest.raises(HandoverError, match="when they write again"):
        staff("say", reference, "Hello?")
    dana.say("What about scars?", 2)
    staff("say", reference, "Hello!")
    assert dana.read(2).endswith("Hello!")


def test_the_command_is_there_and_says_what_is_wrong_in_one_line(clinic: Server) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bot", "handover", "say", "nobody", "-"],
        cwd=ROOT,
        env=surroundings(clinic.data.parent),
        input="Hello",
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "There is no conversation of that reference; `python -m bot handover list --all` names them.\n"


def test_what_is_said_when_it_goes_quiet_names_the_word_that_brings_it_back() -> None:
    for name in ("utter_handed_over", "utter_taken_over"):
        for variation in responses()[name]:
            assert f"write {WAY_BACK.upper()}." in variation["text"]
            assert "{emergency_number}" in variation["text"]
    assert CALL_BACK_NOTED | set(SAID_TO.values()) <= set(responses())
