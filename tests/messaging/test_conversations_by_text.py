"""Whole conversations by SMS and WhatsApp, with the real server and an API that checks what it gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from fakes import ACCOUNT, AUTH_TOKEN, Api, Refusal, until
from people import PUBLIC_URL, Person, Web, form, somebody
from server.running import Server

from bot.channels.messaging.short_text import BASIC, EXTENSION, segments
from bot.channels.messaging.twilio import MOST_SEGMENTS, PATH, SIGNATURE_HEADER, signature

CODE = re.compile(r"\b\w{4}-\w{4}-\w{2}\b")
By = Callable[[str], Person]


def enquire(dana: Person, address: str) -> str:
    """Leads to the list of providers."""
    dana.say("hi", 2)
    dana.say("I'd like to find a cosmetic provider", 2)
    return dana.say(f"I'm Dana, {address} is best, about wrinkles, in Grande Prairie, after five", 4)


def test_an_enquiry_is_sent_by_sms_with_numbers(person: By) -> None:
    dana = person("sms")
    assert "\n1. Sample Provider" in enquire(dana, "dana.sms@example.com")
    assert "1. Yes, send it" in dana.say("1", 2)
    assert CODE.search(dana.say("one"))
    for sent in dana.all():
        assert segments(sent.text) <= MOST_SEGMENTS
        assert set(sent.text) <= BASIC | EXTENSION


def test_an_enquiry_is_sent_by_whatsapp_with_words(person: By) -> None:
    dana = person("whatsapp")
    enquire(dana, "dana.wa@example.com")
    dana.say("Sample Provider Two", 2)
    assert CODE.search(dana.say("yes, send it"))


def test_a_number_means_what_was_offered_last_and_nothing_afterwards(person: By) -> None:
    dana = person("sms")
    offered = dana.say("Is it safe?", 2).split("\n1. ")[1].splitlines()[0]
    assert offered == "Who is qualified?"
    assert "regulator" in dana.say("1").casefold() or "licen" in dana.all()[-1].text
    dana.say("I'd like to find a cosmetic provider", 2)
    assert "What is it about" in dana.all()[-1].text
    asked_again = dana.say("1")
    assert "qualified?" not in asked_again


def test_cancel_ends_the_enquiry_and_then_the_messages(person: By, api: Api) -> None:
    dana = person("sms")
    enquire(dana, "dana.cancel@example.com")
    assert "won't get any more" not in dana.say("Cancel")
    assert "won't get any more" in dana.say("CANCEL")
    assert api.to(dana.who)[-1].endswith("write with it again.")


@pytest.mark.parametrize("word", ["STOP", "stop.", "Stopall", "UNSUBSCRIBE", "end", "Quit", "ARRET", "arrêt"])
def test_after_stop_nothing_is_sent_until_start(word: str, person: By, web: Web, api: Api) -> None:
    dana = person("sms")
    dana.say("Is it safe?", 2)
    assert "won't get any more" in dana.say(word)
    for text in ("Is it safe?", "HELP", word, "I can't breathe"):
        assert web.twilio(form(dana.who, text)) == 200
    assert "answers you again" in dana.say("START")
    assert "scar" in dana.say("What about scars?").casefold()
    after = api.to(dana.who)[3:]
    assert after[0].startswith("The assistant")
    assert not any("911" in text or "won't get" in text for text in after[1:])


def test_stop_in_the_middle_of_an_enquiry_stops_the_messages(person: By) -> None:
    dana = person("sms")
    enquire(dana, "dana.stop@example.com")
    assert "won't get any more" in dana.say("STOP")


def test_help_says_who_writes_and_how_to_end_it(person: By) -> None:
    said = person("sms").say("Help")
    assert all(part in said for part in ("Junction Physical Therapy", "STOP", "911", "rates"))


@pytest.mark.parametrize("word", ["stop it hurts", "how does it help", "start", "I want to stop smoking"])
def test_a_word_among_others_is_no_command(word: str, person: By) -> None:
    dana = person("sms")
    assert "won't get any more" not in dana.say(word)


def test_what_twilio_has_answered_itself_is_not_answered_again(web: Web, person: By, api: Api) -> None:
    dana = person("sms")
    assert web.twilio(form(dana.who, "Stop please", OptOutType="STOP")) == 200
    assert web.twilio(form(dana.who, "Is it safe?")) == 200
    assert web.twilio(form(dana.who, "Start again", OptOutType="START")) == 200
    dana.say("Is it safe?", 2)
    assert len(api.to(dana.who)) == 2


def test_pictures_and_places_are_answered_kindly_and_words_under_them_read(web: Web, person: By) -> None:
    dana = person("whatsapp")
    assert web.twilio(form(dana.who, "", NumMedia="1", MediaUrl0="https://x", MediaContentType0="image/jpeg")) == 200
    assert "only read typed words" in dana.read(1)
    assert web.twilio(form(dana.who, "", Latitude="55.1", Longitude="-118.7")) == 200
    assert "only read typed words" in dana.read(1)
    assert web.twilio(form(dana.who, "I can't breathe", NumMedia="1", MediaUrl0="https://x")) == 200
    assert "911" in dana.read(1)


def test_a_message_that_comes_twice_is_answered_once(web: Web, person: By, api: Api) -> None:
    dana = person("sms")
    same = form(dana.who, "Is it safe?")
    for _ in range(5):
        assert web.twilio(same) == 200
    dana.read(2)
    dana.say("thanks")
    assert len(api.to(dana.who)) == 3


@pytest.mark.parametrize(
    ("token", "url"),
    [
        ("u" * 32, PUBLIC_URL + PATH),
        (AUTH_TOKEN, "http://127.0.0.1" + PATH),
        (AUTH_TOKEN, "https://evil.example" + PATH),
        (AUTH_TOKEN, PUBLIC_URL + PATH + "?x=1"),
    ],
    ids=["another token", "the host of the request", "another host", "another query"],
)
def test_a_wrong_signature_is_refused(token: str, url: str, web: Web) -> None:
    assert web.twilio(form("+17805550210", "Is it safe?"), token, url) == 403


def test_a_field_that_was_changed_or_added_and_a_missing_signature_are_refused(web: Web) -> None:
    fields = form("+17805550211", "Is it safe?")
    header = {SIGNATURE_HEADER: signature(AUTH_TOKEN, PUBLIC_URL + PATH, fields)}
    for body in ([*fields[:-1], ("From", "+1")], [*fields, ("More", "")], [("Body", "x"), *fields]):
        assert web.post(PATH, urlencode(body).encode(), header)[0] == 403
    assert web.post(PATH, urlencode(fields).encode(), {})[0] == 403
    assert web.post(PATH, urlencode(fields).encode(), {SIGNATURE_HEADER: "ÿ".encode().decode("latin-1")})[0] == 403


def test_the_address_that_twilio_calls_may_have_a_query(web: Web, person: By) -> None:
    dana = person("sms")
    fields = form(dana.who, "Is it safe?")
    header = {SIGNATURE_HEADER: signature(AUTH_TOKEN, f"{PUBLIC_URL}{PATH}?clinic=1", fields)}
    status, body, headers = web.post(f"{PATH}?clinic=1", urlencode(fields).encode(), header)
    assert (status, body, headers["content-type"]) == (200, b"<Response/>", "text/xml")
    assert "licensed" in dana.read(2) or dana.all()


def test_genuine_requests_about_something_else_are_mistakes(web: Web) -> None:
    assert web.twilio([("AccountSid", ACCOUNT), ("SmsStatus", "delivered")]) == 400
    assert web.twilio(form("+17805550213", "hi", AccountSid="AC" + "1" * 32)) == 400
    assert web.post(PATH, b"\xff\xfe", {})[0] == 400


def test_what_twilio_signs_is_what_its_documentation_says() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
        "To": "+18005551212",
    }  # fmt: skip
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, list(fields.items())) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_somebody_whom_twilio_has_stopped_is_no_failure(web: Web, api: Api, clinic: Server) -> None:
    stopped = somebody("sms")
    api.refuses[stopped] = [Refusal(400, {"code": 21610, "message": "unsubscribed", "status": 400})]
    before = clinic.log().count("messaging.gave_up")
    assert web.twilio(form(stopped, "Is it safe?")) == 200
    until(lambda: not api.refuses[stopped])
    assert "scar" in Person(web, api, stopped).say("What about scars?").casefold()
    assert clinic.log().count("messaging.gave_up") == before
    assert not any("licensed" in text for text in api.to(stopped))


def test_no_number_is_in_the_log_or_in_the_clear_in_the_database(person: By, clinic: Server) -> None:
    zebulon = person("sms")
    zebulon.say("My name is Zebulon, is it safe?", 2)
    kept = b"".join(path.read_bytes() for path in clinic.data.glob("assistant.db*"))
    for told in (zebulon.who[1:], "Zebulon", AUTH_TOKEN):
        assert told not in clinic.log()
        assert told.encode() not in kept
