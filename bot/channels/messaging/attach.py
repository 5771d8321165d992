"""Puts the messaging apps that are on into the server."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Sequence

from sanic import Sanic

from bot.channels.messaging.answers import Answers
from bot.channels.messaging.inbox import Inbox
from bot.channels.messaging.sending import Patience, Sending
from bot.channels.messaging.switch import SwitchedOn
from bot.channels.messaging.turns import MessagingTurns, Post
from bot.settings import Settings
from bot.storage.database import engine
from bot.storage.postgresql import is_postgresql, new_replica

STOP_SECONDS = 5.0
"""How long sending may hold up the end of the server; what is not sent then, another one sends, or the next."""


def attach_messaging(app: Sanic, settings: Settings, on: Sequence[SwitchedOn]) -> None:
    """Lets the messaging apps begin and end with the server, after its conversations and before them.

    Args:
        app: the server.
        settings: of this process.
        on: the services that are on.
    """
    if not on:
        return

    async def begin(running: Sanic, loop: Any) -> None:
        inbox = Inbox(engine(), new_replica())
        if not is_postgresql(engine()):
            inbox.let_go(everybody=True)  # nobody else can be answering what an earlier process left
        running.ctx.messaging_posts = posts = _posts(settings, on)
        running.ctx.messaging = MessagingTurns(inbox, Answers(running.ctx.conversations), posts)
        running.ctx.looking_after = asyncio.create_task(running.ctx.messaging.look_after())

    async def end(running: Sanic, loop: Any) -> None:
        running.ctx.looking_after.cancel()
        await running.ctx.messaging.end(STOP_SECONDS)
        for post in running.ctx.messaging_posts.values():
            await post.sending.close()

    app.register_listener(begin, "before_server_start")
    app.register_listener(end, "before_server_stop")


def _posts(settings: Settings, on: Sequence[SwitchedOn]) -> Dict[str, Post]:
    patience = Patience(
        settings.messaging_attempts, settings.messaging_first_wait_seconds, settings.messaging_timeout_seconds
    )
    posts: Dict[str, Post] = {}
    for service, channels in on:
        posts.update(dict.fromkeys(channels, Post(service, Sending(service, patience))))
    return posts
