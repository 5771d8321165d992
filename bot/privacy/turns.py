"""Takes what is personal out of stored turns of a conversation.

Works on events as Rasa writes them (`event.as_dict()`); what is of another shape is searched like everything else.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Collection, List, Mapping, Optional, Sequence

from bot.privacy.event_fields import CODES, details, hidden, is_identifier, is_personal
from bot.privacy.known_details import KnownDetails, placeholder_of
from bot.privacy.redaction import names_in, redact_patterns

SHORT_ANSWER = 4
"""Words of a message that answers "what is your name?" rather than asking something."""
_NOTHING = "(?!)"

Change = Callable[[str], str]


def redact_turns(events: Sequence[Any], personal_slots: Collection[str], public: Collection[str] = ()) -> List[Any]:
    """Returns events without the visitor's name, phone number and email address; the given events are not changed.

    What is in the personal slots and entities is taken out of every text, in any spelling. From the visitor's messages also
    go the names that are found by their look, and short answers to a question for a detail; from all texts whatever has the
    form of an address or a long number. Names of actions, slots and intents stay, so that the events can be replayed.

    Args:
        events: of one conversation, the oldest first.
        personal_slots: names of the slots that hold the name, phone number or email address.
        public: texts of the clinic and of providers, such as their phone numbers, that stay in what the assistant said.
    """
    turns = _Turns(events, frozenset(personal_slots), public)
    return [turns.redacted(event) for event in events]


class _Turns:
    def __init__(self, events: Sequence[Any], slots: Collection[str], public: Collection[str]) -> None:
        found = {detail for event in events for detail in details(event, slots)}
        self._slots = slots
        self._known = KnownDetails(found.difference(public))
        typed = filter(None, map(_text_of_user, events))
        self._written = self._known.and_these(name for text in typed for name in names_in(text))
        self._public = re.compile("|".join(map(re.escape, sorted(filter(None, public), key=len, reverse=True))) or _NOTHING)
        self._asked: Optional[str] = None

    def redacted(self, event: Any) -> Any:
        """Returns one event; they must come in order, so that it is known what the visitor was asked."""
        if not isinstance(event, Mapping):
            return self._walk(event, self._said)
        kind = event.get("event")
        if kind == "user":
            return self._walk(event, self._typed_in(event))
        if kind == "active_loop":
            self._asked = None
        if kind == "slot" and event.get("name") == "requested_slot":
            self._asked = str(event.get("value"))
            return dict(event)
        return self._walk(event, self._said)

    def _typed_in(self, event: Mapping[str, Any]) -> Change:
        """Returns what is done to the texts of one message of the visitor."""
        text = _text_of_user(event)
        answer = text if self._asked in self._slots and _is_short_answer(text) else None

        def change(part: str) -> str:
            return placeholder_of(part) if part and part == answer else redact_patterns(self._written.take_out(part))

        return change

    def _said(self, text: str) -> str:
        text = self._known.take_out(text)
        pieces, end = [], 0
        for found in self._public.finditer(text):
            pieces += [redact_patterns(text[end : found.start()]), found.group()]
            end = found.end()
        return "".join([*pieces, redact_patterns(text[end:])])

    def _walk(self, value: Any, change: Change) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, Mapping):
            return {self._key(key): self._field(value, key, change) for key in value}
        if isinstance(value, (list, tuple)):
            return [self._walk(item, change) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return value if self._known.take_out(str(value)) == str(value) else placeholder_of(str(value))
        return value

    def _key(self, key: Any) -> Any:
        return self._known.take_out(key) if isinstance(key, str) else key

    def _field(self, holder: Mapping[Any, Any], key: Any, change: Change) -> Any:
        value = holder[key]
        if is_personal(holder, key, self._slots):
            return hidden(value)
        if is_identifier(holder, key):
            return value
        return self._walk(value, self._written.take_out if key in CODES else change)


def _text_of_user(event: Any) -> str:
    text = event.get("text") if isinstance(event, Mapping) and event.get("event") == "user" else ""
    return text if isinstance(text, str) else ""


def _is_short_answer(text: str) -> bool:
    return "?" not in text and len(text.split()) <= SHORT_ANSWER
