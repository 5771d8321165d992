"""Visitors who ask about an enquiry that they sent: how it stands, withdrawing it, seeing and deleting what is held."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import select

from bot.clock import now
from bot.evaluation.enquiry_samples import add_provider, sample_enquiry
from bot.handoff.enquiries import submit_enquiry
from bot.handoff.outbox import claim
from bot.handoff.states import change
from bot.privacy.encryption import vault
from bot.storage.database import engine, transaction
from bot.storage.models import Consent, Enquiry

if TYPE_CHECKING:
    from bot.channels.short_answers import Turn
    from bot.shell.session import Assistant

NOBODYS_CODE = "K7QM-4XWP-2H"
ELSEWHERE = "another conversation"
REACHED = ("queued", "delivered", "with_staff", "acknowledged", "closed", "withdrawn", "expired")
STILL_OPEN = ("waiting", "queued", "delivered", "with_staff", "acknowledged")


class Sent(NamedTuple):
    """An enquiry that a visitor sent."""

    code: str
    contact: str


def sent(conversation: str = ELSEWHERE, state: str = "queued", **changes: Any) -> Sent:
    """Sends an enquiry to the clinic, from a contact of its own, and brings it into a state."""
    contact = f"dana.{uuid.uuid4().hex[:8]}@example.com"
    kind = {"kind": "call_back", "concern": "general"} if "provider_id" not in changes else {}
    fields = {"conversation": f"{conversation} {contact}" if conversation == ELSEWHERE else conversation, "contact": contact}
    code = submit_enquiry(sample_enquiry(**{**fields, **kind, **changes})).code
    if state != "queued":
        with transaction(engine()) as session:
            change(session, _row(session, code), state, now())
    return Sent(code, contact)


def _row(session: Any, code: str) -> Enquiry:
    return session.execute(select(Enquiry).where(Enquiry.code == code)).scalar_one()


def state_of(code: str) -> str:
    """The state that an enquiry is in."""
    with transaction(engine()) as session:
        return str(_row(session, code).state)


def is_held(enquiry: Sent) -> bool:
    """Is the contact still there?"""
    with transaction(engine()) as session:
        mark = vault().contact_mark(enquiry.contact)
        return session.execute(select(Enquiry.id).where(Enquiry.contact_mark == mark)).first() is not None


class Visitor:
    """Somebody in a conversation."""

    def __init__(self, assistant: Assistant) -> None:
        self.conversation = assistant.conversation()
        self.id = self.conversation.id
        self.answer: Turn | None = None

    async def talk(self, *messages: str) -> Turn:
        """Says one thing after the other and returns the last answer; ">Title" clicks a button of the answer before."""
        for message in messages:
            self.answer = await self.conversation.say(self._payload(message[1:]) if message[0] == ">" else message)
        assert self.answer is not None
        return self.answer

    def _payload(self, title: str) -> str:
        from bot.shell.render import buttons_of

        assert self.answer is not None
        return {button["title"]: button["payload"] for button in buttons_of(self.answer)}[title]


def words(turn: Turn) -> str:
    """All that is said, without the greeting."""
    said = zip(turn.names, turn.messages, strict=True)
    return "\n".join(message["text"] for name, message in said if name != "utter_notice")


def labels(turn: Turn) -> list[str]:
    """All buttons."""
    from bot.shell.render import buttons_of

    return [button["title"] for button in buttons_of(turn)]


# --- how it stands


@pytest.mark.parametrize("state", ["waiting", *REACHED])
async def test_every_state_is_told_in_words(assistant: Assistant, state: str) -> None:
    waiting = {"kind": "cosmetic", "concern": "skin_tone", "provider_id": None}
    enquiry = sent(**waiting) if state == "waiting" else sent(state=state)
    turn = await Visitor(assistant).talk(f"my reference code is {enquiry.code}")
    assert turn.names == ["utter_notice", f"utter_status_{state}"]
    assert enquiry.code in words(turn)
    assert "_" not in words(turn)
    assert ("Withdraw it" in labels(turn)) == (state in STILL_OPEN)


@pytest.mark.parametrize("spell", [str.lower, lambda code: code.replace("-", ""), lambda code: f"Hi! it is {code}, thanks"])
async def test_the_code_may_be_typed_in_any_way_and_without_a_question(assistant: Assistant, spell: Any) -> None:
    enquiry = sent()
    assert "utter_status_queued" in (await Visitor(assistant).talk(spell(enquiry.code))).names


async def test_the_code_may_follow_when_it_is_asked_for(assistant: Assistant) -> None:
    enquiry = sent(state="delivered")
    turn = await Visitor(assistant).talk("any news on my enquiry?", "is it safe?", enquiry.code)
    assert turn.names == ["utter_status_delivered"]


async def test_somebody_elses_code_tells_the_state_and_nothing_personal(assistant: Assistant) -> None:
    with transaction(engine()) as session:
        provider = add_provider(session, f"sample-{uuid.uuid4().hex[:8]}", now().date(), legal_name="Sample Provider Nine")
    enquiry = sent(kind="cosmetic", provider_id=provider)
    turn = await Visitor(assistant).talk(enquiry.code)
    assert turn.names == ["utter_notice", "utter_status_queued"]
    for personal in ("Dana", enquiry.contact, "Grande Prairie", "five", "scars", "Nine"):
        assert personal not in words(turn)


async def test_who_has_it_is_told_where_it_was_made(assistant: Assistant) -> None:
    with transaction(engine()) as session:
        provider = add_provider(session, f"sample-{uuid.uuid4().hex[:8]}", now().date(), legal_name="Sample Provider Nine")
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id, kind="cosmetic", provider_id=provider)
    turn = await visitor.talk(enquiry.code)
    assert turn.names == ["utter_notice", "utter_status_queued", "utter_records_receiver"]
    assert "Sample Provider Nine" in words(turn)


async def test_an_erased_enquiry_looks_like_one_that_never_was(assistant: Assistant) -> None:
    erased = sent(state="erased")
    there = await Visitor(assistant).talk(f"my code: {erased.code}")
    never = await Visitor(assistant).talk(f"my code: {NOBODYS_CODE}")
    assert words(there) == words(never)


async def test_guessing_ends_in_a_kind_no_even_to_the_right_code(assistant: Assistant) -> None:
    enquiry = sent()
    guesses = [f"K7QM-4XWP-2{letter}" for letter in "CDFGH"]
    turn = await Visitor(assistant).talk(*guesses, enquiry.code)
    assert turn.names == ["utter_records_too_many"]
    assert "hour" in words(turn)
    assert enquiry.code not in words(turn)


# --- withdrawing


async def test_where_it_was_made_a_yes_withdraws_it(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    asked = await visitor.talk(enquiry.code, ">Withdraw it")
    assert (asked.names, state_of(enquiry.code)) == (["utter_ask_lookup_withdraw"], "queued")
    done = await visitor.talk("yes please")
    assert (done.names, state_of(enquiry.code)) == (["utter_records_withdrawn"], "withdrawn")
    assert (await visitor.talk("any news on it?", enquiry.code)).names == ["utter_status_withdrawn"]


@pytest.mark.parametrize("unclear", ["hmm", "maybe", "ok but does it hurt?", "what happens then", "no", "stop"])
async def test_only_a_clear_yes_withdraws(assistant: Assistant, unclear: str) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    await visitor.talk(f"withdraw my enquiry {enquiry.code}", unclear)
    assert state_of(enquiry.code) == "queued"


async def test_cancel_it_after_the_state_withdraws_after_a_yes(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    turn = await visitor.talk(enquiry.code, "cancel it", ">Yes, withdraw it")
    assert (turn.names, state_of(enquiry.code)) == (["utter_records_withdrawn"], "withdrawn")


async def test_elsewhere_the_contact_is_needed_and_a_wrong_one_tells_nothing(assistant: Assistant) -> None:
    enquiry, other = sent(), sent()
    visitor = Visitor(assistant)
    asked = await visitor.talk(f"I want to withdraw my enquiry {enquiry.code}")
    assert asked.names == ["utter_notice", "utter_ask_records_contact"]
    unknown = await visitor.talk("nobody.at.all@example.com")
    assert unknown.names == ["utter_records_not_matched", "utter_ask_records_contact"]
    known = await visitor.talk(other.contact)
    assert known.names == ["utter_records_not_matched", "utter_ask_records_contact"]
    assert state_of(enquiry.code) == state_of(other.code) == "queued"
    assert (await visitor.talk(enquiry.contact)).names == ["utter_records_withdrawn"]


async def test_elsewhere_code_and_contact_withdraw_it(assistant: Assistant) -> None:
    enquiry = sent()
    turn = await Visitor(assistant).talk(f"please cancel my enquiry, {enquiry.code}", f"it was {enquiry.contact}")
    assert (turn.names, state_of(enquiry.code)) == (["utter_records_withdrawn"], "withdrawn")


async def test_it_is_said_when_somebody_may_have_it_already(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    _send_everything()
    turn = await visitor.talk(f"withdraw {enquiry.code}", "yes")
    assert turn.names == ["utter_records_withdrawn_told"]
    assert "asked to delete it" in words(turn)


def _send_everything() -> None:
    """Lets a worker take every message; it is still sending, so each may have arrived."""
    while claim(engine(), "sample worker", now(), lease_seconds=60) is not None:
        pass


# --- seeing and deleting


async def test_where_it_was_made_the_contact_is_enough_to_delete(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    asked = await visitor.talk("delete my data", enquiry.contact)
    assert (asked.names, is_held(enquiry)) == (["utter_records_found_delete", "utter_ask_lookup_delete"], True)
    done = await visitor.talk(">Yes, delete it")
    assert (done.names, is_held(enquiry)) == (["utter_records_erased"], False)
    assert state_of(enquiry.code) == "erased"
    with transaction(engine()) as session:
        consents = session.execute(select(Consent).where(Consent.enquiry_id == _row(session, enquiry.code).id)).scalars()
        assert all(consent.withdrawn_at for consent in consents)


async def test_a_second_time_nothing_is_held(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    turn = await visitor.talk("delete my data", enquiry.contact, "yes", "delete my data", enquiry.contact)
    assert turn.names == ["utter_records_proof", "utter_ask_lookup_code"]
    turn = await visitor.talk(enquiry.code)
    assert turn.names == ["utter_records_not_matched", "utter_ask_lookup_code"]


async def test_elsewhere_the_code_is_needed_too(assistant: Assistant) -> None:
    enquiry = sent()
    visitor = Visitor(assistant)
    asked = await visitor.talk("show me what you hold about me", enquiry.contact)
    assert asked.names == ["utter_records_proof", "utter_ask_lookup_code"]
    shown = await visitor.talk(enquiry.code)
    told = ["utter_records_shown_call_back", "utter_records_shown_consent", "utter_records_shown_all"]
    assert shown.names == [*told, "utter_ask_lookup_delete"]
    for held in (enquiry.code, "Dana", enquiry.contact, "weekdays after five", "nobody so far"):
        assert held in words(shown)
    kept = await visitor.talk(">No, keep it")
    assert (kept.names, is_held(enquiry)) == (["utter_records_cancelled"], True)


async def test_what_is_shown_of_a_cosmetic_enquiry_and_of_a_question(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    cosmetic = sent(visitor.id, kind="cosmetic", concern="skin_tone", town="Beaverlodge")
    shown = words(await visitor.talk("show me what you hold about me", cosmetic.contact))
    assert "about skin tone, Beaverlodge" in shown
    other = Visitor(assistant)
    question = sent(other.id, kind="question", question="Is there parking?", first_name="not given", best_time="")
    shown = words(await other.talk(f"withdraw {question.code}", "yes", "show me what you hold about me", question.contact))
    assert "no name" in shown
    assert '"Is there parking?"' in shown
    assert "has been withdrawn" in shown
    assert "holds until" not in shown


async def test_show_or_delete_is_asked_when_it_is_not_clear(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    asked = await visitor.talk("erase my data, or no, let me see it. Right to be forgotten?", enquiry.contact)
    assert asked.names[-1] in ("utter_ask_lookup_choice", "utter_ask_lookup_delete")
    asked = await Visitor(assistant).talk("GDPR request", enquiry.contact, enquiry.code)
    assert asked.names == ["utter_records_found", "utter_ask_lookup_choice"]
    assert labels(asked) == ["Show it", "Delete it"]


async def test_unknown_and_somebody_elses_sound_the_same(assistant: Assistant) -> None:
    enquiry, other = sent(), sent()
    tries = [("nobody.at.all@example.com", enquiry.code), (enquiry.contact, other.code), (enquiry.contact, NOBODYS_CODE)]
    answers = []
    for contact, code in tries:
        visitor = Visitor(assistant)
        after_contact = words(await visitor.talk("delete my data", contact))
        answers.append((after_contact, words(await visitor.talk(code))))
    assert len(set(answers)) == 1
    assert is_held(enquiry)


async def test_a_mistyped_contact_is_put_right_without_typing_the_code_again(assistant: Assistant) -> None:
    enquiry = sent()
    messages = ("delete my data", "nobody.at.all@example.com", enquiry.code, f"sorry, it was {enquiry.contact}")
    turn = await Visitor(assistant).talk(*messages)
    assert turn.names == ["utter_records_found_delete", "utter_ask_lookup_delete"]


async def test_an_emergency_with_a_yes_deletes_nothing_and_a_later_okay_neither(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    await visitor.talk("delete my data", enquiry.contact)
    turn = await visitor.talk("yes delete it, and I have chest pain and can't breathe")
    assert turn.names == ["utter_urgent_symptom"]
    assert (await visitor.talk("yes")).names == ["utter_urgent_symptom"]
    assert is_held(enquiry)
    assert (await visitor.talk("yes, delete it")).names == ["utter_records_erased"]


async def test_a_second_click_on_the_choice_is_no_yes(assistant: Assistant) -> None:
    from bot.shell.render import buttons_of

    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    asked = await visitor.talk("GDPR request", enquiry.contact)
    delete = next(button["payload"] for button in buttons_of(asked) if button["title"] == "Delete it")
    again = await visitor.talk(delete, delete)
    assert "utter_records_erased" not in again.names
    assert is_held(enquiry)


async def test_stopping_keeps_everything_and_a_later_yes_is_to_nothing(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    turn = await visitor.talk("delete my data", enquiry.contact, "stop", "yes")
    assert (turn.names, is_held(enquiry)) == (["utter_affirm"], True)


async def test_too_many_wrong_pairs_are_refused_kindly(assistant: Assistant) -> None:
    enquiry = sent()
    wrong = ("delete my data", enquiry.contact, "K7QM-4XWP-2C", "K7QM-4XWP-2D", "K7QM-4XWP-2F")
    await Visitor(assistant).talk(*wrong)
    turn = await Visitor(assistant).talk(*wrong[:4], enquiry.code)
    assert turn.names == ["utter_records_too_many"]
    assert is_held(enquiry)


async def test_afterwards_the_conversation_holds_nothing_of_the_visitor(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    enquiry = sent(visitor.id)
    await visitor.talk("show me what you hold about me", enquiry.contact, "yes, delete it")
    tracker = await visitor.conversation.tracker()
    kept = json.dumps([event.as_dict() for event in tracker.events])
    assert enquiry.contact not in kept
    assert "Dana" not in kept
    assert not any(slot.value for name, slot in tracker.slots.items() if name.startswith(("records_", "lookup_")))


# --- right after sending


async def test_what_was_just_sent_is_known_without_its_code(assistant: Assistant) -> None:
    visitor = Visitor(assistant)
    contact = f"dana.{uuid.uuid4().hex[:8]}@example.com"
    turn = await visitor.talk("please call me back", "Dana", contact, "after five", "yes")
    assert "utter_enquiry_sent_call_back" in turn.names
    assert (await visitor.talk("how is my enquiry doing?")).names == ["utter_status_queued"]
    assert (await visitor.talk("withdraw it", "yes")).names == ["utter_records_withdrawn"]
