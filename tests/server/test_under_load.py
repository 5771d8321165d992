"""Many messages at once: everybody gets an answer, in order, and no flood keeps another visitor waiting."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from running import Server

REFUSAL = "a lot at once"
CANARY = "marmalade-canary"


def test_thirty_messages_at_once_are_all_answered_or_refused_kindly(server: Server) -> None:
    server.say("crowd", "hello")
    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda _: server.say("crowd", "Is it good for scars?").words, range(30)))
    refused = [answer for answer in answers if REFUSAL in answer]
    assert all(answers)
    assert len(refused) < 30
    assert all("911" in answer for answer in refused)
    assert REFUSAL not in server.say("crowd", "Is it safe?").words


def test_messages_that_wait_are_answered_in_turn_and_none_is_lost(server: Server) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: server.say("queue", "Is it good for scars?").messages, range(6)))
    notices = [answer for answer in answers if answer[0].get("custom", {}).get("kind") == "notice"]
    assert len(notices) == 1
    assert all(answer[-1]["text"] for answer in answers)


def test_a_flood_by_one_visitor_does_not_starve_another(server: Server) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        flood = [threads.submit(server.say, "flood", f"Is it good for scars? {number}") for number in range(160)]
        other = [server.say("patient", "Is it safe?").words for _ in range(5)]
        waited = time.monotonic() - started
        answered = [future.result() for future in flood]
    assert all(REFUSAL not in words for words in other)
    assert waited < 10
    assert {answer.status for answer in answered} == {200}


def test_many_visitors_at_once_each_get_their_own_conversation(server: Server) -> None:
    senders = [f"visitor-{number}" for number in range(24)]
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda sender: server.say(sender, "Is it good for scars?").messages, senders))
    assert [answer[0]["recipient_id"] for answer in answers] == senders
    assert all(answer[0]["custom"] == {"kind": "notice"} for answer in answers)


def test_no_word_of_a_visitor_and_no_stack_trace_is_logged(server: Server) -> None:
    for message in (
        f"my name is {CANARY} and I ask about scars",
        f"{CANARY} xyzzy plugh",
        f"/{CANARY}" + '{"a": "b"}',
        f"button:{CANARY}:1",
        f"I can't breathe {CANARY}",
        f"{CANARY} " * 100,
        f"{CANARY}\x00\ud83d",
    ):
        assert CANARY not in server.say(f"{CANARY}-sender", message).words
    server.request("POST", "/webhooks/rest/webhook", f'{{"sender": "{CANARY}"'.encode())
    server.request("GET", f"/{CANARY}?message={CANARY}")
    assert CANARY not in server.log()
    assert "Traceback" not in server.log()
