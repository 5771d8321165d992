"""Whole conversations by Telegram, with the real server and an API that checks what it gets."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fakes import Api, until
from people import SECRET, Person, Web, press, update
from server.running import Server

CODE = re.compile(r"\b\w{4}-\w{4}-\w{2}\b")
By = Callable[[str], Person]


def test_an_enquiry_is_sent_with_buttons(person: By) -> None:
    dana = person("telegram")
    assert "automated assistant" in dana.say("/start", 2)
    assert "licensed professional" in dana.say("Is it safe?")
    assert "What is it about" in dana.say("I'd like to find a cosmetic provider", 2)
    assert "Sample Provider" in dana.say(
        "I'm Dana, dana.tg@example.com is best, about wrinkles, in Grande Prairie, after five", 4
    )
    assert "Please check: Dana" in dana.press("1. Sample Provider", 2)
    assert CODE.search(dana.press("Yes, send it"))


def test_buttons_carry_what_telegram_takes_and_only_their_own_chat_may_press_them(person: By, web: Web, api: Api) -> None:
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    rows = dana.all()[-1].content["reply_markup"]["inline_keyboard"]
    assert [len(row) for row in rows] == [1, 1, 1]
    stranger = person("telegram")
    assert web.telegram(press(int(stranger.who), rows[0][0]["callback_data"])) == 200
    assert "no longer works" in stranger.read(1)
    assert "answerCallbackQuery" in api.courtesies


def test_somebody_who_is_answered_sees_that_it_is_written(person: By, api: Api) -> None:
    before = api.courtesies.count("sendChatAction")
    person("telegram").say("Is it safe?", 2)
    until(lambda: api.courtesies.count("sendChatAction") > before)


@pytest.mark.parametrize(
    "more",
    [
        {"photo": [{"file_id": "x", "file_unique_id": "y", "width": 90, "height": 90, "file_size": 1}]},
        {"voice": {"file_id": "x", "file_unique_id": "y", "duration": 3, "mime_type": "audio/ogg"}},
        {"location": {"latitude": 55.17, "longitude": -118.79}},
        {"sticker": {"file_id": "x", "emoji": "👍"}},
        {"contact": {"phone_number": "+17805550143", "first_name": "Dana"}},
    ],
    ids=["photo", "voice", "location", "sticker", "contact"],
)
def test_what_is_no_text_is_answered_kindly(more: dict[str, object], web: Web, person: By) -> None:
    dana = person("telegram")
    assert web.telegram(update(int(dana.who), **more)) == 200
    assert "only read typed words" in dana.read(1)


def test_the_words_under_a_picture_are_read(web: Web, person: By) -> None:
    dana = person("telegram")
    assert web.telegram(update(int(dana.who), photo=[{"file_id": "x"}], caption="I can't breathe and my chest hurts")) == 200
    assert "911" in dana.read(1)


def test_groups_channels_and_edited_messages_are_left_alone(web: Web, api: Api, person: By) -> None:
    edited = update(1006, "Is it safe, I mean")
    edited["edited_message"] = edited.pop("message")
    for other in (
        update(-100, "Is it safe?", kind="group"),
        update(-101, "Is it safe?", kind="supergroup"),
        edited,
        {"update_id": 1, "channel_post": update(-102, "Is it safe?")["message"]},
        {"update_id": 2, "my_chat_member": {"chat": {"id": 1006, "type": "private"}}},
        {"update_id": 3},
    ):
        assert web.telegram(other) == 200
    person("telegram").say("Is it safe?", 2)
    assert not {"-100", "-101", "-102", "1006"} & {sent.to for sent in api.sent}


@pytest.mark.parametrize("secret", [None, "", SECRET[:-1], SECRET + "s", SECRET.upper(), "\xff"])
def test_who_does_not_know_the_secret_is_refused_without_a_word(secret: str | None, web: Web, api: Api, person: By) -> None:
    assert web.telegram(update(1008, "Is it safe?"), secret) == 403
    person("telegram").say("Is it safe?", 2)
    assert api.to("1008") == []


@pytest.mark.parametrize("content", [None, [], "text", 7, {}, {"update_id": "1"}, {"update_id": True}])
def test_what_is_no_update_is_a_mistake_of_the_sender(content: object, web: Web) -> None:
    assert web.telegram(content) == 400


def test_too_large_a_body_is_not_read(web: Web) -> None:
    assert web.telegram(update(1008, "x" * 70_000)) == 413


def test_an_update_that_comes_twice_is_answered_once(web: Web, person: By, api: Api) -> None:
    dana = person("telegram")
    same = update(int(dana.who), "Is it safe?")
    for _ in range(5):
        assert web.telegram(same) == 200
    dana.read(2)
    dana.say("thanks")
    assert len(api.to(dana.who)) == 3


def test_nothing_of_a_person_is_in_the_log(person: By, clinic: Server) -> None:
    zebulon = person("telegram")
    zebulon.say("My name is Zebulon, is it safe?", 2)
    log = clinic.log()
    assert "turn.done" in log
    for told in (zebulon.who, "Zebulon", "dana_sample", "sample-token", SECRET, "dana.tg"):
        assert told not in log
