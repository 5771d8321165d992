"""What is said without a turn of the conversation: refusals, apologies, and in an emergency its script all the same."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from bot.channels.door import MOST_GROWTH, clean
from bot.nlu.red_flags import flags_in
from bot.nlu.text import tidy
from bot.server.responses import ClinicResponses


class Turn(NamedTuple):
    """The answer to one message."""

    messages: List[Dict[str, Any]]
    names: List[str]
    """Names of the responses."""
    refused: bool = False
    failed: bool = False
    busy: bool = False
    """Refused for now, because there is too much to do: the same message again will be answered."""


class Heard(NamedTuple):
    """A message that people answer, as the assistant has read it all the same."""

    text: str
    """What it says to them; empty when it was refused, or says nothing."""
    response: Optional[str]
    """Name of what has to be said at once: the script in an emergency, or why it was refused."""


class ShortAnswers:
    """Answers with one response, and nothing is kept of it."""

    def __init__(self, responses: ClinicResponses, longest: int) -> None:
        """Takes the words, and how many characters a message may have."""
        self._responses = responses
        self._longest = longest

    def turn(self, conversation: str, name: str, channel: str, **kind: bool) -> Turn:
        """Returns a turn that consists of one response.

        Args:
            conversation: its id.
            name: of the response.
            channel: which form it takes.
            kind: refused, failed or busy.
        """
        response = self._responses.render(name, channel, values={"limit": self._longest})
        message = {"recipient_id": conversation, "text": response["text"]}
        metadata = response.get("metadata")
        return Turn([{**message, "custom": metadata} if metadata else message], [name], **kind)

    def words(self, name: str) -> str:
        """Returns the text of a response that stands outside any conversation."""
        return str(self._responses.render(name, "rest", values={"limit": self._longest})["text"])

    def unless_urgent(self, message: str, name: str) -> str:
        """Returns the response to a message that is not taken: its script when the words leave no doubt of an emergency.

        Args:
            message: as the visitor sent it, of any content.
            name: of the response to any other message.
        """
        return self.script(message) or name

    def script(self, message: str) -> Optional[str]:
        """Returns the script of an emergency that the words leave no doubt of, or None; `message` as above."""
        text = tidy(clean(message)).lower() if len(message) <= self._longest else ""
        urgent = flags_in(text).unmistakable if len(text) <= MOST_GROWTH * self._longest else None
        return f"utter_{urgent}" if urgent else None
