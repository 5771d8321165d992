"""Why the assistant answered as it did: how the message was read, which rule or story fired, what was remembered."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.short_answers import Turn
from bot.shell.rule_names import RuleNames


def trace_of(turn: Turn, tracker: Optional[DialogueStateTracker], names: RuleNames, milliseconds: float) -> List[str]:
    """Returns the trace of the last turn, one line an entry.

    Args:
        turn: the answer.
        tracker: after the turn; None when nothing has come through the door yet.
        names: of rules and stories.
        milliseconds: that the turn took.
    """
    answered = f"answer: {', '.join(turn.names)}"
    took = f"{milliseconds:.0f} ms"
    if turn.refused or tracker is None:
        return ["the door refused the message; nothing was read", answered, took]
    events = list(tracker.events)
    start = max(index for index, event in enumerate(events) if isinstance(event, UserUttered))
    before = _slots_before(tracker, events[:start])
    return [
        *_reading(dict(tracker.latest_message.parse_data)),
        _decision(tracker.latest_message, events[start:], before, names),
        answered,
        _changes(events[start:], before),
        took,
    ]


def _reading(parsed: Dict[str, Any]) -> List[str]:
    clauses = parsed.get("trace") or []
    intent = f"intent: {parsed['intent']['name']} {parsed['intent']['confidence']:.2f}"
    if parsed.get("questions"):
        intent += f" (questions: {', '.join(parsed['questions'])})"
    if not clauses:
        return [f"a button was clicked; {intent}"]
    urgency = f"urgency: {parsed.get('urgency', 'none')}{' (distress)' if parsed.get('distress') else ''}"
    return [*(line for clause in clauses for line in _clause(clause)), intent, urgency]


def _clause(clause: Dict[str, Any]) -> List[str]:
    scores = ", ".join(f"{name} {clause[name]:+.1f}" for name in ("symptom", "crisis", "amber"))
    signs = f", signs: {', '.join(map(str, clause['signs']))}" if clause["signs"] else ""
    return [
        f"{clause['role']}: {clause['text']}",
        f"  {clause['intent']} {clause['confidence']:.2f}; nearest: {clause['nearest']} ({clause['similarity']:.2f})",
        f"  urgency scores: {scores}{signs}",
    ]


def _decision(message: UserUttered, events: List[Event], before: Dict[str, Any], names: RuleNames) -> str:
    taken = [event for event in events if isinstance(event, ActionExecuted) and event.action_name != "action_listen"]
    if not taken:
        return "no action was taken"
    policy, action = str(taken[0].policy or ""), str(taken[0].action_name)
    found = names.find(policy, str(message.intent_name), action, before) or "no rule or story, so the fallback"
    return f"{found} ({policy}) -> {', '.join(str(event.action_name) for event in taken)}"


def _slots_before(tracker: DialogueStateTracker, past: List[Event]) -> Dict[str, Any]:
    values = {name: slot.initial_value for name, slot in tracker.slots.items()}
    values.update({event.key: event.value for event in past if isinstance(event, SlotSet)})
    return values


def _changes(events: List[Event], before: Dict[str, Any]) -> str:
    after = {event.key: event.value for event in events if isinstance(event, SlotSet)}
    changed = [f"{name}: {before.get(name)} -> {value}" for name, value in after.items() if value != before.get(name)]
    return f"slots: {', '.join(changed) or 'unchanged'}"
