"""Whole conversations by Facebook Messenger, with the real server and an API that checks what it gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fakes import Api, Refusal, until
from people import Person, Web, somebody
from server.running import Server

from bot.channels.messaging.messenger import LONGEST, MOST_QUICK_REPLIES, Messenger
from bot.channels.messaging.prepare import shortened
from bot.evaluation.messaging_samples import (
    APP_SECRET,
    PAGE_TOKEN,
    VERIFY_TOKEN,
    batch,
    messaging,
    written,
)

CODE = re.compile(r"\b\w{4}-\w{4}-\w{2}\b")
PATH = "/webhooks/messenger/webhook"
By = Callable[[str], Person]
PAGE = Messenger(PAGE_TOKEN, APP_SECRET, VERIFY_TOKEN, "https://graph.example")


def error(code: int, besides: int = 0, **more: Any) -> dict[str, Any]:
    """An error of Meta's API."""
    return {"error": {"message": "…", "type": "OAuthException", "code": code, "error_subcode": besides, **more}}


def test_an_enquiry_is_sent_with_quick_replies(person: By) -> None:
    dana = person("messenger")
    assert "automated assistant" in dana.say("Hello", 2)
    assert "licensed professional" in dana.say("Is it safe?")
    assert "What is it about" in dana.say("I'd like to find a cosmetic provider", 2)
    offered = dana.say("I'm Dana, dana.fb@example.com is best, about wrinkles, in Grande Prairie, after five", 4)
    assert "\n1. Sample Provider" in offered
    assert "Please check: Dana" in dana.press("1. Sample", 2)
    assert CODE.search(dana.press("Yes, send it"))


def test_what_a_quick_reply_has_no_room_for_is_in_the_text_and_may_be_picked_by_number(person: By) -> None:
    dana = person("messenger")
    dana.say("Hello", 2)
    dana.say("I'd like to find a cosmetic provider", 2)
    dana.say("I'm Dana, dana.number@example.com is best, about wrinkles, in Grande Prairie, after five", 4)
    assert "Please check: Dana" in dana.say("1", 2)
    assert CODE.search(dana.press("Yes, send it"))


def test_quick_replies_stand_under_the_last_message_and_only_their_own_conversation_may_use_them(
    person: By, web: Web
) -> None:
    dana, stranger = person("messenger"), person("messenger")
    dana.say("Is it safe?", 2)
    first, last = (sent.content["message"] for sent in dana.all())
    assert "quick_replies" not in first
    payload = last["quick_replies"][0]["payload"]
    assert web.messenger(batch(written(stranger.who, "Yes", quick_reply={"payload": payload}))) == 200
    assert "no longer works" in stranger.read(1)


def test_somebody_who_is_answered_sees_that_it_was_read_and_is_written(person: By, api: Api) -> None:
    before = len(api.courtesies)
    person("messenger").say("Is it safe?", 2)
    until(lambda: {"mark_seen", "typing_on"} <= set(api.courtesies[before:]))


def test_a_batch_is_answered_whole_and_in_the_order_of_its_people(person: By, web: Web, api: Api) -> None:
    dana, lee = person("messenger"), person("messenger")
    said = [written(dana.who, "hi"), written(lee.who, "What about scars?"), written(dana.who, "goodbye")]
    assert web.messenger(batch(said[2], said[1], said[0])) == 200
    assert "scar" in lee.read(2).casefold()
    dana.read(3)
    assert "automated assistant" in api.to(dana.who)[0]
    assert any(word in api.to(dana.who)[-1] for word in ("Goodbye", "Take care", "Bye"))


def test_thirty_messages_of_one_person_in_a_batch_are_all_answered(person: By, web: Web) -> None:
    dana = person("messenger")
    same = batch(*[written(dana.who, "thanks") for _ in range(30)])
    until(lambda: web.messenger(same) == 200)  # refused while too many wait, and delivered again
    dana.read(31)


def test_menus_and_the_first_button_are_words(person: By, web: Web) -> None:
    dana = person("messenger")
    begin = messaging(dana.who, postback={"mid": "m_begin", "title": "Get Started", "payload": "GET_STARTED"})
    assert web.messenger(batch(begin)) == 200
    assert "automated assistant" in dana.read(2)
    menu = messaging(dana.who, postback={"title": "Is it safe?", "payload": "MENU_1"})
    assert web.messenger(batch(menu)) == 200
    assert "licensed professional" in dana.read(1)
    assert web.messenger(batch(menu)) == 200
    assert "scar" in dana.say("What about scars?").casefold()


@pytest.mark.parametrize("kind", ["image", "audio", "video", "file", "location"])
def test_what_is_no_text_is_answered_kindly(kind: str, person: By, web: Web) -> None:
    dana = person("messenger")
    assert web.messenger(batch(written(dana.who, attachments=[{"type": kind, "payload": {"url": "https://x"}}]))) == 200
    assert "only read typed words" in dana.read(1)


def test_the_words_beside_a_picture_are_read(person: By, web: Web) -> None:
    dana = person("messenger")
    picture = [{"type": "image", "payload": {"url": "https://x"}}]
    assert web.messenger(batch(written(dana.who, "I can't breathe and my chest hurts", attachments=picture))) == 200
    assert "911" in dana.read(1)


