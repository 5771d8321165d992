"""The server as a visitor's browser or messaging app sees it."""

from __future__ import annotations

import json
from typing import Any

import psutil
import pytest
from running import WEBHOOK, Server

EMERGENCY = "911"


def test_the_page_tells_that_the_assistant_runs_and_how_to_reach_it(server: Server) -> None:
    answer = server.request("GET", "/")
    assert answer.status == 200
    assert "The assistant is running" in answer.text
    assert f"http://127.0.0.1:{server.port}{WEBHOOK}" in answer.text
    assert "$" not in answer.text


def test_an_answer_has_rasas_form_and_nothing_else(server: Server) -> None:
    notice, answer = server.say("form", "How does it work?").messages
    assert set(notice) == {"recipient_id", "text", "custom"}
    assert notice["custom"] == {"kind": "notice"}
    assert set(answer) == {"recipient_id", "text", "buttons", "custom"}
    assert answer["recipient_id"] == "form"
    assert all(set(button) == {"title", "payload"} for button in answer["buttons"])
    assert [set(source) for source in answer["custom"]["sources"]] == [{"section"}]


def test_the_notice_comes_first_and_once(server: Server) -> None:
    first = server.say("notice", "Does it hurt?").messages
    second = server.say("notice", "Is it safe?").messages
    assert "automated assistant" in first[0]["text"]
    assert EMERGENCY in first[0]["text"]
    assert not any(message.get("custom", {}).get("kind") == "notice" for message in second)


def test_a_buttons_payload_sent_back_is_a_click(server: Server) -> None:
    button = server.say("click", "Is it safe?").messages[-1]["buttons"][0]
    clicked = server.say("click", button["payload"])
    assert button["title"] == "Who is qualified?"
    assert "licensed professional" in clicked.words
    assert "button:" not in clicked.words


@pytest.mark.parametrize(
    "change", [lambda p: p[:-1], lambda p: p[:-1] + "x", lambda p: "button:affirm:" + p.split(":")[2], lambda p: p]
)
def test_a_button_that_was_changed_or_taken_from_another_visitor_is_refused(server: Server, change: Any) -> None:
    payload = server.say("owner", "Is it safe?").messages[-1]["buttons"][0]["payload"]
    refused = server.say("thief", change(payload))
    assert "no longer works" in refused.words


@pytest.mark.parametrize("body", [b"", b"{", b"hello", b"\xff\xfe\x00", b'{"sender": "a", "message": "hi"', b"[" * 50_000])
def test_broken_json_is_refused_with_the_expected_form(server: Server, body: bytes) -> None:
    answer = server.request("POST", WEBHOOK, body)
    assert answer.status == 400
    assert '"sender"' in json.loads(answer.text)["error"]


@pytest.mark.parametrize(
    "content",
    [
        [],
        "hi",
        {},
        {"message": "hi"},
        {"sender": "", "message": "hi"},
        {"sender": None, "message": "hi"},
        {"sender": "a b", "message": "hi"},
        {"sender": "../../etc", "message": "hi"},
        {"sender": "x" * 129, "message": "hi"},
        {"sender": ["a"], "message": "hi"},
        {"sender": "a"},
        {"sender": "a", "message": None},
        {"sender": "a", "message": 5},
        {"sender": "a", "message": ["hi"]},
        {"sender": "a", "text": "hi"},
    ],
    ids=str,
)
def test_wrong_types_and_odd_senders_are_refused_in_one_sentence(server: Server, content: Any) -> None:
    answer = server.post(content)
    assert answer.status == 400
    assert set(json.loads(answer.text)) == {"error"}


def test_a_client_cannot_choose_channel_or_metadata(server: Server) -> None:
    extra = {"input_channel": "text", "metadata": {"x": 1}, "parse_data": {"intent": {"name": "urgent_crisis"}}}
    plain = server.say("plain", "Is it safe?").words
    assert server.post({"sender": "extra", "message": "Is it safe?", **extra}).words == plain


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    assert server.request(method, WEBHOOK).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/webhooks/telegram/webhook",
        "/model",
        "/conversations/a/tracker",
        "/webhooks/rest/../../etc/passwd",
        "/status",
    ],
)
def test_an_unknown_path_is_not_there(server: Server, path: str) -> None:
    answer = server.request("GET", path)
    assert answer.status == 404
    assert "Traceback" not in answer.text


def test_a_hundred_thousand_characters_are_refused_with_the_emergency_number(server: Server) -> None:
    answer = server.say("long", "x" * 100_000)
    assert "too long" in answer.words
    assert EMERGENCY in answer.words


def test_two_megabytes_are_refused_with_the_emergency_number(server: Server) -> None:
    answer = server.say("huge", "x" * 2_000_000)
    assert answer.status == 413
    assert EMERGENCY in json.loads(answer.text)["error"]


@pytest.mark.parametrize(
    ("message", "told"), [("", "words"), ("\x00\x00", "words"), (" \n\t", "words"), ("\ud83d", "words"), ("?!", "words")]
)
def test_a_message_without_words_is_asked_for_again(server: Server, message: str, told: str) -> None:
    answer = server.say("empty", message)
    assert told in answer.words
    assert EMERGENCY in answer.words


@pytest.mark.parametrize(
    "message", ["👍", "🙏🏽", "Is it safe?\x00", "\u202eIs it safe?\u202c", "疼吗", "Is\x1b[31m it safe?", "ﷺ" * 50]
)
def test_emoji_control_characters_and_other_scripts_are_answered(server: Server, message: str) -> None:
    answer = server.say("odd", message)
    assert answer.words
    assert not any(character in answer.text for character in "\x00\x1b\u202e")


@pytest.mark.parametrize(
    "message",
    ["/restart", "/session_start", "/back", '/affirm{"last_turn": "offer"}', '/urgent_crisis{"a": "b"}', "//restart"],
)
def test_typed_commands_are_read_as_words(server: Server, message: str) -> None:
    sender = f"typed-{abs(hash(message))}"
    server.say(sender, "Is it safe?")
    typed = server.say(sender, message)
    after = server.say(sender, "tell me more about scars")
    assert typed.words
    assert "passed" not in typed.words.split(".")[0]
    assert not any(message.get("custom", {}).get("kind") == "notice" for message in typed.messages + after.messages)


def test_an_emergency_is_answered_with_the_number_first(server: Server) -> None:
    answer = server.say("urgent", "I can't breathe since the needling and my chest hurts")
    assert answer.messages[0]["custom"] == {"kind": "urgent"}
    assert f"Call {EMERGENCY} now" in answer.messages[0]["text"]


def test_only_this_machine_can_connect(server: Server) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process(server.process.pid).net_connections("inet")
        if connection.status == "LISTEN"
    ]
    assert [address.port for address in listening] == [server.port]
    assert {address.ip for address in listening} == {"127.0.0.1"}
