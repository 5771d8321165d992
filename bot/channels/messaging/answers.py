"""What a message from a messaging app gets: an answer of the assistant's, what STOP, START and HELP ask for, or silence.

While staff have the conversation, a message is kept for them. Only an emergency gets its script from the assistant.
"""

from __future__ import annotations

import asyncio
from typing import Awaitable, Callable, List, NamedTuple, Optional, TypeVar

from bot.channels.conversation import Conversations
from bot.channels.messaging.choices import chosen
from bot.channels.messaging.inbox import Change, Work
from bot.channels.messaging.service import Reply, Service
from bot.channels.messaging.with_staff import BY_STAFF, RESPONSE
from bot.channels.short_answers import Turn

WAIT_FOR_A_PLACE = 0.1
"""Seconds between two looks for a place; visitors of the website have theirs meanwhile."""
SAID_TO = {"stop": "utter_sms_stopped", "start": "utter_sms_started", "help": "utter_sms_help"}
STOPPED = {"stop": True, "start": False}
CALL_BACK_NOTED = frozenset({"utter_enquiry_sent_call_back", "utter_enquiry_repeated_call_back"})
"""After these staff have the conversation: they can answer right there."""
WAY_BACK = "assistant"
"""The word that brings the assistant back; what is said when it goes quiet names it."""
Result = TypeVar("Result")


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
        if RESPONSE in work.content or BY_STAFF in work.content:
            return self._by_staff(service, work)
        keyword = await self._keyword(service, work)
        change = Change(stopped=STOPPED.get(keyword or ""))
        if (work.stopped and keyword != "start") or (keyword and work.content.get("confirmed")):
            return Answer([], change)
        if keyword:
            return self._short(service, work, SAID_TO[keyword], change)
        return await (self._for_staff(service, work) if work.handed_over else self._by_assistant(service, work))

    async def _by_assistant(self, service: Service, work: Work) -> Answer:
        if work.content.get("unreadable"):
            return self._short(service, work, "utter_only_text", Change())
        turn = await self._in_a_place(lambda: self._conversations.answer(work.conversation, _meant(work), work.channel))
        messages, handed_over = turn.messages, None
        if not CALL_BACK_NOTED.isdisjoint(turn.names):
            messages, handed_over = [*messages, *self._turn_of(work, "utter_handed_over").messages], True
        prepared = service.prepare(work.channel, messages)
        still_stand = turn.refused or turn.failed  # what was offered before: this was no turn of the conversation
        return Answer(prepared.replies, Change(None if still_stand else prepared.choices, handed_over=handed_over))

    async def _for_staff(self, service: Service, work: Work) -> Answer:
        said = _meant(work) if "unreadable" not in work.content else ""
        if said.strip(' .!"\n').casefold() == WAY_BACK:
            return self._short(service, work, "utter_assistant_back", Change(handed_over=False))
        if not said:
            return self._short(service, work, "utter_only_text_for_team", Change())
        heard = await self._in_a_place(lambda: self._conversations.hear(work.conversation, said, work.channel))
        change = Change(for_staff=heard.text or None)
        return self._short(service, work, heard.response, change) if heard.response else Answer([], change)

    def _by_staff(self, service: Service, work: Work) -> Answer:
        nothing_offered = Change([])
        if work.stopped:
            return Answer([], nothing_offered)
        if RESPONSE in work.content:
            return self._short(service, work, work.content[RESPONSE], nothing_offered)
        return Answer(service.prepare(work.channel, [{"text": work.content[BY_STAFF]}]).replies, nothing_offered)

    async def _keyword(self, service: Service, work: Work) -> Optional[str]:
        keyword = service.keyword(work.channel, work.content)
        if keyword != "cancel":
            return keyword
        # The same word ends an enquiry that is being filled in; whoever has none under way means the messages.
        return None if await self._conversations.is_in_a_form(work.conversation) else "stop"

    def _short(self, service: Service, work: Work, name: str, change: Change) -> Answer:
        return Answer(service.prepare(work.channel, self._turn_of(work, name).messages).replies, change)

    def _turn_of(self, work: Work, name: str) -> Turn:
        return self._conversations.short.turn(work.conversation, name, work.channel)

    async def _in_a_place(self, do: Callable[[], Awaitable[Result]]) -> Result:
        places = self._conversations.places
        while not places.take():
            if places.closed:
                raise Ending
            await asyncio.sleep(WAIT_FOR_A_PLACE)
        try:
            return await do()
        finally:
            places.free()


def _meant(work: Work) -> str:
    """Returns what a message says, or the payload of the button that it stands for."""
    said = str(work.content.get("payload") or work.content["text"])
    choice = chosen(said, work.choices)
    return choice.payload if choice else said
