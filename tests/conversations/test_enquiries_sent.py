"""What is in the database after a conversation: one enquiry after a clear yes, and none after anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update

from bot.clock import now
from bot.privacy.encryption import vault
from bot.shell.render import buttons_of, text_of
from bot.storage.database import engine, transaction
from bot.storage.models import Consent, Enquiry, Provider

if TYPE_CHECKING:
    from bot.channels.short_answers import Turn
    from bot.shell.session import Assistant, Conversation

NUMBERS = count(100)


def sent_by(conversation: Conversation) -> list[Enquiry]:
    with transaction(engine()) as session:
        own = select(Enquiry).where(Enquiry.conversation_mark == vault().mark(conversation.id))
        found = list(session.execute(own).scalars())
        session.expunge_all()
        return found


def consents_of(enquiry: Enquiry) -> list[Consent]:
    with transaction(engine()) as session:
        found = list(session.execute(select(Consent).where(Consent.enquiry_id == enquiry.id)).scalars())
        session.expunge_all()
        return found


def payload(turn: Turn, label: str) -> str:
    return next(button["payload"] for button in buttons_of(turn) if label in button["title"])


async def at_the_list(assistant: Assistant, contact: str = "") -> tuple[Conversation, Turn]:
    """A visitor from Grande Prairie who is shown two providers."""
    conversation = assistant.conversation()
    given = contact or f"dana{next(NUMBERS)}@example.com"
    turn = await conversation.say(f"Please have a provider contact me about scars, I'm Dana, in Grande Prairie, {given}")
    assert turn.names[-1] == "utter_enquiry_pick", turn.names
    return conversation, turn


async def at_consent(assistant: Assistant, contact: str = "") -> tuple[Conversation, Turn]:
    """The same, who picked one of them and is asked for consent."""
    conversation, _ = await at_the_list(assistant, contact)
    turn = await conversation.say("Sample Provider One")
    assert turn.names[-1] == "utter_enquiry_consent_provider"
    return conversation, turn


@contextmanager
def retired(key: str) -> Iterator[None]:
    with transaction(engine()) as session:
        session.execute(update(Provider).where(Provider.key == key).values(retired_on=now().date()))
    try:
        yield
    finally:
        with transaction(engine()) as session:
            session.execute(update(Provider).where(Provider.key == key).values(retired_on=None))


@contextmanager
def broken_database() -> Iterator[None]:
    with engine().begin() as connection:
        connection.execute(text("ALTER TABLE consents RENAME TO consents_elsewhere"))
    try:
        yield
    finally:
        with engine().begin() as connection:
            connection.execute(text("ALTER TABLE consents_elsewhere RENAME TO consents"))


async def test_an_enquiry_holds_what_was_told_and_the_consent_as_it_was_shown(assistant: Assistant) -> None:
    conversation = assistant.conversation()
    await conversation.say("Please have a provider contact me about scars. I'm Dana and I have diabetes. Grande Prairie.")
    await conversation.say("780-555-0120, text me after six")
    turn = await conversation.say("yes, send it")
    (enquiry,) = sent_by(conversation)
    told = (enquiry.kind, enquiry.concern, enquiry.town, enquiry.contact_kind, enquiry.best_time, enquiry.question)
    assert told == ("cosmetic", "scars", "Grande Prairie", "text", "after six", "")
    assert vault().open(enquiry.first_name_sealed) == "Dana"
    assert vault().open(enquiry.contact_sealed) == "+17805550120"
    assert enquiry.code in text_of(turn)
    (consent,) = consents_of(enquiry)
    assert consent.kind == "share"
    assert "Sample Provider One" in consent.text
    assert "{" not in consent.text


async def test_clicking_twice_sends_one(assistant: Assistant) -> None:
    conversation, turn = await at_consent(assistant)
    yes = payload(turn, "Yes, send it")
    first = await conversation.say(yes)
    second = await conversation.say(yes)
    assert first.names == ["utter_enquiry_sent"]
    assert "utter_enquiry_sent" not in second.names
    assert len(sent_by(conversation)) == 1


async def test_clicking_twice_at_once_sends_one(assistant: Assistant) -> None:
    conversation, turn = await at_consent(assistant)
    yes = payload(turn, "Yes, send it")
    answers = await asyncio.gather(*(conversation.say(yes) for _ in range(4)))
    assert sum("utter_enquiry_sent" in answer.names for answer in answers) == 1
    assert len(sent_by(conversation)) == 1


async def test_the_same_wish_again_is_the_same_enquiry(assistant: Assistant) -> None:
    conversation, _ = await at_consent(assistant, "again@example.com")
    await conversation.say("yes")
    await conversation.say("Please have a provider contact me about scars, I'm Dana, in Grande Prairie, again@example.com")
    await conversation.say("Sample Provider One")
    turn = await conversation.say("yes")
    assert turn.names == ["utter_enquiry_repeated"]
    (enquiry,) = sent_by(conversation)
    assert enquiry.code in text_of(turn)


@pytest.mark.parametrize("leaving", ["stop", "forget it", "never mind, i changed my mind"])
async def test_yes_after_cancelling_sends_nothing(assistant: Assistant, leaving: str) -> None:
    conversation, turn = await at_consent(assistant)
    assert (await conversation.say(leaving)).names == ["utter_enquiry_cancelled"]
    for late in ("yes", "yes send it", payload(turn, "Yes, send it"), payload(turn, "Yes, or the next one")):
        await conversation.say(late)
    assert sent_by(conversation) == []


@pytest.mark.parametrize(
    "words",
    [
        "yes send it, i have chest pain and can't breathe",
        "my chest hurts when I breathe. yes",
        "Yes, send it. I want to kill myself",
        "yes ok but my face went numb and droopy",
    ],
)
async def test_an_emergency_together_with_a_yes_never_sends(assistant: Assistant, words: str) -> None:
    conversation, turn = await at_consent(assistant)
    urgent = await conversation.say(words)
    assert urgent.names[0].startswith("utter_urgent_")
    await conversation.say("yes")
    assert sent_by(conversation) == []
    assert (await conversation.say("can it help with wrinkles?")).names[-1] == "utter_enquiry_shall_i"
    await conversation.say(payload(turn, "Yes, send it"))
    assert len(sent_by(conversation)) == 1


@pytest.mark.parametrize(
    "words",
    [
        *("hmm", "let me think", "maybe", "ok i guess", "bet", "thanks", "great, thanks", "ok thanks", "yes?"),
        *("is it safe?", "no", "not yet", "don't send it", "yes but not now", "ok wait", "yes if it's free", "to my friend"),
        *("yes, but to the other one", "do you think i should?", "what happens then", "bye", "no name", "/affirm.send"),
        *("it's fine for my sister", "yes no", "ok, tell me more", "yes what", "sure, who is she?", "go", "okay so"),
    ],
)
async def test_what_is_no_clear_yes_sends_nothing(assistant: Assistant, words: str) -> None:
    conversation, _ = await at_consent(assistant)
    await conversation.say(words)
    assert sent_by(conversation) == []


@pytest.mark.parametrize(
    "words",
    [
        *("yes", "y", "yep send it", "sure go ahead", "ok", "please do", "that's right", "looks good, send it", "OK!!"),
        *("yes thank you", "you can send it", "sure, why not", "go for it", "yes, I agree", "confirmed", "👍", "perfect"),
    ],
)
async def test_a_clear_yes_sends(assistant: Assistant, words: str) -> None:
    conversation, _ = await at_consent(assistant)
    await conversation.say(words)
    assert len(sent_by(conversation)) == 1


async def test_a_yes_button_of_an_earlier_offer_is_no_consent(assistant: Assistant) -> None:
    conversation = assistant.conversation()
    offer = await conversation.say("how much does it cost?")
    await conversation.say("Please have a provider contact me about scars, I'm Dana, in Grande Prairie, old1@example.com")
    await conversation.say("Sample Provider One")
    turn = await conversation.say(payload(offer, "Yes, pass it on"))
    assert turn.names[-1] == "utter_enquiry_shall_i"
    assert sent_by(conversation) == []


async def test_a_button_of_an_earlier_list_means_the_one_it_names(assistant: Assistant) -> None:
    conversation, before = await at_the_list(assistant)
    after = await conversation.say("sorry, I live in Edmonton")
    assert buttons_of(before)[0]["title"] == "1. Sample Provider One"
    assert buttons_of(after)[0]["title"] == "1. Sample Provider Three"
    turn = await conversation.say(payload(before, "1. Sample Provider One"))
    assert "I send this to Sample Provider One" in text_of(turn)


async def test_a_button_for_somebody_who_is_not_offered_any_more_picks_nobody(assistant: Assistant) -> None:
    conversation, before = await at_the_list(assistant)
    turn = await conversation.say("it's about my jaw instead")
    assert turn.names[-1] == "utter_enquiry_consent_provider"
    turn = await conversation.say(payload(before, "Sample Provider Three"))
    assert "utter_enquiry_changed" not in turn.names
    await conversation.say("yes")
    assert [enquiry.concern for enquiry in sent_by(conversation)] == ["jaw"]


async def test_consent_to_the_next_provider_is_no_consent_for_an_enquiry_to_the_team(assistant: Assistant) -> None:
    conversation, turn = await at_consent(assistant)
    late = payload(turn, "Yes, or the next one")
    assert (await conversation.say("none of them")).names[-1] == "utter_enquiry_consent_team"
    await conversation.say(late)
    (enquiry,) = sent_by(conversation)
    assert (enquiry.provider_id, enquiry.may_pass_on) == (None, False)
    assert [consent.kind for consent in consents_of(enquiry)] == ["share"]


async def test_yes_or_the_next_one_is_kept_as_two_consents(assistant: Assistant) -> None:
    conversation, turn = await at_consent(assistant)
    await conversation.say(payload(turn, "Yes, or the next one"))
    (enquiry,) = sent_by(conversation)
    assert enquiry.may_pass_on
    assert sorted(consent.kind for consent in consents_of(enquiry)) == ["next_provider", "share"]


async def test_whoever_left_the_directory_meanwhile_gets_nothing_and_the_others_are_shown(assistant: Assistant) -> None:
    conversation, _ = await at_consent(assistant)
    with retired("sample-one"):
        turn = await conversation.say("yes")
        assert turn.names[0] == "utter_enquiry_gone"
        assert "Sample Provider Three" in text_of(turn)
        assert sent_by(conversation) == []
        await conversation.say("yes")
        assert len(sent_by(conversation)) == 1


@pytest.mark.parametrize("again", ["Try again", "try again please", "ok, send it again", "yes", "yes please do"])
async def test_what_cannot_be_written_is_not_lost(assistant: Assistant, again: str) -> None:
    conversation, _ = await at_consent(assistant)
    with broken_database():
        turn = await conversation.say("yes")
    assert turn.names == ["utter_enquiry_not_kept"]
    assert sent_by(conversation) == []
    turn = await conversation.say(payload(turn, again) if again == "Try again" else again)
    assert turn.names[-1] == "utter_enquiry_consent_provider"
    await conversation.say("yes")
    assert len(sent_by(conversation)) == 1


@pytest.mark.parametrize("again", ["Try again", "try again"])
async def test_a_call_back_that_cannot_be_written_stays_one(assistant: Assistant, again: str) -> None:
    conversation, given = assistant.conversation(), f"robin{next(NUMBERS)}@example.com"
    turn = await conversation.say(f"Could somebody call me back? I'm Robin, {given}, about my shoulder")
    assert turn.names[-1] == "utter_enquiry_consent_team"
    with broken_database():
        turn = await conversation.say("yes")
    assert turn.names == ["utter_enquiry_not_kept"]
    await conversation.say(payload(turn, again) if again == "Try again" else again)
    await conversation.say("yes")
    (enquiry,) = sent_by(conversation)
    assert enquiry.kind == "call_back"


async def test_more_than_a_few_an_hour_are_refused(assistant: Assistant) -> None:
    names = []
    for _ in range(4):
        conversation, _ = await at_consent(assistant, "eager@example.com")
        names += (await conversation.say("yes")).names
    assert names == [*["utter_enquiry_sent"] * 3, "utter_enquiry_too_many"]


async def test_afterwards_nothing_of_the_visitor_is_left_in_the_slots(assistant: Assistant) -> None:
    conversation, _ = await at_consent(assistant)
    await conversation.say("yes")
    slots = (await conversation.tracker()).current_slot_values()
    assert {name for name, value in slots.items() if name.startswith("enquiry_") and value} <= {"enquiry_was_offered"}
