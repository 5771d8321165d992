"""Collects what the assistant says in one turn, in the form that Rasa's REST channel has."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.core.channels.channel import CollectingOutputChannel

from bot.channels.buttons import ButtonSigner
from bot.channels.door import replies_signed
from bot.knowledge.sections import SECTIONS


class Replies(CollectingOutputChannel):
    """One dictionary a message: recipient_id, text, buttons and, in custom, sources."""

    def __init__(self, signer: ButtonSigner, article_link: Optional[str], channel: str = "rest") -> None:
        """Takes what signs the buttons, where the article can be read, and the channel that picks the forms of responses."""
        super().__init__()
        self._signer = signer
        self._article_link = article_link
        self._channel = channel
        self.names: List[str] = []
        """Names of the responses, in order."""

    def name(self) -> str:
        """Returns the channel's name."""
        return self._channel

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Keeps one message."""
        self.names.append(str(message.get("utter_action")))
        reply: Dict[str, Any] = {"recipient_id": recipient_id, "text": message.get("text") or ""}
        if message.get("buttons"):
            reply["buttons"] = replies_signed(message["buttons"], recipient_id, self._signer)
        custom = self._custom(message.get("metadata") or {})
        if custom:
            reply["custom"] = custom
        self.messages.append(reply)

    def _custom(self, metadata: Dict[str, Any]) -> Dict[str, Any]:
        custom: Dict[str, Any] = {}
        if metadata.get("source"):
            source = {"section": SECTIONS[metadata["source"]]}
            if self._article_link:
                source["url"] = self._article_link
            custom["sources"] = [source]
        if metadata.get("kind"):
            custom["kind"] = metadata["kind"]
        return custom
