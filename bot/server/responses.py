"""Turns the name of a response into words: clinic facts filled in, fit for the channel, nothing said twice in a row."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from rasa.core.nlg import interpolator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.errors import AssistantError
from bot.settings import Clinic, clinic

PARTS = ("contact", "booking", "hours", "location", "call_back", "offer")
"""Parts of sentences that depend on what the clinic has filled in: {contact} is the response utter_part_contact."""

TEXT_ONLY = "text"
"""The channel name of the short forms; "say that again" asks for them."""

SHORT = frozenset({TEXT_ONLY, "sms"})
"""The channels that get them."""

APP = "telegram"
"""The channel name of the forms for messaging apps, which another company carries."""

APPS = frozenset({"messenger", "slack"})
"""The channels that get them, where they have none of their own."""

PART = "@"
"""Starts a value that names a part."""

REMEMBERED = 6
"""How many of the assistant's last messages are not repeated, where there is another variation."""


class UnknownResponse(AssistantError):
    """The domain has no response of that name."""


class ClinicResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's response templates with the facts of one clinic."""

    def __init__(
        self,
        endpoint_config: Optional[EndpointConfig] = None,
        domain: Optional[Domain] = None,
        facts_of: Optional[Clinic] = None,
    ) -> None:
        """Takes Rasa's arguments for a class named in endpoints.yml, and the clinic (that of the settings by default)."""
        super().__init__(domain.responses if domain else {})
        self._facts = (facts_of or clinic()).facts()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """Returns the response for a conversation, or None when the domain has none of that name."""
        if utter_action not in self.responses:
            return None
        channel = TEXT_ONLY if kwargs.pop("form", None) == "short" else output_channel
        return self.render(utter_action, channel, _said_lately(tracker), kwargs)

    def render(
        self, name: str, channel: str, said: Sequence[str] = (), values: Optional[Dict[str, Any]] = None
    ) -> Dict[str, Any]:
        """Returns a response as Rasa's dictionary: text, metadata…

        Args:
            name: of the response.
            channel: of the reader; its own variations win.
            said: the assistant's last texts, newest first; they are avoided where another variation exists.
            values: further values to fill in.

        Raises:
            UnknownResponse: the domain has none of that name.
        """
        if name not in self.responses:
            raise UnknownResponse(name)
        channel = self._form(name, channel)
        given = {key: value for key, value in (values or {}).items() if value is not None}
        filled = [self._fill(variation, channel, given) for variation in self._variations(name, channel)]
        return min(filled, key=lambda response: _how_recent(response["text"], said))

    def _form(self, name: str, channel: str) -> str:
        """Returns the channel whose variations are taken: its own where there are any."""
        if any(variation.get("channel") == channel for variation in self.responses[name]):
            return channel
        return TEXT_ONLY if channel in SHORT else APP if channel in APPS else channel

    def _variations(self, name: str, channel: str) -> List[Dict[str, Any]]:
        found = ResponseVariationFilter(self.responses).responses_for_utter_action(name, channel, self._facts)
        conditional = [variation for variation in found if variation.get("condition")]
        return conditional or found

    def _fill(self, variation: Dict[str, Any], channel: str, values: Dict[str, Any]) -> Dict[str, Any]:
        text = variation["text"]
        parts = {
            part: interpolator.interpolate(self._variations(f"utter_part_{part}", channel)[0]["text"], self._facts)
            for part in PARTS
            if f"{{{part}}}" in text
        }
        spoken = {key: self._spoken(value, channel) for key, value in values.items()}
        filled = interpolator.interpolate(text, {**self._facts, **parts, **spoken})
        kept = {key: value for key, value in variation.items() if key not in ("condition", "channel")}
        return {**kept, "text": filled.strip()}

    def _spoken(self, value: Any, channel: str) -> Any:
        """Puts words in the place of names: "@scars" is the response utter_part_scars; a list becomes "a, b and c"."""
        if isinstance(value, list):
            words = [str(self._spoken(entry, channel)) for entry in value]
            return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
        if isinstance(value, str) and value.startswith(PART):
            return self._variations(f"utter_part_{value.removeprefix(PART)}", channel)[0]["text"]
        return value


def _how_recent(text: str, said: Sequence[str]) -> int:
    """0 when the text was not said lately, else the higher the more recent."""
    return len(said) - said.index(text) if text in said else 0


def _said_lately(tracker: DialogueStateTracker) -> List[str]:
    said: List[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered) and event.text:
            said.append(event.text)
        if len(said) == REMEMBERED:
            break
    return said
