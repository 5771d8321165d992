"""REST with a token: only who has it is answered, and a message that comes again counts once."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import pytest
from fakes import until
from people import REST_TOKEN, Web
from server.running import Server
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.channels.api import LONGEST_BODY
from bot.channels.kept_answers import BeingAnswered, KeptAnswers
from bot.privacy.app_messages import conversation_of
from bot.privacy.audit import WORKER
from bot.privacy.encryption import vault
from bot.privacy.retention import expire
from bot.settings import Settings
from bot.storage.database import transaction
from bot.storage.models import Conversation, KeptAnswer

PATH = "/webhooks/api/webhook"
AT = datetime(2026, 11, 20, 12)
LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
ANSWER = [{"text": "I'm noting Dana, 780-555-0143.", "buttons": [], "sources": []}]
_people = count(1)


class System:
    """Another system that writes for one person."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self.sender = f"portal-{next(_people)}"

    def post(self, content: Any, authorization: Optional[str] = f"Bearer {REST_TOKEN}") -> Tuple[int, Any, Dict[str, str]]:
        """Returns status, content and headers of the answer."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        status, answer, given = self._web.post(PATH, body, headers)
        return status, json.loads(answer) if answer else None, given

    def message(self, text: str, id: Optional[str] = None) -> Dict[str, Any]:
        return {"sender": self.sender, "message": text, **({} if id is None else {"id": id})}

    def say(self, text: str, id: Optional[str] = None) -> Any:
        status, content, _ = self.post(self.message(text, id))
        assert status == 200, content
        return content["messages"]


@pytest.fixture
def system(web: Web) -> System:
    return System(web)


def test_a_question_is_answered_with_buttons_and_sources(system: System) -> None:
    messages = system.say("Is it safe?")
    assert all(set(message) == {"text", "buttons", "sources"} for message in messages)
    assert "automated assistant" in messages[0]["text"]
    answer = messages[-1]
    assert answer["sources"][0]["section"]
    button = next(button for button in answer["buttons"] if button["title"] == "Who is qualified?")
    assert "licen" in system.say(button["payload"])[0]["text"]


def test_a_button_holds_for_its_own_person_only(system: System, web: Web) -> None:
    payload = system.say("Is it safe?")[-1]["buttons"][0]["payload"]
    assert "no longer works" in System(web).say(payload)[0]["text"]


def test_an_emergency_gets_its_script(system: System) -> None:
    assert "911" in system.say("I can't breathe and my chest hurts")[0]["text"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {REST_TOKEN[:-1]}",
        f"Bearer {REST_TOKEN}r",
        f"Bearer {REST_TOKEN.upper()}",
        f"Basic {REST_TOKEN}",
        REST_TOKEN,
        "Bearer \xff",
    ],
)
def test_who_does_not_know_the_token_is_refused_without_a_word(authorization: Optional[str], system: System) -> None:
    for content in (system.message("Is it safe?"), b"no JSON", b"x" * (LONGEST_BODY + 1)):
        status, said, headers = system.post(content, authorization)
        assert (status, said, headers["www-authenticate"]) == (401, None, "Bearer")
    assert "automated assistant" in system.say("Is it safe?")[0]["text"], "nothing was taken before"


@pytest.mark.parametrize("id", ["", " ", "a b", "x" * 129, True, 1.5, [], {}, "ü"])
def test_an_odd_id_is_a_mistake(id: object, system: System) -> None:
    assert system.post({"sender": system.sender, "message": "hi", "id": id})[0] == 400


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"hi"', b'{"sender": "a"}', b'{"message": "a"}', b"\xff"])
def test_what_is_no_message_is_a_mistake_and_says_what_is_expected(content: bytes, system: System) -> None:
    status, said, _ = system.post(content)
    assert (status, set(said)) == (400, {"error"})


def test_too_large_a_body_is_not_read(system: System) -> None:
    assert system.post(system.message("x" * LONGEST_BODY))[0] == 413


def test_a_message_that_comes_again_gets_the_same_answer_and_counts_once(system: System) -> None:
    first = system.say("Is it safe?", "m-1")
    assert system.say("Is it safe?", "m-1") == first
    assert system.say("something else by mistake", "m-1") == first
    assert system.say("Is it safe?", "m-2") != first, "who is speaking is said once"


def test_an_id_is_the_senders_own(system: System, web: Web) -> None:
    first = system.say("Is it safe?", "m-1")
    assert System(web).say("What about scars?", "m-1") != first


def test_many_repeats_at_once_are_one_message(system: System) -> None:
    system.say("hi")
    with ThreadPoolExecutor(6) as threads:
        every = list(threads.map(lambda _: system.post(system.message("What about scars?", "m-1")), range(6)))
    assert {status for status, _, _ in every} <= {200, 409}
    assert all("retry-after" in headers for status, _, headers in every if status == 409)
    answers = [content["messages"] for status, content, _ in every if status == 200]
    assert answers
    assert all(answer == answers[0] for answer in answers)


def test_whoever_was_cut_off_asks_again_and_gets_the_answer(system: System, clinic: Server, records: Engine) -> None:
    body = json.dumps(system.message("What about scars?", "m-1")).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {REST_TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", clinic.port)) as line:
        line.sendall(head.encode() + body)
        until(lambda: _is_taken(records, system.sender))
    until(lambda: system.post(system.message("What about scars?", "m-1"))[0] == 200)
    assert any("scar" in message["text"].casefold() for message in system.say("What about scars?", "m-1"))


def _is_taken(records: Engine, sender: str) -> bool:
    """Has the server begun with the message of somebody?"""
    here = KeptAnswer.conversation_mark == vault().mark(conversation_of("api", sender))
    with transaction(records) as session:
        return session.execute(select(KeptAnswer).where(here)).first() is not None


def test_people_of_other_systems_are_strangers_to_the_websites_channel(system: System, clinic: Server) -> None:
    system.say("Is it safe?")
    assert "automated assistant" in clinic.say(system.sender, "say that again").words


def test_without_a_token_there_is_no_such_address() -> None:
    from bot.channels.api import api_channels

    assert api_channels(Settings(_env_file=None)) == []
    (channel,) = api_channels(Settings(_env_file=None, rest_token=REST_TOKEN))
    assert channel.url_prefix() == "api"


# --- what is kept, in SQLite and PostgreSQL


@pytest.fixture
def kept(database: Engine) -> KeptAnswers:
    return KeptAnswers(database, LEASE)


@pytest.fixture
def elsewhere(database: Engine) -> KeptAnswers:
    """Another server's."""
    return KeptAnswers(database, LEASE)


