"""Enquiries from the first word to the provider's "I have it", with a real mail server and a real webhook receiver."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import aiohttp
import pytest
from clinic_day import PATIENCE, PUBLIC_URL, STAFF, Clinic, running_clinic
from handoff.delivering import html, plain
from sqlalchemy import select

from bot.evaluation.enquiry_speed import form_turns
from bot.storage.database import transaction
from bot.storage.models import AuditEntry, Consent, Enquiry

CODE = re.compile(r"\b\w{4}-\w{4}-\w{2}\b")
SECRET = "sample-secret-that-signs-nothing-real"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with running_clinic(tmp_path_factory.mktemp("clinic")) as running:
        yield running


def code_in(words: str) -> str:
    found = CODE.search(words)
    assert found, words
    return found.group()


def state_of(clinic: Clinic, code: str) -> str:
    engine = clinic.database()
    with transaction(engine) as session:
        state = str(session.execute(select(Enquiry.state).where(Enquiry.code == code)).scalar_one())
    engine.dispose()
    return state


def send_by_email(clinic: Clinic, name: str, address: str) -> str:
    """Leads a visitor to a sent enquiry for Sample Provider One and returns the reference code."""
    visitor = clinic.visitor(name)
    visitor.say("I'd like to find a cosmetic provider")
    visitor.say(f"I'm Dana, {address} is best, about wrinkles, in Grande Prairie, after five")
    visitor.click("Sample Provider One")
    return code_in(visitor.click("Yes, send it"))


def test_an_enquiry_arrives_by_email_and_the_provider_confirms_it(clinic: Clinic) -> None:
    code = send_by_email(clinic, "by-email", "dana.one@example.com")
    assert clinic.post.arrived.acquire(timeout=PATIENCE)
    message = clinic.post.messages[-1]
    assert clinic.post.envelopes[-1][1] == ["sample.one@example.com"]
    assert code in message["Subject"]
    assert "Dana" not in message["Subject"]
    assert "dana.one@example.com" in message["Reply-To"]
    for text in (plain(message), html(message)):
        for expected in ("Dana", "dana.one@example.com", "Grande Prairie", "wrinkles", "after five", code, "If you say yes"):
            assert expected in text, expected

    link = urlsplit(next(word for word in plain(message).split() if word.startswith(PUBLIC_URL)))
    path = link.path.removeprefix("/assistant")
    page = clinic.server.request("GET", path)
    assert page.status == 200
    assert '<form method="post">' in page.text
    assert "Dana" not in page.text
    assert state_of(clinic, code) in ("queued", "delivered")
    for _ in range(2):
        confirmed = clinic.server.request("POST", path, b"", {})
        assert (confirmed.status, "Thank you" in confirmed.text) == (200, True)
    assert state_of(clinic, code) == "acknowledged"
    assert clinic.server.request("GET", path).status == 200
    assert STAFF not in [address for _, to in clinic.post.envelopes for address in to]


def test_what_is_kept_says_what_the_visitor_agreed_to(clinic: Clinic) -> None:
    code = send_by_email(clinic, "consent", "dana.two@example.com")
    engine = clinic.database()
    with transaction(engine) as session:
        enquiry = session.execute(select(Enquiry).where(Enquiry.code == code)).scalar_one()
        consents = session.execute(select(Consent).where(Consent.enquiry_id == enquiry.id)).scalars().all()
        assert [(consent.kind, consent.provider_id) for consent in consents] == [("share", enquiry.provider_id)]
        assert "Sample Provider One" in consents[0].text
        assert "dana" not in consents[0].text.lower()
        subject = f"enquiry {enquiry.id}"
        actions = session.execute(select(AuditEntry.action).where(AuditEntry.subject == subject)).scalars().all()
        assert "enquiry_sent" in actions
    engine.dispose()
    assert code in clinic.command("enquiries", "list")


def test_an_enquiry_arrives_at_a_webhook_signed(clinic: Clinic) -> None:
    visitor = clinic.visitor("by-webhook")
    visitor.say("find me somebody for my jaw please")
    visitor.say("I'm Dana, call me at 780-555-0143, it's about my jaw, in Grande Prairie, mornings")
    visitor.click("Sample Provider Receiver")
    code = code_in(visitor.click("Yes, send it"))
    assert clinic.receiver.arrived.acquire(timeout=PATIENCE)
    (received,) = clinic.receiver.received
    body = json.loads(received.body)
    assert (body["kind"], body["code"], body["first_name"], body["contact"]) == ("enquiry", code, "Dana", "+17805550143")
    assert (body["concern"], body["town"], body["contact_kind"]) == ("jaw", "Grande Prairie", "phone")
    assert "Sample Provider Receiver" in body["consent"]["text"]
    signed = received.headers["x-assistant-timestamp"].encode() + b"." + received.body
    expected = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert received.headers["x-assistant-signature"] == expected
    assert received.key


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/enquiries/K7QM-4XWP-2H/0123456789abcdef0123456789abcdef",
        "/enquiries/nothing/nothing",
        "/enquiries/%00/%00",
        "/enquiries/%FF%FE/%F0%9F%91%8D",
        "/enquiries/<script>/<script>",
        f"/enquiries/{'x' * 2000}/{'y' * 2000}",
    ],
)
def test_a_wrong_link_leads_to_one_neutral_page(clinic: Clinic, method: str, path: str) -> None:
    answer = clinic.server.request(method, path, b"", {})
    assert answer.status == 404
    assert "There is nothing to confirm here" in answer.text
    assert "script" not in answer.text


def test_somebody_elses_token_confirms_nothing(clinic: Clinic) -> None:
    code = send_by_email(clinic, "guessed", "dana.three@example.com")
    other = "f" * 32
    unknown = clinic.server.request("POST", f"/enquiries/K7QM-4XWP-2H/{other}", b"", {})
    wrong = clinic.server.request("POST", f"/enquiries/{code}/{other}", b"", {})
    assert (wrong.status, wrong.text) == (unknown.status, unknown.text)
    assert state_of(clinic, code) in ("queued", "delivered")


def test_the_page_is_let_do_nothing_and_tells_nobody_where_it_is(clinic: Clinic) -> None:
    headers = clinic.server.headers("/enquiries/K7QM-4XWP-2H/0")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_same_yes_twice_is_one_enquiry(clinic: Clinic) -> None:
    visitor = clinic.visitor("twice")
    visitor.say("I'd like to find a cosmetic provider")
    visitor.say("I'm Dana, dana.four@example.com is best, about wrinkles, in Grande Prairie, after five")
    visitor.click("Sample Provider One")
    yes = next(b["payload"] for m in visitor.last for b in m.get("buttons", []) if b["title"] == "Yes, send it")
    first, second = clinic.visitor("twice"), clinic.visitor("twice")
    code = code_in(first.say(yes))
    assert not CODE.search(second.say(yes)) or code_in("\n".join(m["text"] for m in second.last)) == code
    engine = clinic.database()
    with transaction(engine) as session:
        made = session.execute(select(Enquiry.code).where(Enquiry.conversation_mark == _mark_of(session, code))).all()
    engine.dispose()
    assert len(made) == 1


async def test_the_benchmark_fills_in_the_form_as_a_visitor_does(clinic: Clinic) -> None:
    async with aiohttp.ClientSession() as session:
        load = await form_turns(session, f"http://127.0.0.1:{clinic.server.port}", forms=1)
    assert (load.messages, load.unanswered) == (5, 0)


def _mark_of(session: object, code: str) -> str:
    return session.execute(select(Enquiry.conversation_mark).where(Enquiry.code == code)).scalar_one()  # type: ignore[attr-defined]
