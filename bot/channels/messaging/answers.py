"""What a message from a messaging app gets: an answer of the assistant's, what STOP, START and HELP ask for, or silence."""

from __future__ import annotations

import asyncio
from typing import List, NamedTuple, Optional

from bot.channels.conversation import Conversations
from bot.channels.messaging.choices import chosen
from bot.channels.messaging.inbox import Change, Work
from bot.channels.messaging.service import Reply, Service
from bot.channels.short_answers import Turn

WAIT_FOR_A_PLACE = 0.1
"""Seconds between two looks for a place; visitors of the website have theirs meanwhile."""
SAID_TO = {"stop": "utter_sms_stopped", "start": "utter_sms_started", "help": "utter_sms_help"}
STOPPED = {"stop": True, "start": False}


class Ending(Exception):
    """The process ends: another one answers."""


class Answer(NamedTuple):
    """What becomes of a message."""

    replies: List[Reply]
    """None of them where nothing is to be sent."""
    change: Change


class Answers:
    """Answers messages, each when it has a place among all that are under way."""

    def __init__(self, conversations: Conversations) -> None:
        """Takes what answers."""
        self._conversations = conversations

    async def to(self, service: Service, work: Work) -> Answer:
        """Returns the answer to a message.

        Args:
            service: that it came by.
            work: the message.

        Raises:
            Ending: it was not answered.
        """
        keyword = await self._keyword(service, work)
        change = Change(stopped=STOPPED.get(keyword or ""))
        if (work.stopped and keyword != "start") or (keyword and work.content.get("confirmed")):
            return Answer([], change)
        if keyword:
            return self._short(service, work, SAID_TO[keyword], change)
        if work.content.get("unreadable"):
            return self._short(service, work, "utter_only_text", change)
        turn = await self._turn(work)
        prepared = service.prepare(work.channel, turn.messages)
        still_stand = turn.refused or turn.failed  # what was offered before: this was no turn of the conversation
        return Answer(prepared.replies, Change(None if still_stand else prepared.choices))

    async def _keyword(self, service: Service, work: Work) -> Optional[str]:
        keyword = service.keyword(work.channel, work.content)
        if keyword != "cancel":
            return keyword
        # The same word ends an enquiry that is being filled in; whoever has none under way means the messages.
        return None if await self._conversations.is_in_a_form(work.conversation) else "stop"

    def _short(self, service: Service, work: Work, name: str, change: Change) -> Answer:
        turn = self._conversations.short.turn(work.conversation, name, work.channel)
        return Answer(service.prepare(work.channel, turn.messages).replies, change)

    async def _turn(self, work: Work) -> Turn:
        places = self._conversations.places
        while not places.take():
            if places.closed:
                raise Ending
            await asyncio.sleep(WAIT_FOR_A_PLACE)
        try:
            return await self._conversations.answer(work.conversation, _meant(work), work.channel)
        finally:
            places.free()


def _meant(work: Work) -> str:
    """Returns what a message says, or the payload of the button that it stands for."""
    said = str(work.content.get("payload") or work.content["text"])
    choice = chosen(said, work.choices)
    return choice.payload if choice else said