def test_another_server_gives_the_same_answer(kept: KeptAnswers, elsewhere: KeptAnswers) -> None:
    assert kept.begin("api-dana", "m-1", AT) is None
    with pytest.raises(BeingAnswered):
        elsewhere.begin("api-dana", "m-1", AT + LEASE)
    assert kept.keep("api-dana", "m-1", ANSWER) == ANSWER
    assert elsewhere.begin("api-dana", "m-1", AT + timedelta(hours=20)) == ANSWER


def test_one_that_a_server_left_is_taken_by_one_other_and_the_first_answer_stands(
    kept: KeptAnswers, elsewhere: KeptAnswers
) -> None:
    assert kept.begin("api-dana", "m-1", AT) is None
    later = AT + LEASE + SECOND
    assert elsewhere.begin("api-dana", "m-1", later) is None
    with pytest.raises(BeingAnswered):
        kept.begin("api-dana", "m-1", later)
    assert elsewhere.keep("api-dana", "m-1", ANSWER) == ANSWER
    assert kept.keep("api-dana", "m-1", [{"text": "late"}]) == ANSWER


def test_what_was_no_turn_may_come_again(kept: KeptAnswers) -> None:
    assert kept.begin("api-dana", "m-1", AT) is None
    kept.let_go("api-dana", "m-1")
    assert kept.begin("api-dana", "m-1", AT) is None


def test_answers_are_sealed_and_go_with_their_day(kept: KeptAnswers, database: Engine, tmp_path: Path) -> None:
    kept.begin("api-dana", "m-1", AT)
    kept.keep("api-dana", "m-1", ANSWER)
    with transaction(database) as session:
        row = session.execute(select(KeptAnswer)).scalar_one()
        assert not any(told in str(row.__dict__) for told in ("Dana", "api-dana", "m-1", "0143"))
    options = Settings(widget_hours=24, mail_folder=tmp_path)
    for hours, left in ((24, 1), (25, 0)):
        expire(database, AT + timedelta(hours=hours), options, WORKER)
        with transaction(database) as session:
            assert len(session.execute(select(KeptAnswer)).all()) == left


def test_nothing_of_it_is_in_the_log_or_the_tables(system: System, clinic: Server, records: Engine) -> None:
    system.say("My name is Zebulon, is it safe?", "order-zebulon")
    with transaction(records) as session:
        assert session.execute(select(Conversation)).first()
    held = b"".join(path.read_bytes() for path in clinic.data.glob("assistant.db*"))
    for told in ("Zebulon", "zebulon", REST_TOKEN, system.sender):
        assert told not in clinic.log()
        assert told.encode() not in held
