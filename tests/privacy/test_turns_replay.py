"""Redacted turns are still a conversation for Rasa: every kind of event can be read back and replayed."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from rasa.shared.core import events as rasa_events
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.privacy.turns import redact_turns

PARSED = {
    "intent": {"name": "inform", "confidence": 0.9},
    "intent_ranking": [{"name": "inform", "confidence": 0.9}],
    "entities": [{"entity": "first_name", "value": "Dana", "start": 4, "end": 8}],
    "text": "I'm Dana on 780-555-0143",
    "message_id": "1234567890abcdef",
    "metadata": {},
}
EVENTS: list[Event] = [
    rasa_events.ActionExecuted("action_session_start"),
    rasa_events.SessionStarted(),
    rasa_events.ActionExecuted("action_listen"),
    rasa_events.UserUttered("I'm Dana on 780-555-0143", PARSED["intent"], PARSED["entities"], PARSED),
    rasa_events.DefinePrevUserUtteredFeaturization(False),
    rasa_events.EntitiesAdded([{"entity": "email", "value": "dana@example.com"}]),
    rasa_events.ActiveLoop("enquiry_form"),
    rasa_events.SlotSet("first_name", "Dana"),
    rasa_events.SlotSet("requested_slot", "contact"),
    rasa_events.LoopInterrupted(True),
    rasa_events.BotUttered(
        "So, Dana: 780 555 0143?", {"buttons": [{"title": "Yes, Dana", "payload": "/affirm"}]}, {"utter_action": "x"}
    ),
    rasa_events.ReminderScheduled(
        "remind", datetime(2027, 3, 1, 15, 30), entities=[{"email": "dana@example.com"}], name="r1"
    ),
    rasa_events.FollowupAction("action_listen"),
    rasa_events.ActionExecutionRejected("enquiry_form"),
    rasa_events.SlotSet("first_name", None),
    rasa_events.ActiveLoop(None),
    rasa_events.ConversationPaused(),
    rasa_events.ConversationResumed(),
]


@pytest.fixture
def redacted() -> list[dict[str, object]]:
    return redact_turns([event.as_dict() for event in EVENTS], ["first_name", "contact"])


def test_every_event_can_be_read_back(redacted: list[dict[str, object]]) -> None:
    read = deserialise_events(json.loads(json.dumps(redacted)))
    assert [type(event) for event in read] == [type(event) for event in EVENTS]
    assert [event.timestamp for event in read] == [event.timestamp for event in EVENTS]
    left = json.dumps([event.as_dict() for event in read]).lower()
    assert "dana" not in left
    assert "0143" not in left


def test_the_conversation_stands_where_it_stood(redacted: list[dict[str, object]]) -> None:
    slots = [TextSlot(name, mappings=[{"type": "custom"}]) for name in ("first_name", "contact", "requested_slot")]
    before = DialogueStateTracker.from_events("conversation", EVENTS, slots)
    after = DialogueStateTracker.from_events("conversation", deserialise_events(redacted), slots)
    assert after.current_slot_values() == before.current_slot_values()
    assert after.active_loop_name == before.active_loop_name
    assert after.latest_message.intent == before.latest_message.intent
    assert after.latest_action_name == before.latest_action_name
