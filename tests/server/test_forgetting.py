"""What is kept of a conversation: a form's turns while it is under way, and nothing of the visitor afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, List

from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from structlog.testing import capture_logs
from test_tracker_store import DOMAIN, a_store, a_turn, retrieved

from actions.form import PREFIX
from bot.handoff.enquiry_form import FIELDS, PERSONAL_SLOTS
from bot.server.forgetting import Kept, forgetting, is_personal
from bot.server.tracker_store import BoundedTrackerStore

if TYPE_CHECKING:
    from bot.shell.session import Assistant

FORM: List[Event] = [
    UserUttered("Priyanka here, text me on 780-555-0143", intent={"name": "inform", "confidence": 1.0}),
    ActiveLoop("details"),
    SlotSet("enquiry_first_name", "Priyanka"),
    SlotSet("enquiry_contact", "+17805550143"),
    BotUttered("Please check: Priyanka, text 780-555-0143."),
    ActionExecuted("action_listen"),
]
OVER: List[Event] = [
    UserUttered("yes", intent={"name": "affirm", "confidence": 1.0}),
    ActiveLoop(None),
    SlotSet("enquiry_first_name", None),
    SlotSet("enquiry_contact", None),
    BotUttered("Done."),
    ActionExecuted("action_listen"),
]


async def add(store: BoundedTrackerStore, *events: Event) -> None:
    tracker = await store.get_or_create_tracker("a")
    for event in events:
        tracker.update(event, DOMAIN)
    await store.save(tracker)


def written(tracker: DialogueStateTracker) -> str:
    return json.dumps([event.as_dict() for event in tracker.events]).lower()


def details_in(text: str) -> List[str]:
    return [detail for detail in ("priyanka", "5550143", "555-0143", "dana", "example.com") if detail in text]


def test_the_personal_slots_are_those_of_the_forms_fields() -> None:
    assert {slot.removeprefix(PREFIX) for slot in PERSONAL_SLOTS} < set(FIELDS)
    assert all(slot.startswith(PREFIX) for slot in PERSONAL_SLOTS)
    assert is_personal("records_contact")
    assert not is_personal("enquiry_town")


async def test_a_form_under_way_keeps_what_it_was_told() -> None:
    store = a_store()
    await add(store, *FORM)
    tracker = await retrieved(store, "a")
    assert tracker.get_slot("enquiry_contact") == "+17805550143"
    assert details_in(written(tracker)) == ["priyanka", "5550143", "555-0143"]


async def test_a_form_that_is_over_leaves_nothing_of_the_visitor() -> None:
    store = a_store()
    await add(store, UserUttered("hello, Priyanka speaking", intent={"name": "ask", "confidence": 1.0}))
    await add(store, *FORM)
    await add(store, *OVER)
    tracker = await retrieved(store, "a")
    assert details_in(written(tracker)) == []
    assert tracker.get_slot("enquiry_contact") is None
    assert tracker.active_loop_name is None
    assert [event.text for event in tracker.events if isinstance(event, UserUttered)][1] == "[name] here, text me on [phone]"


async def test_what_is_asked_and_forgotten_in_one_turn_leaves_nothing() -> None:
    store = a_store()
    asked = UserUttered("delete what you have of priyanka")
    await add(store, asked, SlotSet("enquiry_first_name", "Priyanka"), SlotSet("enquiry_first_name", None))
    assert details_in(written(await retrieved(store, "a"))) == []


async def test_a_long_form_leaves_nothing_either() -> None:
    store = a_store()
    await add(store, *FORM)
    for number in range(12):
        await add(store, *a_turn(number))
    assert (await retrieved(store, "a")).get_slot("enquiry_first_name") == "Priyanka"
    await add(store, *OVER)
    assert details_in(written(await retrieved(store, "a"))) == []


async def test_afterwards_names_and_addresses_are_taken_out_of_every_message() -> None:
    store = a_store()
    await add(store, *FORM)
    await add(store, *OVER)
    await add(store, UserUttered("thanks, my friend Dana Lee writes from dana@example.com"), BotUttered("Okay."))
    assert details_in(written(await retrieved(store, "a"))) == []


async def test_an_address_that_nobody_asked_for_is_not_kept() -> None:
    store = a_store()
    await add(store, UserUttered("my address is dana@example.com, is it safe?"))
    tracker = await retrieved(store, "a")
    assert details_in(written(tracker)) == []
    assert "is it safe" in written(tracker)


def test_ordinary_turns_are_the_same_objects() -> None:
    tracker = DialogueStateTracker.from_events("a", [*a_turn(1), *a_turn(2)], DOMAIN.slots)
    kept = forgetting(tracker, Kept(list(tracker.events)[:5]))
    assert all(one is other for one, other in zip(kept.events, tracker.events))
    assert not kept.as_written
    assert not kept.knew_details


async def test_a_conversation_that_cannot_be_redacted_is_not_kept() -> None:
    store = a_store()
    await add(store, *FORM)
    broken = UserUttered("yes", metadata={"x": _Unreadable()})
    with capture_logs() as logged:
        await add(store, broken, *OVER)
    assert await store.retrieve("a") is None
    assert [entry["event"] for entry in logged] == ["conversation.not_redacted"]


class _Unreadable(dict):  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        raise RuntimeError("as a field that nobody expected might")


async def test_a_cancelled_enquiry_leaves_nothing_in_a_real_conversation(assistant: Assistant) -> None:
    conversation = assistant.conversation()
    await conversation.say("I'd like to find a cosmetic provider")
    await conversation.say("I'm Priyanka, text me on 780-555-0143, it's about acne scars")
    assert details_in(written(await conversation.tracker())) == ["priyanka", "5550143", "555-0143"]
    await conversation.say("stop")
    tracker = await conversation.tracker()
    assert details_in(written(tracker)) == []
    answer = await conversation.say("Is it good for scars?")
    assert answer.names[0] == "utter_scars"
    await assistant.forget(conversation.id)
