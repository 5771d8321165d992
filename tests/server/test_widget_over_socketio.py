"""The widget's channel as a browser has it: nothing is lost or doubled, and nobody reads what another says."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Dict, List, Optional, Tuple

import aiohttp
import pytest
from running import Server
from sqlalchemy import select
from sqlalchemy.orm import Session
from widget_window import PATH, PATIENCE, new_id, visitor, window, words

from bot.channels.widget_session import WidgetSessions
from bot.kept_secrets import secret_key
from bot.privacy.encryption import vault_of
from bot.settings import Settings
from bot.storage.database import make_engine, transaction
from bot.storage.models import Conversation, Enquiry, WidgetConversation, WidgetMessage

TRANSPORTS = ("websocket", "polling")
BOTH = pytest.mark.parametrize("transport", TRANSPORTS)
QUESTION = "Is it safe?"
ANSWER = "usually done by trained"
EMERGENCY = "911"
CANARY = "marmalade-canary"
CODE = re.compile(r"\b\w{4}-\w{4}-\w{2}\b")


@pytest.fixture(autouse=True)
def nothing_is_logged_of_it(server: Server) -> Iterator[None]:
    """After every test: no stack trace, no failure, and no word of what was said."""
    before = len(server.log())
    yield
    log = server.log()[before:]
    for wrong in ("Traceback", "widget.failed", CANARY, ANSWER):
        assert wrong not in log


def seqs(messages: List[Dict[str, Any]]) -> List[int]:
    return [message["seq"] for message in messages]


def shown(session: Dict[str, Any]) -> List[Tuple[str, str]]:
    """What a session begins with: who said what."""
    return [(message["from"], message["text"]) for message in session["messages"]]


@BOTH
async def test_a_question_is_answered_with_all_that_the_widget_shows(server: Server, transport: str) -> None:
    async with visitor(server, transport) as here:
        message_id = new_id()
        receipt = await here.ask("user_uttered", {"id": message_id, "text": QUESTION})
        assert receipt == {"status": "taken", "seq": 1}
        await here.until("turn_end", id=message_id)
        (answer,) = here.replies()
        assert set(answer) == {"seq", "from", "id", "reply_to", "text", "quick_replies", "citations", "kind"}
        assert (answer["seq"], answer["from"], answer["reply_to"], answer["kind"]) == (2, "assistant", message_id, "text")
        assert ANSWER in answer["text"]
        assert all(set(button) == {"title", "payload"} for button in answer["quick_replies"])
        assert answer["quick_replies"]
        assert [set(source) for source in answer["citations"]] == [{"section", "url"}]


async def test_a_new_session_tells_who_is_speaking_and_where_to_turn_in_an_emergency(server: Server) -> None:
    async with window(server) as here:
        session = await here.open()
        assert (session["resumed"], session["messages"], session["seen"]) == (False, [], 0)
        assert "automated assistant" in session["greeting"]
        assert EMERGENCY in session["emergency"]["text"]
        assert session["emergency"]["numbers"][0] == EMERGENCY
        assert session["longest"] == 1000
        assert session["clinic"]["name"]


@BOTH
async def test_the_windows_see_that_it_types_until_the_turn_has_ended(server: Server, transport: str) -> None:
    async with visitor(server, transport) as here:
        message_id = await here.send(QUESTION)
        await here.until("turn_end", id=message_id)
        assert [event.name for event in here.events] == ["typing", "bot_uttered", "turn_end"]
        assert here.events[0].content == {"on": True}


async def test_the_same_message_twice_is_handled_once_and_answered_once(server: Server) -> None:
    async with visitor(server) as here:
        message_id = new_id()
        message = {"id": message_id, "text": QUESTION}
        receipts = await asyncio.gather(*(here.ask("user_uttered", message) for _ in range(4)))
        assert {receipt["status"] for receipt in receipts} == {"taken"}
        await here.until("turn_end", id=message_id)
        assert await here.ask("user_uttered", message) == {"status": "taken", "seq": 1}
        await here.say("thanks")
        assert len(here.replies_to(message_id)) == 1
        async with visitor(server, token=here.token) as again:
            assert shown(again.session).count(("visitor", QUESTION)) == 1
            assert seqs(again.session["messages"]) == list(range(1, len(again.session["messages"]) + 1))


@BOTH
async def test_who_comes_back_gets_only_what_was_missed(server: Server, transport: str) -> None:
    async with visitor(server, transport) as here:
        await here.say(QUESTION)
        last = here.replies()[-1]["seq"]
        token = here.token
        missed = await here.send("Does it hurt?")
    async with visitor(server, transport, token, after=last) as again:
        assert again.session["resumed"] is True
        found = again.session["messages"]
        if not any(message["from"] == "assistant" for message in found):
            await again.until("turn_end", id=missed)
            found = found + again.replies()
        assert (found[0]["id"], found[0]["text"]) == (missed, "Does it hurt?")
        assert {message["reply_to"] for message in found[1:]} == {missed}
        assert seqs(found) == list(range(last + 1, last + 1 + len(found)))


async def test_a_line_that_breaks_without_a_word_loses_nothing(server: Server) -> None:
    async with visitor(server) as here:
        sent = [await here.send(f"Is it good for scars? {number}") for number in range(3)]
        token = here.token
        await here.cut()
    async with visitor(server, token=token) as again:
        for message_id in sent:
            receipt = await again.ask("user_uttered", {"id": message_id, "text": "sent again, as the line was cut"})
            assert receipt["status"] == "taken"
        await again.say("thanks")  # answered after all the others
        async with visitor(server, token=token) as at_last:
            found = at_last.session["messages"]
            assert [message["id"] for message in found if message["from"] == "visitor"][:3] == sent
            replies = [message["text"] for message in found if message.get("reply_to") in sent]
            assert {message.get("reply_to") for message in found if message["from"] == "assistant"} >= set(sent)
            assert replies
            assert "sent again" not in words(found)


async def test_another_window_with_the_same_token_sees_both_sides(server: Server) -> None:
    async with visitor(server) as here, visitor(server, "polling", here.token) as other:
        message_id = await here.send(QUESTION)
        await other.until("turn_end", id=message_id)
        (asked,) = await other.until("user_uttered")
        assert asked == {"seq": 1, "from": "visitor", "id": message_id, "text": QUESTION}
        assert ANSWER in words(other.replies())
        answers = await other.say("Does it hurt?")
        await here.until("bot_uttered", seq=answers[0]["seq"])
        assert [event.content["text"] for event in here.events if event.name == "user_uttered"] == ["Does it hurt?"]


async def test_what_was_seen_in_one_window_is_seen_in_the_other(server: Server) -> None:
    async with visitor(server) as here, visitor(server, token=here.token) as other:
        await here.say(QUESTION)
        assert await here.ask("seen", {"seq": 2}) == {"status": "ok"}
        assert await other.until("unread") == [{"seen": 2}]
        assert await here.ask("seen", {"seq": 1}) == {"status": "ok"}
        assert await here.ask("seen", {"seq": 99}) == {"status": "ok"}
    async with visitor(server, token=here.token) as again:
        assert again.session["seen"] == 2


async def test_two_visitors_have_nothing_to_do_with_each_other(server: Server) -> None:
    async with visitor(server) as here, visitor(server) as other:
        await here.say(QUESTION)
        await other.say("Does it hurt?")
        assert ANSWER not in words(other.replies())
        assert [event for event in other.events if event.name == "user_uttered"] == []
        assert len({event.content["reply_to"] for event in other.events if event.name == "bot_uttered"}) == 1


STOLEN: Dict[str, Any] = {
    "the id alone": lambda token: token.split(".")[0],
    "no tag": lambda token: token.rsplit(".", 1)[0] + ".",
    "another tag": lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
    "a later end": lambda token: ".".join([token.split(".")[0], "9999999999", token.split(".")[2]]),
    "in a list": lambda token: [token],
    "in an object": lambda token: {"token": token},
    "as bytes": lambda token: token.encode(),
    "a number": lambda token: 7,
    "none": lambda token: None,
}


@pytest.mark.parametrize("change", STOLEN.values(), ids=STOLEN)
async def test_a_thief_with_less_than_the_whole_token_gets_a_new_empty_session(server: Server, change: Any) -> None:
    async with visitor(server) as here:
        await here.say(QUESTION)
        async with visitor(server, token=change(here.token)) as thief:
            assert (thief.session["resumed"], thief.session["messages"]) == (False, [])
            assert thief.token.split(".")[0] != here.token.split(".")[0]
            await here.say("Does it hurt?")
            await thief.say("hello")
            assert QUESTION not in (await thief.ask("transcript_request"))["text"]
            assert {event.name for event in thief.events} <= {"typing", "bot_uttered", "turn_end"}
            assert "hurt" not in words(thief.replies())


async def test_a_window_without_a_session_can_do_nothing(server: Server) -> None:
    async with window(server) as here:
        assert await here.ask("user_uttered", {"id": new_id(), "text": QUESTION}) == {"status": "no_session"}
        assert await here.ask("transcript_request") == {"status": "no_session"}
        assert await here.ask("erase_request") == {"status": "no_session"}
        assert (await here.ask("seen", {"seq": 1}))["status"] == "refused"


async def test_a_window_that_begins_anew_leaves_its_first_conversation(server: Server) -> None:
    async with visitor(server) as here, visitor(server, token=here.token) as first:
        await here.open()
        message_id = await first.send(QUESTION)
        await first.until("turn_end", id=message_id)
        await here.say("Does it hurt?")
        assert ANSWER not in words(here.replies())
        assert [event.content for event in here.events if event.name == "user_uttered"] == []


async def test_after_everything_was_deleted_the_old_token_opens_an_empty_session(server: Server) -> None:
    async with visitor(server) as here, visitor(server, token=here.token) as other:
        token = here.token
        await here.say(QUESTION)
        answer = await here.ask("erase_request", {})
        assert (answer["status"], "Deleted" in answer["text"]) == ("ok", True)
        assert await other.until("erased") == [{}]
        for of_it in (here, other):
            assert await of_it.ask("user_uttered", {"id": new_id(), "text": "hello"}) == {"status": "no_session"}
            assert await of_it.ask("transcript_request") == {"status": "no_session"}
        for _ in range(2):
            async with visitor(server, token=token) as replayed:
                assert (replayed.session["resumed"], replayed.session["messages"]) == (False, [])
                assert replayed.token.split(".")[0] != token.split(".")[0]
        session = await here.open(token)
        assert (session["resumed"], session["messages"]) == (False, [])
        await here.say("hello")
        assert QUESTION not in (await here.ask("transcript_request"))["text"]


async def test_deleting_while_messages_are_under_way_is_answered_and_leaves_nothing(server: Server) -> None:
    async with visitor(server) as here:
        token = here.token
        sending = [asyncio.create_task(here.ask("user_uttered", {"id": new_id(), "text": QUESTION})) for _ in range(8)]
        await here.until("typing", count=8)
        answer = await here.ask("erase_request", {})
        while answer["status"] == "refused":
            assert answer["again"] is True
            assert EMERGENCY in answer["text"]
            answer = await here.ask("erase_request", {})
        assert answer["status"] == "ok"
        assert {receipt["status"] for receipt in await asyncio.gather(*sending)} == {"taken"}
        assert kept(server, token) == {"conversations": 0, "messages": 0}
        async with visitor(server, token=token) as replayed:
            assert (replayed.session["resumed"], replayed.session["messages"]) == (False, [])


async def test_an_enquiry_that_was_sent_is_deleted_with_the_conversation(server: Server) -> None:
    async with visitor(server) as here:
        await here.say("I'd like to find a cosmetic provider")
        await here.say("I'm Dana, dana@example.com is best, it's about wrinkles, in Grande Prairie, after five")
        assert "Dana" in words(await here.click("Sample Provider One"))
        code = CODE.search(words(await here.click("Yes, send it")))
        assert code, here.replies()
        assert stands(server, code.group()) == ("email", True)
        assert kept(server, here.token) == {"conversations": 1, "messages": len(here.replies()) + 4}
        answer = await here.ask("erase_request", {})
        assert "your details in the enquiry you sent" in answer["text"]
        assert stands(server, code.group()) == (None, False)
        assert kept(server, here.token) == {"conversations": 0, "messages": 0}


async def test_who_sent_no_enquiry_is_told_of_none_when_the_conversation_is_deleted(server: Server) -> None:
    async with visitor(server) as here:
        await here.say(QUESTION)
        assert kept(server, here.token) == {"conversations": 1, "messages": 2}
        assert "enquiry" not in (await here.ask("erase_request", {}))["text"]
        assert kept(server, here.token) == {"conversations": 0, "messages": 0}


def stands(server: Server, code: str) -> Tuple[Optional[str], bool]:
    """How an enquiry may be answered, and whether a name is still known."""
    with records(server) as session:
        columns = select(Enquiry.contact_kind, Enquiry.first_name_sealed).where(Enquiry.code == code)
        contact_kind, name = session.execute(columns).one()
        return contact_kind, name is not None


def kept(server: Server, token: str) -> Dict[str, int]:
    """How much the tables of a server hold of the conversation that a token opens."""
    opened = WidgetSessions(secret_key(None, server.data), 0).resume(token, 0.0)
    assert opened, "the token is of this server"
    mark = vault_of(Settings(data_folder=server.data)).mark(opened.conversation)
    with records(server) as session:
        conversations = select(Conversation.id).where(Conversation.mark == mark)
        messages = select(WidgetMessage.id).join(WidgetConversation).where(WidgetConversation.mark == mark)
        return {
            "conversations": len(session.execute(conversations).all()),
            "messages": len(session.execute(messages).all()),
        }


@contextmanager
def records(server: Server) -> Iterator[Session]:
    engine = make_engine(f"sqlite:///{server.data / 'assistant.db'}")
    with transaction(engine) as session:
        yield session
    engine.dispose()


async def test_a_quick_reply_that_is_clicked_is_taken_for_what_it_says(server: Server) -> None:
    async with visitor(server) as here:
        await here.say(QUESTION)
        assert "licensed professional" in words(await here.click("Who is qualified?"))
        async with visitor(server, token=here.token) as again:
            assert ("visitor", "Who is qualified?") in shown(again.session)
            assert "button:" not in json.dumps([m for m in again.session["messages"] if m["from"] == "visitor"])


async def test_a_quick_reply_of_another_conversation_no_longer_works(server: Server) -> None:
    async with visitor(server) as owner, visitor(server) as thief:
        button = (await owner.say(QUESTION))[-1]["quick_replies"][0]
        refused = await thief.say(button["title"], button["payload"])
        assert "no longer works" in words(refused)
        receipt = await thief.ask("user_uttered", {"id": new_id(), "text": "Send it", "payload": "/affirm"})
        assert (receipt["status"], receipt["again"], "no longer works" in receipt["text"]) == ("refused", False, True)


async def test_the_transcript_has_both_sides_and_where_the_answers_come_from(server: Server) -> None:
    async with visitor(server) as here:
        await here.say(QUESTION)
        answer = await here.ask("transcript_request", {})
        lines = [line for line in answer["text"].split("\n") if line]
        assert lines[0] == f"Assistant: {here.session['greeting']}"
        assert lines[1] == f"You: {QUESTION}"
        assert lines[2].startswith("Assistant: Dry needling is usually done")
        assert lines[3].startswith("  Source: ")


def hello(server: Server, **query: str) -> str:
    asked = {"EIO": "4", "transport": "polling", **query}
    return f"http://127.0.0.1:{server.port}{PATH}/?" + "&".join(f"{name}={value}" for name, value in asked.items())


FOREIGN = ["https://evil.example.com", "null", "http://127.0.0.1", "http://127.0.0.1:1", "https://127.0.0.1", "file://", "*"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_is_kept_out(server: Server, origin: str) -> None:
    async with aiohttp.ClientSession(headers={"Origin": origin}) as http:
        for method in ("GET", "OPTIONS", "POST"):
            async with http.request(method, hello(server)) as response:
                assert response.status == 400
                assert "Access-Control-Allow-Origin" not in response.headers
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            await http.ws_connect(hello(server, transport="websocket"))
        assert error.value.status == 400


async def test_the_servers_own_page_is_let_in_and_told_so_once(server: Server) -> None:
    own = f"http://127.0.0.1:{server.port}"
    async with aiohttp.ClientSession(headers={"Origin": own}) as http:
        for method in ("GET", "OPTIONS"):
            async with http.request(method, hello(server)) as response:
                assert response.status == 200
                assert response.headers.getall("Access-Control-Allow-Origin") == [own]
                assert "Access-Control-Allow-Credentials" not in response.headers
        line = await http.ws_connect(hello(server, transport="websocket"))
        assert "sid" in (await line.receive_str(timeout=PATIENCE))
        await line.close()
    async with window(server, Origin=own) as here:
        await here.open()
        assert ANSWER in words(await here.say(QUESTION))


async def test_what_is_no_page_at_all_is_let_in_and_told_no_origin(server: Server) -> None:
    async with aiohttp.ClientSession() as http, http.get(hello(server)) as response:
        assert response.status == 200
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_of_a_flood_every_message_gets_an_answer_and_nobody_else_waits(server: Server) -> None:
    async with visitor(server) as noisy, visitor(server) as quiet:
        flood = [asyncio.create_task(noisy.ask("user_uttered", {"id": new_id(), "text": QUESTION})) for _ in range(300)]
        assert ANSWER in words(await asyncio.wait_for(quiet.say(QUESTION), PATIENCE))
        receipts = await asyncio.gather(*flood)
        taken = [receipt for receipt in receipts if receipt["status"] == "taken"]
        refused = [receipt for receipt in receipts if receipt["status"] == "refused"]
        assert (len(taken) + len(refused), bool(taken), bool(refused)) == (300, True, True)
        assert all(receipt["again"] is True and EMERGENCY in receipt["text"] for receipt in refused)
        await noisy.until("turn_end", count=len(taken))
        assert len({reply["reply_to"] for reply in noisy.replies()}) == len(taken)
        assert sorted(seqs(noisy.replies())) == seqs(noisy.replies())


async def test_a_window_cannot_get_around_the_limit_by_saying_that_it_goes(server: Server) -> None:
    async with visitor(server) as here:
        for _ in range(2):
            receipts = await asyncio.gather(*(here.ask("seen", {"seq": 1}) for _ in range(100)))
            await here.emit("disconnect")
        assert len([receipt for receipt in receipts if receipt["status"] == "refused"]) > 50


async def test_who_was_refused_for_a_flood_is_heard_again_soon(server: Server) -> None:
    async with visitor(server) as here:
        await asyncio.gather(*(here.ask("seen", {"seq": 1}) for _ in range(200)))

        async def heard() -> None:
            while (await here.ask("user_uttered", {"id": new_id(), "text": QUESTION}))["status"] == "refused":
                pass

        await asyncio.wait_for(heard(), PATIENCE)
        assert ANSWER in words(await here.until("bot_uttered"))


LONG = "x" * 900_000
NESTED: Any = []
for _ in range(100):
    NESTED = [NESTED]
WRONG: Dict[str, Tuple[Any, ...]] = {
    "no argument": (),
    "none": (None,),
    "a text": (CANARY,),
    "a long text": (LONG,),
    "a number": (7,),
    "a list": ([CANARY],),
    "nested lists": (NESTED,),
    "an empty object": ({},),
    "two arguments": ({"id": "12345678", "text": CANARY}, {"id": "12345679", "text": CANARY}),
    "bytes": (CANARY.encode(),),
    "bytes in an object": ({"id": "12345678", "text": CANARY.encode(), "seq": b"1", "token": b"x"},),
    "no text": ({"id": "12345678"},),
    "a text that is none": ({"id": "12345678", "text": None, "seq": None, "token": None, "after": None},),
    "a text in a list": ({"id": "12345678", "text": [CANARY], "seq": [1], "token": [CANARY], "after": [1]},),
    "a number as text": ({"id": "12345678", "text": 7, "seq": "7", "token": 7, "after": "7"},),
    "an odd id": ({"id": CANARY + "\n", "text": CANARY, "seq": 1.5, "token": CANARY, "after": -1},),
    "a huge number": ({"id": 2**70, "text": CANARY, "seq": 2**70, "token": 2**70, "after": 2**70},),
    "true": ({"id": True, "text": True, "seq": True, "token": True, "after": True},),
}


@pytest.mark.parametrize("contents", WRONG.values(), ids=WRONG)
async def test_whatever_a_client_sends_is_answered(server: Server, contents: Tuple[Any, ...]) -> None:
    async with visitor(server) as here:
        receipt = await here.ask("user_uttered", *contents)
        assert receipt["status"] == "refused"
        assert EMERGENCY in receipt["text"]
        assert CANARY not in receipt["text"]
        assert (await here.ask("seen", *contents))["status"] == "refused"
        assert (await here.ask("transcript_request", *contents))["status"] == "ok"
        content = contents[0] if len(contents) == 1 and isinstance(contents[0], dict) else {}
        for token in (content.get("token"), here.token):
            session = await here.ask("session_request", *contents[:-1], {**content, "token": token})
            assert session["status"] == "ok"
        assert (await here.ask("session_request", *contents))["resumed"] is False
        assert (await here.ask("erase_request", *contents))["status"] == "ok"
        await here.open()
        assert ANSWER in words(await here.say(QUESTION))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_text_of_900_kilobytes_is_refused_with_the_emergency_number(server: Server, transport: str) -> None:
    async with visitor(server, transport) as here:
        receipt = await here.ask("user_uttered", {"id": new_id(), "text": LONG})
        assert (receipt["status"], receipt["again"], "too long" in receipt["text"]) == ("refused", False, True)
        assert EMERGENCY in receipt["text"]
        assert ANSWER in words(await here.say(QUESTION))


@pytest.mark.parametrize(
    ("text", "told"), [("", "words"), ("\x00\x00", "words"), ("\ud83d", "words"), ("/restart", ""), ("疼吗", ""), ("👍", "")]
)
async def test_odd_texts_are_answered_like_anywhere_else(server: Server, text: str, told: str) -> None:
    async with visitor(server) as here:
        assert told in words(await here.say(text))
        async with visitor(server, token=here.token) as again:
            assert again.session["messages"][0]["text"] == text


async def test_an_emergency_is_answered_with_the_number_first(server: Server) -> None:
    async with visitor(server) as here:
        first = (await here.say("I can't breathe since the needling and my chest hurts"))[0]
        assert first["kind"] == "urgent"
        assert f"Call {EMERGENCY} now" in first["text"]


GARBAGE: List[Any] = [
    "",
    "x",
    "9",
    "4",
    "42",
    "42[",
    "42[]",
    "42[7]",
    '42{"a":1}',
    "44",
    "49",
    "4599999999999-[]",
    '42/other,["seen"]',
    '421["disconnect",1,2,3]',
    "42" + "[" * 5000,
    "42" + "9" * 5000 + "[]",
    b"\x00" + CANARY.encode(),
    CANARY,
]


async def test_what_is_not_even_the_protocol_leaves_no_trace_in_the_log(server: Server) -> None:
    async with aiohttp.ClientSession() as http:
        for packet in GARBAGE:
            line = await http.ws_connect(hello(server, transport="websocket"))
            await line.receive_str(timeout=PATIENCE)
            await line.send_str("40")
            await line.receive_str(timeout=PATIENCE)
            await (line.send_bytes(packet) if isinstance(packet, bytes) else line.send_str(packet))
            await line.close()
        for body in (b"", b"x", b"\xff\xfe", b"4" * 900_000):
            async with http.post(hello(server, sid="nobody"), data=body) as response:
                assert response.status == 400
    async with visitor(server) as here:
        assert ANSWER in words(await here.say(QUESTION))


@pytest.mark.parametrize("name", ["session_request", "user_uttered", "seen", "transcript_request", "erase_request"])
async def test_a_window_that_goes_at_once_does_no_harm(server: Server, name: str) -> None:
    content = {"id": new_id(), "text": QUESTION, "seq": 1}
    async with visitor(server) as here:
        await here.emit(name, content)
    async with visitor(server) as cut:
        await cut.emit(name, content)
        await cut.cut()
    async with visitor(server, "polling") as other:
        await other.emit(name, content)
    async with visitor(server) as here:
        assert ANSWER in words(await here.say(QUESTION))


async def test_no_word_of_a_visitor_is_logged(server: Server) -> None:
    async with visitor(server) as here:
        for text in (f"my name is {CANARY} and I ask about scars", f"{CANARY} xyzzy plugh", f"I can't breathe {CANARY}"):
            await here.say(text)
        await here.ask("user_uttered", {"id": new_id(), "text": CANARY, "payload": f"button:{CANARY}:1"})
        await here.emit(CANARY, CANARY)
        await here.ask("erase_request")
