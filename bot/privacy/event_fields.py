"""Which fields of a stored event hold details, and which hold names of things in the program."""

from __future__ import annotations

import re
from typing import Any, Collection, Iterator, Mapping

from bot.privacy.known_details import PLACEHOLDERS, placeholder_of

PERSONAL_FIELD = re.compile(
    r"(?:(?:first|last|full|profile|user|display|visitor)[_ ]?name|surname|person|e?-?mail(?:[_ ]address)?"
    r"|phone(?:[_ ]number)?|contact)",
    re.IGNORECASE,
)
"""Entities and fields that hold details of the visitor whatever the slots are called."""
CODES = frozenset({"payload"})
"""Fields whose digits are not a phone number."""
_IDENTIFIERS = frozenset(
    {
        "event",
        "policy",
        "utter_action",
        "template",
        "extractor",
        "entity",
        "intent",
        "questions",
        "model_id",
        "assistant_id",
        "message_id",
        "input_channel",
        "timestamp",
        "date_time",
    }
)
_NAMED_EVENTS = frozenset({"action", "slot", "active_loop", "followup", "reminder", "cancel_reminder"})
_IDENTIFIER = re.compile(r"[\w.:/+\-]*")


def is_identifier(holder: Mapping[Any, Any], key: Any) -> bool:
    """Is a field the name of an action, slot, intent or the like, which is left as it is?"""
    named = key == "name" and (str(holder.get("event")) in _NAMED_EVENTS or "confidence" in holder)
    if not named and key not in _IDENTIFIERS:
        return False
    value = holder[key]
    values = value if isinstance(value, list) else [value]
    return all(isinstance(item, str) and _IDENTIFIER.fullmatch(item) for item in values)


def is_personal(holder: Mapping[Any, Any], key: Any, slots: Collection[str]) -> bool:
    """Does a field hold a detail: one that is called so, the value of a personal slot, or of an entity that is called so?"""
    if key != "value":
        return _is_called_personal(key, slots)
    if holder.get("event") == "slot":
        return str(holder.get("name")) in slots
    return _is_called_personal(holder.get("entity"), slots)


def details(value: Any, slots: Collection[str]) -> Iterator[str]:
    """Returns the details in an event: personal fields, slots and entities, these also as they were typed."""
    if isinstance(value, Mapping):
        yield from _typed(value, slots)
        for key, inner in value.items():
            yield from _leaves(inner) if is_personal(value, key, slots) else details(inner, slots)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from details(item, slots)


def hidden(value: Any) -> Any:
    """Returns a placeholder for every text and number in a value; None stays None."""
    if isinstance(value, Mapping):
        return {key: hidden(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [hidden(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    return placeholder_of(str(value))


def _is_called_personal(name: Any, slots: Collection[str]) -> bool:
    return isinstance(name, str) and (name in slots or PERSONAL_FIELD.fullmatch(name) is not None)


def _typed(holder: Mapping[Any, Any], slots: Collection[str]) -> Iterator[str]:
    text, entities = holder.get("text"), holder.get("entities")
    if not isinstance(text, str) or not isinstance(entities, (list, tuple)):
        return
    for entity in entities:
        # Where a placeholder stands, the positions are those of the text before.
        if isinstance(entity, Mapping) and is_personal(entity, "value", slots) and entity.get("value") not in PLACEHOLDERS:
            start, end = entity.get("start"), entity.get("end")
            if isinstance(start, int) and isinstance(end, int):
                yield text[start:end]


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
