"""Whatever stands in a genuine request, it is read or refused: property tests of all that Meta and Slack may ever send."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.messaging.messenger import Messenger
from bot.channels.messaging.service import Inbound, Incoming, NotReadable, Service
from bot.channels.messaging.slack import Slack
from bot.evaluation.messaging_samples import (
    APP_SECRET,
    BOT_TOKEN,
    PAGE_TOKEN,
    SIGNING_SECRET,
    VERIFY_TOKEN,
    Delivery,
    batch,
    by_messenger,
    by_slack,
    event,
    messaging,
    pressed,
    written,
)

PAGE = Messenger(PAGE_TOKEN, APP_SECRET, VERIFY_TOKEN, "https://graph.example")
APP = Slack(BOT_TOKEN, SIGNING_SECRET, "https://slack.example")
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)
FEW = settings(max_examples=150, deadline=None)
HUGE = st.sampled_from(["9" * 5000, 10**30, -1, "1.5", "\ud800", "０"])


def places(content: Any) -> list[tuple[Any, Any]]:
    """Everything in a request that something else can be put in the place of: what holds it, and under which key."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [place for key, inside in pairs for place in [(content, key), *places(inside)]]


def changed(draw: st.DrawFn, content: Any) -> Any:
    """A request in which one to three things are others."""
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places(content)))
        holder[key] = draw(ODD | HUGE)
        if not places(content):
            break
    return content


@st.composite
def of_messenger(draw: st.DrawFn) -> Delivery:
    click = messaging("240000", postback={"mid": "m_1", "title": "Get Started", "payload": "GET_STARTED"})
    picked = written("240000", "Yes", quick_reply={"payload": "button:affirm:0"})
    return by_messenger(changed(draw, batch(written("240000", "Is it safe?"), picked, click)))


@st.composite
def of_slack(draw: st.DrawFn) -> Delivery:
    kinds = (event("D1", "Is it safe?"), event("C1", "<@U0> hi", user="U1"), pressed("D1", "button:affirm:0"))
    return by_slack(changed(draw, draw(st.sampled_from(kinds))))


def read(service: Service, delivery: Delivery) -> list[Inbound]:
    incoming = Incoming(delivery.headers, "", delivery.body)
    try:
        found = service.read(incoming)
        service.receipt(incoming)
    except NotReadable:
        return []
    for inbound in found:
        assert 0 <= inbound.place < 2**63, "it has to fit into the database"
        f"{inbound.sender} {inbound.to} {inbound.message}".encode()
        assert {"text", "payload", "unreadable"} & set(inbound.content)
    return found


@FEW
@given(of_messenger())
def test_every_batch_is_read_or_refused(delivery: Delivery) -> None:
    assert len(read(PAGE, delivery)) <= 3


@FEW
@given(of_slack())
def test_every_event_is_read_or_refused(delivery: Delivery) -> None:
    assert len(read(APP, delivery)) <= 1
