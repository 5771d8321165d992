"""Whoever cannot prove that a request comes from the service is refused without a word, whatever the service."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fakes import Api
from people import Person, Web, somebody

from bot.channels.messaging import messenger, slack, telegram, twilio
from bot.evaluation.messaging_samples import SAY, Delivery

HEADERS = {
    "telegram": telegram.SECRET_HEADER,
    "sms": twilio.SIGNATURE_HEADER,
    "whatsapp": twilio.SIGNATURE_HEADER,
    "messenger": messenger.SIGNATURE_HEADER,
    "slack": slack.SIGNATURE_HEADER,
}
"""Which one proves it."""
Forging = Callable[[str], str]
FORGINGS: dict[str, Forging] = {
    "empty": lambda proof: "",
    "a space": lambda proof: " ",
    "cut": lambda proof: proof[:-1],
    "longer": lambda proof: proof + "0",
    "in capitals": str.swapcase,
    "another": lambda proof: proof[:-2] + ("AA" if proof[-2:] != "AA" else "BB"),
    "backwards": lambda proof: proof[::-1],
    "another hash": lambda proof: proof.replace("sha256=", "sha1=").replace("v0=", "v1=") + "=",
    "no hash": lambda proof: proof.partition("=")[2],
    "not ASCII": lambda proof: "ÿ" + proof[1:],
}
BY_CHANNEL = pytest.mark.parametrize("channel", SAY)


def forged(channel: str, forging: Forging) -> Delivery:
    delivery = SAY[channel](somebody(channel), "Is it safe?")
    proof = delivery.headers[HEADERS[channel]]
    return delivery._replace(headers={**delivery.headers, HEADERS[channel]: forging(proof)})


@BY_CHANNEL
@pytest.mark.parametrize("forging", FORGINGS)
def test_a_wrong_proof_is_refused(channel: str, forging: str, web: Web) -> None:
    status, body, _ = web.post(*forged(channel, FORGINGS[forging]))
    assert (status, body) == (403, b"")


@BY_CHANNEL
def test_so_is_none(channel: str, web: Web) -> None:
    delivery = SAY[channel](somebody(channel), "Is it safe?")
    headers = {name: value for name, value in delivery.headers.items() if name != HEADERS[channel]}
    assert web.post(delivery.path, delivery.body, headers)[:2] == (403, b"")


@pytest.mark.parametrize("channel", [channel for channel in SAY if channel != "telegram"])
@pytest.mark.parametrize("change", [lambda body: body + b" ", lambda body: body.replace(b"safe", b"Safe"), lambda body: b""])
def test_a_proof_of_another_body_is_refused(channel: str, change: Callable[[bytes], bytes], web: Web) -> None:
    """Telegram does not sign what it sends."""
    delivery = SAY[channel](somebody(channel), "Is it safe?")
    assert web.post(delivery.path, change(delivery.body), delivery.headers)[:2] == (403, b"")


def test_a_proof_of_another_service_is_refused(web: Web) -> None:
    for channel, name in HEADERS.items():
        for other, theirs in HEADERS.items():
            if name != theirs:
                delivery, proof = SAY[channel](somebody(channel), "hi"), SAY[other](somebody(other), "hi").headers[theirs]
                assert web.post(delivery.path, delivery.body, {**delivery.headers, name: proof})[0] == 403


@pytest.mark.parametrize("at", ["", "now", "0", "-1", "1e9", "9" * 400, "１７９０００００００"])
def test_a_time_that_is_not_the_one_that_was_signed_is_refused(at: str, web: Web) -> None:
    delivery = SAY["slack"](somebody("slack"), "Is it safe?")
    headers = {**delivery.headers, slack.TIME_HEADER: at.encode().decode("latin-1")}
    assert web.post(delivery.path, delivery.body, headers)[0] == 403


def test_nothing_of_all_this_is_answered(web: Web, api: Api, person: Callable[[str], Person]) -> None:
    before = len(api.sent)
    for channel in SAY:
        assert web.post(*forged(channel, FORGINGS["another"]))[0] == 403
    dana = person("telegram")
    dana.say("Is it safe?", 2)
    assert {sent.to for sent in api.sent[before:]} == {dana.who}
