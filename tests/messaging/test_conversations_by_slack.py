"""Whole conversations by Slack, with the real server and an API that checks what it gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fakes import Api, Refusal, Sent, until
from people import Person, Web, slack_buttons, somebody
from server.running import Server

from bot.channels.messaging.service import Verdict
from bot.channels.messaging.slack import LONGEST, LONGEST_TITLE, SIGNATURE_HEADER, TIME_HEADER, Slack, signature
from bot.channels.messaging.slack_text import marked_up, read_text
from bot.evaluation.messaging_samples import BOT_TOKEN, SIGNING_SECRET, by_slack, event, pressed

CODE = re.compile(r"\b\w{4}-\w{4}-\w{2}\b")
By = Callable[[str], Person]
APP = Slack(BOT_TOKEN, SIGNING_SECRET, "https://slack.example")


def threads(sent: list[Sent]) -> set[Any]:
    return {each.content.get("thread_ts") for each in sent}


def test_an_enquiry_is_sent_with_buttons(person: By) -> None:
    dana = person("slack")
    assert "automated assistant" in dana.say("Hello", 2)
    assert "licensed professional" in dana.say("Is it safe?")
    assert "What is it about" in dana.say("I'd like to find a cosmetic provider", 2)
    address = "<mailto:dana.slack@example.com|dana.slack@example.com>"
    assert "Sample Provider" in dana.say(f"I'm Dana, {address} is best, about wrinkles, in Grande Prairie, after five", 4)
    assert "dana.slack@example.com" in dana.press("1. Sample Provider", 2)
    assert CODE.search(dana.press("Yes, send it"))
    assert threads(dana.all()) == {None}


def test_in_a_channel_each_thread_is_a_conversation_with_each_who_writes(web: Web, api: Api) -> None:
    channel = somebody("slack").replace("D", "C")
    asked = event(channel, "<@U0APP> Is it safe?", user="U0DANA")
    thread = asked["event"]["ts"]
    assert web.slack(asked) == 200
    api.wait_for(2, channel)
    assert web.slack(event(channel, "<@U0APP> I'd like to find a cosmetic provider", user="U0DANA", thread_ts=thread)) == 200
    first = api.wait_for(4, channel)
    assert threads(first) == {thread}
    assert "What is it about" in first[-1].text
    other = event(channel, "<@U0APP> wrinkles", user="U0LEE", thread_ts=thread)
    assert web.slack(other) == 200
    said = api.wait_for(6, channel)[4:]
    assert "automated assistant" in said[0].text
    assert threads(said) == {thread}


def test_a_button_in_a_channel_is_for_who_was_asked(web: Web, api: Api) -> None:
    channel = somebody("slack").replace("D", "C")
    asked = event(channel, "<@U0APP> Is it safe?", user="U0DANA")
    thread = asked["event"]["ts"]
    assert web.slack(asked) == 200
    _, payload = slack_buttons(api.wait_for(2, channel)[-1])[0]
    assert web.slack(pressed(channel, payload, user="U0LEE", thread=thread)) == 200
    assert "no longer works" in api.wait_for(3, channel)[-1].text
    assert web.slack(pressed(channel, payload, user="U0DANA", thread=thread)) == 200
    answered = api.wait_for(4, channel)[3:]
    assert "no longer works" not in answered[0].text
    assert threads(answered) == {thread}


def test_whoever_writes_in_a_thread_of_their_own_channel_is_answered_there(web: Web, api: Api) -> None:
    dana = somebody("slack")
    assert web.slack(event(dana, "Is it safe?", thread_ts="1790000000.000900")) == 200
    assert threads(api.wait_for(2, dana)) == {"1790000000.000900"}


def test_the_name_alone_begins_a_conversation_and_a_file_alone_is_answered_kindly(web: Web, api: Api) -> None:
    channel, dana = somebody("slack").replace("D", "C"), somebody("slack")
    assert web.slack(event(channel, "<@U0APP>")) == 200
    assert "automated assistant" in api.wait_for(1, channel)[0].text
    assert web.slack(event(dana, "", subtype="file_share", files=[{"id": "F1", "mimetype": "audio/mp4"}])) == 200
    assert "only read typed words" in api.wait_for(1, dana)[0].text
    assert web.slack(event(dana, "I can't breathe and my chest hurts", subtype="file_share", files=[{"id": "F2"}])) == 200
    assert "911" in api.wait_for(2, dana)[-1].text


def test_bots_edits_channels_and_other_events_are_left_alone(person: By, web: Web, api: Api) -> None:
    dana, channel = somebody("slack"), somebody("slack").replace("D", "C")
    not_named = event(channel, "Is it safe?", channel_type="channel")
    not_named["event"]["type"] = "message"
    for other in (
        event(dana, "Is it safe?", bot_id="B0SAMPLE"),
        event(dana, "Is it safe?", subtype="bot_message"),
        event(dana, subtype="message_changed", message={"text": "Is it safe?"}),
        event(dana, subtype="message_deleted"),
        event(dana, "Is it safe?", edited={"user": "U1", "ts": "1790000000.000100"}),
        event(dana, "Is it safe?", type="app_mention"),
        event(dana, "Is it safe?", user="not an id"),
        event(dana, "Is it safe?", ts="now"),
        event(dana, "Is it safe?", thread_ts="1.0 D1"),
        event(dana, None, type="reaction_added"),
        not_named,
        {"type": "event_callback"},
        {"type": "app_rate_limited"},
        {"type": "block_actions", "actions": [{"type": "static_select", "action_ts": "1.000000"}]},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions"},
    ):
        assert web.slack(other) == 200
    person("slack").say("Is it safe?", 2)
    assert not api.to(dana) + api.to(channel)


def test_an_event_that_is_tried_again_is_one_message(person: By, web: Web, api: Api) -> None:
    dana = person("slack")
    same = event(dana.who, "Is it safe?")
    for again in range(4):
        assert web.slack(same, again=again) == 200
    dana.read(2)
    click = pressed(dana.who, slack_buttons(dana.all()[-1])[0][1])
    for _ in range(3):
        assert web.slack(click) == 200
    dana.read(1)
    dana.say("thanks")
    assert len(api.to(dana.who)) == 4


def test_slack_is_told_that_the_address_is_the_clinics(web: Web) -> None:
    asked = {"token": "x", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", "type": "url_verification"}
    status, body, headers = web.post(*by_slack(asked))
    assert (status, body.decode(), headers["content-type"]) == (200, asked["challenge"], "text/plain")
    assert web.post(*by_slack(asked, secret="0c" * 16))[:2] == (403, b"")
    assert web.post(*by_slack(event(somebody("slack"), "thanks")))[:2] == (200, b"")


@pytest.mark.parametrize("late", [301, 86_400, -301])
def test_a_request_of_another_time_is_refused(late: float, web: Web, api: Api, person: By) -> None:
    dana = somebody("slack")
    assert web.slack(event(dana, "Is it safe?"), late=late) == 403
    person("slack").say("Is it safe?", 2)
    assert api.to(dana) == []


@pytest.mark.parametrize("late", [280, -280])
def test_clocks_may_be_apart(late: float, web: Web, api: Api) -> None:
    dana = somebody("slack")
    assert web.slack(event(dana, "Is it safe?"), late=late) == 200
    api.wait_for(2, dana)


@pytest.mark.parametrize("content", [None, [], "text", 7])
def test_what_is_no_event_is_a_mistake_of_the_sender(content: object, web: Web) -> None:
    assert web.slack(content) == 400


@pytest.mark.parametrize("fields", [{}, {"payload": "no JSON"}, {"other": "{}"}])
def test_a_form_without_a_click_is_one_too(fields: dict[str, str], web: Web) -> None:
    body = urlencode(fields).encode()
    signed = _signed(body)
    assert web.post(signed.path, body, {**signed.headers, "Content-Type": "application/x-www-form-urlencoded"})[0] == 400


def _signed(body: bytes) -> Any:
    """A request whose body is no JSON."""
    delivery = by_slack({})
    proof = signature(SIGNING_SECRET, delivery.headers[TIME_HEADER], body)
    return delivery._replace(body=body, headers={**delivery.headers, SIGNATURE_HEADER: proof})


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(200, {"ok": False, "error": "ratelimited"}, {"Retry-After": "0"}),
        Refusal(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "0"}),
        Refusal(200, {"ok": False, "error": "internal_error"}),
        Refusal(500, None),
    ],
)
def test_limits_and_passing_trouble_are_waited_out(refusal: Refusal, person: By, api: Api) -> None:
    dana = person("slack")
    api.refuses[dana.who] = [refusal, refusal]
    assert "licensed professional" in dana.say("Is it safe?", 2)


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "account_inactive", "invalid_auth"])
def test_what_is_refused_for_good_is_given_up_at_once_and_named(
    error: str, web: Web, api: Api, clinic: Server, person: By
) -> None:
    dana = person("slack")
    api.refuses[dana.who] = [Refusal(200, {"ok": False, "error": error})]
    assert web.slack(event(dana.who, "Is it safe?")) == 200
    until(lambda: f"error {error}" in clinic.log())
    assert "scar" in dana.say("What about scars?").casefold()
    assert dana.who not in clinic.log()
    assert BOT_TOKEN not in clinic.log()


@pytest.mark.parametrize("status", [200, 429])
def test_how_long_to_wait_is_in_the_header_whatever_the_status(status: int) -> None:
    told = APP.verdict(httpx.Response(status, json={"ok": False, "error": "ratelimited"}, headers={"Retry-After": "30"}))
    assert (told.again, told.wait) == (True, 30.0)


@pytest.mark.parametrize("answer", [{"json": {"ok": False, "error": "Dana's <name>"}}, {"json": []}, {"text": "<html>"}])
def test_an_answer_that_is_none_of_slacks_is_a_refusal_without_its_words(answer: dict[str, Any]) -> None:
    assert APP.verdict(httpx.Response(200, **answer)) == Verdict("error unknown")


def test_a_long_answer_is_split_where_a_sentence_ends_and_its_marks_count() -> None:
    said = "This & that is a <sentence> of the article. " * 150
    replies = APP.prepare("slack", [{"text": said}]).replies
    assert len(replies) > 2
    assert all(len(marked_up(reply["text"])) <= LONGEST and reply["text"].endswith("article.") for reply in replies)


def test_a_title_that_is_too_long_is_cut() -> None:
    button = {"title": "1. " + "Sample Provider " * 10, "payload": "button:x"}
    sent = APP.call("slack", "D1", {"text": "Which one?", "buttons": [button]}).json
    assert sent is not None
    shown = sent["blocks"][1]["elements"][0]["text"]["text"]
    assert len(shown) <= LONGEST_TITLE
    assert shown.endswith("Sample…")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U0APP> is it safe?", "is it safe?"),
        ("I'm at <mailto:dana@example.com|dana@example.com>", "I'm at dana@example.com"),
        ("call <tel:+17805550143|780-555-0143>", "call 780-555-0143"),
        ("<tel:+17805550143>", "+17805550143"),
        ("see <https://clinic.example/a?b=1&amp;c=2>", "see https://clinic.example/a?b=1&c=2"),
        ("<https://clinic.example|clinic.example>", "clinic.example"),
        ("in <#C0GENERAL|general> <!here>", "in general"),
        ("1 &lt; 2 &amp;amp; 3 &gt; 2", "1 < 2 &amp; 3 > 2"),
    ],
)
def test_what_people_typed_is_read(written: str, read: str) -> None:
    assert read_text(written) == read


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Botox & needles: 1 < 2", "Botox &amp; needles: 1 &lt; 2"),
        ("Please check: <!channel> <@U0DANA>", "Please check: &lt;!channel&gt; &lt;@U0DANA&gt;"),
        ("Read https://clinic.example/a?b=1&c=2.", "Read <https://clinic.example/a?b=1&amp;c=2>."),
        ("https://evil.example|clinic", "<https://evil.example>|clinic"),
    ],
)
def test_nothing_that_is_sent_means_more_than_it_says(text: str, shown: str) -> None:
    assert marked_up(text) == shown
