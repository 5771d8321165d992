"""A conversation with the assistant in this process, as the shell, the tests and the evaluation have it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Dict, Optional

from rasa.core.agent import Agent
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.buttons import ButtonSigner
from bot.channels.conversation import Conversations
from bot.channels.short_answers import Turn
from bot.clock import now
from bot.handoff.samples import load_demo
from bot.kept_secrets import secret_key
from bot.privacy.encryption import vault
from bot.server.agent import load_agent
from bot.server.model import MODEL
from bot.settings import Settings, clinic
from bot.settings import settings as process_settings
from bot.storage.database import engine


class Assistant:
    """The agent behind the door, without a server."""

    def __init__(self, settings: Optional[Settings] = None, model: Path = MODEL) -> None:
        """Loads the model and, in the demo, the invented providers.

        Raises:
            NotReady: the model is missing.
            DatabaseError: the database does not open.
            KeyProblem: a key is wrong or, in production, missing.
        """
        configured = settings or process_settings()
        vault()
        load_demo(engine(), configured, now().date())
        self.agent: Agent = load_agent(model, configured)
        signer = ButtonSigner(secret_key(configured.secret_key, configured.data_folder))
        self.conversations = Conversations(self.agent, configured, clinic(), signer)

    def conversation(self) -> Conversation:
        """Starts a conversation of its own."""
        return Conversation(self)

    async def say(self, conversation: str, message: str, channel: str = "rest") -> Turn:
        """Sends one message through the door."""
        return await self.conversations.say(conversation, message, channel)

    async def forget(self, conversation: str) -> None:
        """Deletes a conversation."""
        await self.agent.tracker_store.forget(conversation)

    async def parse(self, message: str) -> Dict[str, Any]:
        """Returns how a message is read, without a conversation."""
        return await self.agent.parse_message(message)


class Conversation:
    """One visitor."""

    def __init__(self, assistant: Assistant) -> None:
        """Takes a fresh id."""
        self.id = uuid.uuid4().hex
        self._assistant = assistant

    async def say(self, message: str, channel: str = "rest") -> Turn:
        """Sends one message and returns the answer."""
        return await self._assistant.say(self.id, message, channel)

    async def tracker(self) -> DialogueStateTracker:
        """Returns what Rasa knows of the conversation."""
        tracker = await self._assistant.agent.tracker_store.retrieve(self.id)
        assert tracker is not None, "nothing has been said yet"  # nosec B101 # for tests, which then fail
        return tracker