def test_echoes_receipts_reactions_and_other_pages_of_meta_are_left_alone(person: By, web: Web, api: Api) -> None:
    who = somebody("messenger")
    for other in (
        batch(written(who, "Is it safe?", is_echo=True, app_id=1)),
        batch(written(who, is_deleted=True)),
        batch(messaging(who, delivery={"mids": ["m_1"], "watermark": 1})),
        batch(messaging(who, read={"watermark": 1})),
        batch(messaging(who, reaction={"mid": "m_1", "action": "react", "reaction": "love"})),
        batch(messaging(who, referral={"ref": "x", "source": "SHORTLINK", "type": "OPEN_THREAD"})),
        batch({**written(who, "Is it safe?"), "sender": {"user_ref": "x"}}),
        {**batch(written(who, "Is it safe?")), "object": "instagram"},
        {"object": "page", "entry": [{"id": "1", "standby": [written(who, "Is it safe?")]}, None, {"messaging": [7]}]},
        {"object": "page"},
    ):
        assert web.messenger(other) == 200
    person("messenger").say("Is it safe?", 2)
    assert api.to(who) == []


def test_a_message_that_comes_twice_is_answered_once(person: By, web: Web, api: Api) -> None:
    dana = person("messenger")
    same = batch(written(dana.who, "Is it safe?"))
    for _ in range(5):
        assert web.messenger(same) == 200
    dana.read(2)
    dana.say("thanks")
    assert len(api.to(dana.who)) == 3


@pytest.mark.parametrize("content", [None, [], "text", 7])
def test_what_is_no_batch_is_a_mistake_of_the_sender(content: object, web: Web) -> None:
    assert web.messenger(content) == 400


def test_meta_is_told_that_the_webhook_is_the_clinics(web: Web) -> None:
    asked = f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}"
    status, body, headers = web.request("GET", f"{PATH}?{asked}", b"", {})
    assert (status, body, headers["content-type"]) == (200, b"1158201444", "text/plain")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe&hub.challenge=1158201444",
        "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=",
        f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN[:-1]}",
        f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}x",
        "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=%ff",
        f"hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}",
    ],
)
def test_nobody_else_is_told_anything(query: str, web: Web) -> None:
    assert web.request("GET", f"{PATH}?{query}", b"", {})[:2] == (403, b"")


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(400, error(10, 2018278)),
        Refusal(403, error(551, 1545041)),
        Refusal(400, error(200, 1545041)),
    ],
    ids=["after 24 hours", "receives nothing", "blocked"],
)
def test_who_cannot_be_written_to_any_more_is_no_failure(refusal: Refusal, web: Web, api: Api, clinic: Server) -> None:
    gone = somebody("messenger")
    api.refuses[gone] = [refusal]
    before = clinic.log().count("messaging.gave_up")
    assert web.messenger(batch(written(gone, "Is it safe?"))) == 200
    until(lambda: not api.refuses[gone])
    assert "scar" in Person(web, api, gone).say("What about scars?").casefold()
    assert clinic.log().count("messaging.gave_up") == before


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(400, error(4)),
        Refusal(400, error(613)),
        Refusal(403, error(80006)),
        Refusal(400, error(1200)),
        Refusal(400, error(100, is_transient=True)),
        Refusal(503, None),
    ],
)
def test_limits_and_passing_trouble_are_waited_out(refusal: Refusal, person: By, api: Api) -> None:
    dana = person("messenger")
    api.refuses[dana.who] = [refusal, refusal]
    assert "licensed professional" in dana.say("Is it safe?", 2)


def test_a_wrong_token_is_named_in_the_log_without_anybody(web: Web, api: Api, clinic: Server) -> None:
    gone = somebody("messenger")
    api.refuses[gone] = [Refusal(401, error(190))]
    assert web.messenger(batch(written(gone, "Is it safe?"))) == 200
    until(lambda: "status 401 code 190" in clinic.log())
    assert gone not in clinic.log()
    assert PAGE_TOKEN not in clinic.log()


def test_a_long_answer_is_split_where_a_sentence_ends() -> None:
    said = "This is a sentence of the article. " * 150
    replies = PAGE.prepare("messenger", [{"text": said}]).replies
    assert len(replies) > 1
    assert all(len(reply["text"]) <= LONGEST and reply["text"].endswith("article.") for reply in replies)


def test_more_choices_than_meta_takes_are_all_in_the_text() -> None:
    buttons = [{"title": f"Choice {number}", "payload": f"button:{number}"} for number in range(1, 16)]
    prepared = PAGE.prepare("messenger", [{"text": "Which one?", "buttons": buttons}])
    quick = PAGE.call("messenger", "1", prepared.replies[-1]).json["message"]["quick_replies"]
    assert len(quick) == MOST_QUICK_REPLIES
    assert "15. Choice 15" in prepared.replies[-1]["text"]
    assert len(prepared.choices) == 15


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Is it safe?", "Is it safe?"),
        ("Twenty characters ok", "Twenty characters ok"),
        ("Yes, and to the next one", "Yes, and to the…"),
        ("Unbreakablelongwordwithoutend", "Unbreakablelongword…"),
        ("1. Sample Provider - Grande Prairie", "1. Sample Provider…"),
    ],
)
def test_a_long_title_is_cut_where_a_word_ends(title: str, shown: str) -> None:
    assert shortened(title, 20) == shown
