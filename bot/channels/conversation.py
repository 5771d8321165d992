"""A visitor's message through the door, through Rasa, and back: the same for every channel."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, NamedTuple, Union

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from bot.channels.buttons import ButtonSigner
from bot.channels.clicks import parse_data_of_click
from bot.channels.door import Door, Let, Refused
from bot.channels.replies import Replies
from bot.channels.turns import TooManyWaiting, Turns
from bot.correlation import in_context
from bot.errors import where
from bot.privacy.redaction import redact
from bot.server.at_once import at_once
from bot.server.responses import ClinicResponses
from bot.server.tracker_store import BoundedTrackerStore
from bot.server.turn_watch import TurnWatch, watched
from bot.settings import Clinic, Settings

log = structlog.get_logger(__name__)

MOST_READERS = 2
"""Messages that are read at the same time; the encoder lets go of Python's lock while it computes."""


class Turn(NamedTuple):
    """The answer to one message."""

    messages: List[Dict[str, Any]]
    names: List[str]
    """Names of the responses."""
    refused: bool
    failed: bool


class Conversations:
    """Takes messages and always answers."""

    def __init__(self, agent: Agent, settings: Settings, clinic: Clinic, signer: ButtonSigner) -> None:
        """Takes an agent whose responses are `ClinicResponses`."""
        assert isinstance(agent.nlg, ClinicResponses)  # nosec B101 # tells mypy what load_agent has asserted
        self._agent = agent
        assert isinstance(agent.tracker_store, BoundedTrackerStore)  # nosec B101 # as above
        self._responses: ClinicResponses = agent.nlg
        self._store: BoundedTrackerStore = agent.tracker_store
        self._signer = signer
        self._article_link = str(clinic.article_link) if clinic.article_link else None
        self._time_limit = settings.turn_timeout_seconds
        self._readers = ThreadPoolExecutor(MOST_READERS, thread_name_prefix="reader")
        self._turns = Turns(settings.waiting_per_conversation)
        self._door = Door(signer, settings.message_max_characters, settings.rate_burst, settings.rate_per_second)

    async def say(self, conversation: str, message: str, channel: str = "rest") -> Turn:
        """Answers one message.

        Args:
            conversation: id that the channel vouches for.
            message: as the visitor sent it, of any content.
            channel: which form the responses take.

        Returns:
            At least one message.
        """
        with watched(conversation, channel) as watch:
            try:
                turn = await self._in_turn(conversation, message, channel, watch)
            except TooManyWaiting:
                turn = self._short(conversation, "utter_too_fast", channel, refused=True)
                watch.end("busy", turn.names)
            else:
                watch.end("refused" if turn.refused else "failed" if turn.failed else "answered", turn.names)
            return turn

    async def _in_turn(self, conversation: str, message: str, channel: str, watch: TurnWatch) -> Turn:
        async with self._turns.of(conversation):
            watch.waited()
            with watch.stage("door"):
                admitted = self._door.admit(conversation, message)
            if isinstance(admitted, Refused):
                return self._short(conversation, admitted.response, channel, refused=True)
            return await self._ask(conversation, admitted, channel, watch)

    async def _ask(self, conversation: str, let: Let, channel: str, watch: TurnWatch) -> Turn:
        replies = Replies(self._signer, self._article_link, channel)
        try:
            await asyncio.wait_for(self._take_turn(conversation, let, replies, watch), self._time_limit)
        except asyncio.TimeoutError:
            log.error("turn.hangs", seconds=self._time_limit)
            return self._short(conversation, "utter_apology", channel, failed=True)
        except Exception as error:  # noqa: BLE001 - a visitor always gets an answer; the log gets no words of theirs
            log.error("turn.failed", error=type(error).__name__, where=where(error))
            return self._short(conversation, "utter_apology", channel, failed=True)
        if not replies.messages:
            log.error("turn.silent")
            return self._short(conversation, "utter_apology", channel, failed=True)
        return Turn(replies.messages, replies.names, refused=False, failed=False)

    async def _take_turn(self, conversation: str, let: Let, replies: Replies, watch: TurnWatch) -> None:
        with watch.stage("reading"):
            parse_data = parse_data_of_click(let.clicked) if let.clicked else await self._read(let.text)
        watch.read(parse_data, self._agent.domain.intents)
        message = UserMessage(let.text, replies, conversation, parse_data=parse_data, input_channel=watch.channel)
        with watch.stage("dialogue"):
            await self._agent.handle_message(message)

    async def _read(self, text: str) -> Dict[str, Any]:
        """Reads a message in a thread, so that a long one does not hold up other visitors."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, in_context(lambda: at_once(self._agent.parse_message(text))))

    def _short(self, conversation: str, name: str, channel: str, refused: bool = False, failed: bool = False) -> Turn:
        response = self._responses.render(name, channel, values={"limit": self._door.longest})
        return Turn([{"recipient_id": conversation, "text": response["text"]}], [name], refused, failed)

    async def forget(self, conversation: str) -> None:
        """Deletes a conversation, after the turn that is under way in it."""
        async with self._turns.of(conversation):
            await self._store.forget(conversation)

    async def warm_up(self) -> None:
        """Reads one sentence, so that the first visitor does not wait for what is loaded late."""
        await self._read("Is it safe, and what about scars?")
        await asyncio.get_running_loop().run_in_executor(self._readers, redact, "Sample Person")

    def words(self, name: str) -> str:
        """Returns the text of a response that stands outside any conversation."""
        values: dict[str, Union[int, str]] = {"limit": self._door.longest}
        return str(self._responses.render(name, "rest", values=values)["text"])
