"""A message of the widget: kept, answered once, and its replies kept before anybody sees them."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set, Tuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.buttons import is_button
from bot.channels.conversation import Conversations
from bot.channels.turns import Turns
from bot.channels.widget_log import ASSISTANT, Entry, WidgetLog
from bot.clock import now
from bot.correlation import correlated
from bot.server.lock_store import ConversationBusy
from bot.server.metrics import note_refusal
from bot.threads import Threads

log = structlog.get_logger(__name__)

CHANNEL = "widget"
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
LONGEST_PAYLOAD = 100
MOST_AT_ONCE = 4
"""Transactions of the log that wait for the database at the same time."""
TRIES_TO_KEEP = 3
SECONDS_BETWEEN_TRIES = 0.3
MOST_UNKEPT = 1000
"""Answers that could not be kept and are remembered, in case that their message comes again."""

Receipt = Dict[str, Any]
"""What the widget is told of a message at once: taken, refused or ended; a refusal says why, and whether again helps."""
Tell = Callable[[str, str, Any, Optional[str]], Awaitable[None]]
"""Sends an event and its content to all windows of a conversation but one."""


class WrongMessage(ValueError):
    """A message is not as the widget sends it; the text names the response that says so."""


class WidgetTurns:
    """Takes messages of widget conversations and sees to it that each is answered."""

    def __init__(self, conversations: Conversations, kept: WidgetLog, tell: Tell, longest: int, most_waiting: int) -> None:
        """Sets the limits.

        Args:
            conversations: answers.
            kept: the log.
            tell: reaches the windows.
            longest: characters of a message.
            most_waiting: messages of one conversation that may be under way.
        """
        self._conversations = conversations
        self._log = kept
        self._tell = tell
        self._longest = longest
        self._most_waiting = most_waiting
        self._under_way: Set[Tuple[str, str]] = set()
        self._unkept: OrderedDict[Tuple[str, str], List[Entry]] = OrderedDict()
        self._in_order = Turns(most_waiting)  # no more than that are under way, so nobody is refused here
        self._tasks: Set[asyncio.Task[None]] = set()
        self.in_thread = Threads(MOST_AT_ONCE, "widget-log").run
        """For what a method of the log returns."""

    async def take(self, conversation: str, message: Any, window: Optional[str] = None) -> Receipt:
        """Takes a message and begins to answer it; the same message again is not answered again.

        Args:
            conversation: that the session vouches for.
            message: as it came, of any type and content.
            window: that it came from, and that need not be told of it.
        """
        with correlated(conversation=conversation):
            return await self._taken(conversation, message, window)

    async def _taken(self, conversation: str, message: Any, window: Optional[str]) -> Receipt:
        try:
            message_id, content = read(message, self._longest)
        except WrongMessage as wrong:
            return self.refused(str(wrong))
        if (conversation, message_id) in self._under_way:
            return {"status": "taken"}
        if self._waiting(conversation) >= self._most_waiting:
            return self.refused("utter_too_fast", again=True)
        if not self._conversations.places.take():
            return self.refused(self._conversations.short.unless_urgent(content["text"], "utter_busy"), again=True)
        self._under_way.add((conversation, message_id))
        begun = False
        try:
            receipt, begun = await self._kept_and_begun(conversation, message_id, content, window)
        except SQLAlchemyError as error:
            log.error("widget.not_taken", error=type(error).__name__)
            receipt = self.refused("utter_message_not_kept", again=True)
        finally:
            if not begun:
                self._under_way.discard((conversation, message_id))
                self._conversations.places.free()
        return receipt

    async def take_up(self, conversation: str) -> None:
        """Answers what a process before could not, because it ended."""
        for entry in await self.in_thread(lambda: self._log.unanswered(conversation, now())):
            await self.take(conversation, {name: entry[name] for name in ("id", "text", "payload") if name in entry})

    def _waiting(self, conversation: str) -> int:
        return sum(1 for of, _ in self._under_way if of == conversation)

    async def _kept_and_begun(
        self, conversation: str, message_id: str, content: Entry, window: Optional[str]
    ) -> Tuple[Receipt, bool]:
        """Returns the receipt, and whether an answer is being made."""
        async with self._in_order.of(conversation):
            taken = await self.in_thread(lambda: self._log.take(conversation, message_id, content, now(), is_idle=True))
            if taken.state != "new":
                return {"status": "ended"} if taken.state == "ended" else {"status": "taken", "seq": taken.seq}, False
            shown = {"seq": taken.seq, "from": "visitor", "id": message_id, "text": content["text"]}
            await self._tell("user_uttered", conversation, shown, window)
            await self._tell("typing", conversation, {"on": True}, None)
            task = asyncio.create_task(self._answer(conversation, message_id, content))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return {"status": "taken", "seq": taken.seq}, True

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._conversations.places.free()

    async def _answer(self, conversation: str, message_id: str, content: Entry) -> None:
        try:
            replies = await self._replies(conversation, message_id, content)
            async with self._in_order.of(conversation):  # or the answer to the next message might be kept first
                kept = await self._keep(conversation, message_id, replies)
                if not kept:  # the visitor has deleted the conversation, and this turn has begun it anew
                    await self._forget(conversation)
                for entry in kept:
                    await self._tell("bot_uttered", conversation, entry, None)
        finally:
            self._under_way.discard((conversation, message_id))
            await self._tell("turn_end", conversation, {"id": message_id}, None)

    async def _replies(self, conversation: str, message_id: str, content: Entry) -> List[Entry]:
        made = self._unkept.pop((conversation, message_id), None)
        if made is not None:  # the turn has been taken
            return made
        turn = await self._conversations.answer(conversation, content.get("payload") or content["text"], CHANNEL)
        return [reply(message) for message in turn.messages]

    async def _forget(self, conversation: str) -> None:
        try:
            await self._conversations.forget(conversation)
        except (SQLAlchemyError, ConversationBusy) as error:  # it goes when its session has run out
            log.error("widget.not_forgotten", error=type(error).__name__)

    async def _keep(self, conversation: str, message_id: str, replies: List[Entry]) -> List[Entry]:
        for left in reversed(range(TRIES_TO_KEEP)):
            try:
                return await self.in_thread(lambda: self._log.answer(conversation, message_id, replies, now()))
            except SQLAlchemyError as error:
                log.error("widget.answer_not_kept", error=type(error).__name__, tries_left=left)
                if not left:
                    break
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
        # Without a place in the log it is shown once and not when the visitor comes back; better than silence.
        self._unkept[conversation, message_id] = replies
        while len(self._unkept) > MOST_UNKEPT:
            self._unkept.popitem(last=False)
        return [{"from": ASSISTANT, "id": f"{message_id}-{n}", "reply_to": message_id, **r} for n, r in enumerate(replies)]

    def refused(self, name: str, again: bool = False) -> Receipt:
        """Returns the receipt of what is not taken, with the words of a response; and whether sending it again helps."""
        note_refusal(CHANNEL, name)
        return {"status": "refused", "text": self._conversations.short.words(name), "again": again}


def read(message: Any, longest: int) -> Tuple[str, Entry]:
    """Returns a message's id and what it says.

    Args:
        message: as it came: {"id", "text"} and, of a button, "payload".
        longest: characters of the text.

    Raises:
        WrongMessage: it is of another form, or too long.
    """
    if not isinstance(message, dict):
        raise WrongMessage("utter_message_not_kept")
    message_id, text, payload = message.get("id"), message.get("text"), message.get("payload")
    if not isinstance(message_id, str) or not MESSAGE_ID.fullmatch(message_id) or not isinstance(text, str):
        raise WrongMessage("utter_message_not_kept")
    if len(text) > longest:
        raise WrongMessage("utter_too_long")
    if payload is None:
        return message_id, {"text": text}
    if not isinstance(payload, str) or len(payload) > LONGEST_PAYLOAD or not is_button(payload):
        raise WrongMessage("utter_stale_button")
    return message_id, {"text": text, "payload": payload}


def reply(message: Dict[str, Any]) -> Entry:
    """Returns a reply of the assistant as the widget gets it: text, quick_replies, citations and kind."""
    custom = message.get("custom") or {}
    return {
        "text": message["text"],
        "quick_replies": message.get("buttons") or [],
        "citations": [{"section": source["section"], "url": source.get("url")} for source in custom.get("sources") or []],
        "kind": custom.get("kind") or "text",
    }
