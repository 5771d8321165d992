"""A visitor's message through the door, through Rasa, and back: the same for every channel."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Optional

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.buttons import ButtonSigner
from bot.channels.clicks import parse_data_of_click
from bot.channels.door import Door, Let, Refused, clean
from bot.channels.places import Places
from bot.channels.replies import Replies
from bot.channels.short_answers import Heard, ShortAnswers, Turn
from bot.channels.turns import TooManyWaiting, Turns
from bot.errors import where
from bot.nlu.urgency import CRISIS, SYMPTOM
from bot.privacy.redaction import redact
from bot.server.at_once import at_once
from bot.server.conversation_rows import ConversationChanged
from bot.server.lock_store import ConversationBusy
from bot.server.metrics import Outcome
from bot.server.responses import ClinicResponses
from bot.server.tracker_store import BoundedTrackerStore
from bot.server.turn_watch import TurnWatch, watched
from bot.settings import Clinic, Settings
from bot.threads import Threads

log = structlog.get_logger(__name__)

WITHOUT_WORDS = "utter_empty"
"""Why the door refuses what holds no words."""
LONG = 200
"""Characters; a longer message takes a twentieth of a second and more to read, and has a reader of its own."""


class Conversations:
    """Takes messages and always answers."""

    def __init__(self, agent: Agent, settings: Settings, clinic: Clinic, signer: ButtonSigner) -> None:
        """Takes an agent whose responses are `ClinicResponses`."""
        assert isinstance(agent.nlg, ClinicResponses)  # nosec B101 # tells mypy what load_agent has asserted
        self._agent = agent
        assert isinstance(agent.tracker_store, BoundedTrackerStore)  # nosec B101 # as above
        self._store: BoundedTrackerStore = agent.tracker_store
        self._signer = signer
        self._article_link = str(clinic.article_link) if clinic.article_link else None
        self._time_limit = settings.turn_timeout_seconds
        # One message at a time: two threads that compute hold each other up (docs/decisions/dialogue.md).
        self._reader, self._long_reader = Threads(1, "reader"), Threads(1, "long-reader")
        self._turns = Turns(settings.waiting_per_conversation)
        self.places = Places(settings.turns_at_once)
        """One for every message under way, whatever its channel; who calls `answer` has taken one."""
        self.short = ShortAnswers(agent.nlg, settings.message_max_characters)
        self._door = Door(signer, settings.message_max_characters, settings.rate_burst, settings.rate_per_second)

    async def say(self, conversation: str, message: str, channel: str = "rest") -> Turn:
        """Answers one message, or asks the visitor to try again when there is too much to do.

        Args:
            conversation: id that the channel vouches for.
            message: as the visitor sent it, of any content.
            channel: which form the responses take.

        Returns:
            At least one message.
        """
        if not self.places.take():
            with watched(conversation, channel) as watch:
                turn = self._busy(conversation, message, channel)
                watch.end("busy", turn.names)
                return turn
        try:
            return await self.answer(conversation, message, channel)
        finally:
            self.places.free()

    async def answer(self, conversation: str, message: str, channel: str) -> Turn:
        """Answers one message that has a place; the arguments are those of `say`."""
        with watched(conversation, channel) as watch:
            try:
                turn = await self._in_turn(conversation, message, channel, watch)
            except TooManyWaiting:
                turn = self.short.turn(conversation, "utter_too_fast", channel, refused=True)
                watch.end("busy", turn.names)
            else:
                watch.end(_outcome(turn), turn.names)
            return turn

    async def _in_turn(self, conversation: str, message: str, channel: str, watch: TurnWatch) -> Turn:
        async with self._turns.of(conversation):
            watch.waited()
            with watch.stage("door"):
                admitted = self._door.admit(conversation, message)
            if isinstance(admitted, Refused):
                return self.short.turn(conversation, admitted.response, channel, refused=True)
            return await self._ask(conversation, admitted, channel, watch)

    async def _ask(self, conversation: str, let: Let, channel: str, watch: TurnWatch) -> Turn:
        replies = Replies(self._signer, self._article_link, channel)
        try:
            await asyncio.wait_for(self._take_turn(conversation, let, replies, watch), self._time_limit)
        except asyncio.TimeoutError:
            log.error("turn.hangs", seconds=self._time_limit)
        except ConversationBusy:
            log.warning("turn.waited_in_vain")
            return self._busy(conversation, let.text, channel)
        except (SQLAlchemyError, ConversationChanged) as error:
            log.error("turn.not_kept", error=type(error).__name__)
            return self._failed(conversation, let, channel, "utter_message_not_kept")
        except Exception as error:  # noqa: BLE001 - a visitor always gets an answer; the log gets no words of theirs
            log.error("turn.failed", error=type(error).__name__, where=where(error))
        else:
            if replies.messages:
                return Turn(replies.messages, replies.names)
            log.error("turn.silent")
        return self._failed(conversation, let, channel, "utter_apology")

    async def _take_turn(self, conversation: str, let: Let, replies: Replies, watch: TurnWatch) -> None:
        with watch.stage("reading"):
            parse_data = parse_data_of_click(let.clicked) if let.clicked else await self._read(let.text)
        watch.read(parse_data, self._agent.domain.intents)
        message = UserMessage(let.text, replies, conversation, parse_data=parse_data, input_channel=watch.channel)
        with watch.stage("dialogue"):
            await self._agent.handle_message(message)

    async def _read(self, text: str) -> Dict[str, Any]:
        """Reads a message in a thread, so that it holds up nobody's dialogue, and a long one nobody's short one."""
        reader = self._long_reader if len(text) > LONG else self._reader
        return await reader.run(lambda: at_once(self._agent.parse_message(text)))

    def _busy(self, conversation: str, message: str, channel: str) -> Turn:
        name = self.short.unless_urgent(message, "utter_busy")
        return self.short.turn(conversation, name, channel, refused=True, busy=True)

    def _failed(self, conversation: str, let: Let, channel: str, name: str) -> Turn:
        return self.short.turn(conversation, self.short.unless_urgent(let.text, name), channel, failed=True)

    async def hear(self, conversation: str, message: str, channel: str) -> Heard:
        """Reads one message that has a place and that people answer; the conversation with the assistant does not see it.

        Args:
            conversation: id that the channel vouches for.
            message: as the visitor sent it, of any content.
            channel: that it came by.
        """
        with watched(conversation, channel) as watch:
            heard = await self._hear(conversation, message, watch)
            was_refused = heard.response and not heard.text
            watch.end("refused" if was_refused else "for_staff", [heard.response] if heard.response else [])
            return heard

    async def _hear(self, conversation: str, message: str, watch: TurnWatch) -> Heard:
        with watch.stage("door"):
            admitted = self._door.admit(conversation, message)
        if isinstance(admitted, Let):
            return Heard(admitted.text, None if admitted.clicked else await self._script(admitted.text, watch))
        if admitted.response == WITHOUT_WORDS:  # "?" tells people enough
            return Heard(clean(message), None)
        return Heard("", self.short.unless_urgent(message, admitted.response))

    async def _script(self, text: str, watch: TurnWatch) -> Optional[str]:
        try:
            with watch.stage("reading"):
                parse_data = await asyncio.wait_for(self._read(text), self._time_limit)
        except Exception as error:  # noqa: BLE001 - people get the message all the same
            log.error("turn.failed", error=type(error).__name__, where=where(error))
            return self.short.script(text)
        watch.read(parse_data, self._agent.domain.intents)
        intent = parse_data["intent"]["name"]
        return f"utter_{intent}" if intent in (SYMPTOM, CRISIS) else None

    async def is_in_a_form(self, conversation: str) -> bool:
        """Is an enquiry, or another form, being filled in?

        Raises:
            SQLAlchemyError: the database failed.
        """
        tracker = await self._store.retrieve(conversation)
        return tracker is not None and tracker.active_loop_name is not None

    async def forget(self, conversation: str) -> None:
        """Deletes a conversation, after the turn that is under way in it, here or in another replica.

        Raises:
            ConversationBusy: that turn took too long.
            SQLAlchemyError: the database failed.
        """
        async with self._turns.of(conversation), self._agent.lock_store.lock(conversation):
            await self._store.forget(conversation)

    async def warm_up(self) -> None:
        """Reads one sentence, so that the first visitor does not wait for what is loaded late."""
        await self._read("Is it safe, and what about scars?")
        await self._reader.run(lambda: redact("Sample Person"))


def _outcome(turn: Turn) -> Outcome:
    if turn.busy:
        return "busy"
    return "refused" if turn.refused else "failed" if turn.failed else "answered"
