"""Works on messages from messaging apps in the background: one after the other for each sender, many senders at a time."""

from __future__ import annotations

import asyncio
import functools
from typing import Awaitable, Callable, Dict, List, Mapping, Sequence, Set

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.messaging.answers import Answers, Ending
from bot.channels.messaging.inbox import Inbox, TooManyOpen, Work
from bot.channels.messaging.sending import NotSent, Sending
from bot.channels.messaging.service import Call, Inbound, Reply, Service
from bot.clock import now
from bot.correlation import correlated
from bot.errors import where
from bot.server.metrics import note_sent
from bot.threads import Threads

log = structlog.get_logger(__name__)

MOST_SENDERS = 1000
"""Whose messages this process works on at a time, most of them waiting for their service; more are told to come back."""
TURNS_AT_ONCE = 4
"""Answers that are made for them at the same time, so that visitors of the website always find a place."""
MOST_AT_ONCE = 2
"""Transactions that wait for the database at the same time."""
MOST_TRIES = 4
"""How often somebody may begin with a message; one that ends its process every time is given up."""
LOOK_SECONDS = 1.0
"""After which it is looked again for what staff have written, and for what another process has left."""
GO_ON_SECONDS = 5.0
"""After which it is said again that this process goes on with its senders."""


class Full(Exception):
    """There is too much to do; the same request may come again."""


class Post:
    """One service, and what sends to it."""

    def __init__(self, service: Service, sending: Sending) -> None:
        """Takes both."""
        self.service = service
        self.sending = sending


class MessagingTurns:
    """Takes messages, and sees to it that each is answered."""

    def __init__(self, inbox: Inbox, answers: Answers, posts: Mapping[str, Post], most: int = MOST_SENDERS) -> None:
        """Takes what it needs.

        Args:
            inbox: keeps the messages.
            answers: makes the answers.
            posts: by the name of the channel.
            most: senders that may be worked on at a time.
        """
        self._inbox = inbox
        self._answers = answers
        self._posts = posts
        self._most = most
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE)
        self._in_thread = Threads(MOST_AT_ONCE, "messaging").run
        self._asked_again: Dict[int, bool] = {}
        """Senders that are worked on, and whether something has come since it was looked last."""
        self._tasks: Set[asyncio.Task[None]] = set()
        self._ending = False

    async def take(self, inbound: Sequence[Inbound]) -> None:
        """Keeps messages and begins to answer them.

        Raises:
            Full: nothing was kept.
            SQLAlchemyError: the database failed; nothing was kept.
        """
        if self._ending or len(self._asked_again) >= self._most:
            raise Full
        try:
            senders = await self._in_thread(lambda: self._inbox.keep(inbound, now()))
        except TooManyOpen:
            raise Full from None
        for sender in senders:
            self._begin_with(sender)

    async def look_after(self) -> None:
        """Goes on holding the senders that are worked on, and takes up what staff or another process have left; for ever."""
        await asyncio.gather(self._every(GO_ON_SECONDS, self._go_on), self._every(LOOK_SECONDS, self._look))

    async def end(self, seconds: float) -> None:
        """Takes nothing more, lets what is under way come to its end, and leaves the rest to another process.

        Args:
            seconds: how long to wait for that.
        """
        self._ending = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._in_thread(self._inbox.let_go)
        except SQLAlchemyError as error:  # they are free when the lease has run out
            log.error("messaging.database_failed", error=type(error).__name__)

    async def _every(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await do()
            except SQLAlchemyError as error:  # the next time tries again
                log.error("messaging.database_failed", error=type(error).__name__)
            await asyncio.sleep(seconds)

    async def _go_on(self) -> None:
        held = list(self._asked_again)
        if held:
            await self._in_thread(lambda: self._inbox.go_on(held, now()))

    async def _look(self) -> None:
        room = self._most - len(self._asked_again)
        for sender in await self._in_thread(lambda: self._inbox.left(now(), room)):
            if sender not in self._asked_again:
                self._begin_with(sender)

    def _begin_with(self, sender: int) -> None:
        if sender in self._asked_again:
            self._asked_again[sender] = True
            return
        self._asked_again[sender] = False
        self._keep_task(asyncio.create_task(self._work_on(sender)))

    def _keep_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work_on(self, sender: int) -> None:
        try:
            while not self._ending:
                self._asked_again[sender] = False
                work = await self._in_thread(lambda: self._inbox.next(sender, now()))
                if work is not None:
                    with correlated(conversation=work.conversation):
                        await self._finish(work)
                elif not self._asked_again[sender]:
                    return
        except Ending:
            self._ending = True  # to begin with it again and again would count as tries
            log.info("messaging.left_to_another")
        except SQLAlchemyError as error:  # it is taken up again with the next look
            log.error("messaging.database_failed", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - what one message does must not stop those of others
            log.error("messaging.failed", error=type(error).__name__, where=where(error))
        finally:
            del self._asked_again[sender]

    async def _finish(self, work: Work) -> None:
        outcome = await self._outcome(work)
        await self._in_thread(lambda: self._inbox.finish(work, outcome, now()))

    async def _outcome(self, work: Work) -> str:
        """Answers a message and returns what became of it."""
        post = self._posts.get(work.channel)
        if post is None:
            return "switched_off"
        if work.tries > MOST_TRIES:
            return self._gave_up(work, "interrupted")
        replies = await self._replies(work, post) if work.replies is None else work.replies
        try:
            for number, reply in list(enumerate(replies, start=1))[work.sent :]:
                await post.sending.send(post.service.call(work.channel, work.to, reply))
                await self._in_thread(functools.partial(self._inbox.note_sent, work, number))
        except NotSent as error:
            if error.unwanted:
                note_sent(work.channel, "unwanted")
                return "unwanted"
            return self._gave_up(work, str(error))
        if not replies:
            return "silent"
        note_sent(work.channel, "sent")
        return "sent"

    async def _replies(self, work: Work, post: Post) -> List[Reply]:
        if not work.stopped and not work.handed_over:
            for call in post.service.courtesies(work.channel, work.to, work.content):
                self._keep_task(asyncio.create_task(self._be_kind(post, call)))
        async with self._turns:
            answer = await self._answers.to(post.service, work)
        return await self._in_thread(lambda: self._inbox.answer(work, answer.replies, answer.change, now()))

    async def _be_kind(self, post: Post, call: Call) -> None:
        reason = await post.sending.send_once(call)
        if reason is not None:
            log.info("messaging.courtesy_failed", reason=reason)

    def _gave_up(self, work: Work, reason: str) -> str:
        log.error("messaging.gave_up", channel=work.channel, reason=reason)
        note_sent(work.channel, "failed")
        return reason
