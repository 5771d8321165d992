"""Puts the messaging apps that are on into the server."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List

from rasa.core.channels.channel import InputChannel
from sanic import Sanic

from bot.channels.messaging.answers import Answers
from bot.channels.messaging.channel import MessagingChannel
from bot.channels.messaging.inbox import Inbox
from bot.channels.messaging.sending import Patience, Sending
from bot.channels.messaging.switch import services
from bot.channels.messaging.turns import MessagingTurns, Post
from bot.settings import Settings
from bot.storage.database import engine
from bot.storage.postgresql import is_postgresql, new_replica


def messaging_channels(app: Sanic, settings: Settings) -> List[InputChannel]:
    """Returns the webhooks of the messaging apps that are on; they begin and end with the server.

    Raises:
        SettingsError: see `bot.channels.messaging.switch.services`.
    """
    on = services(settings)

    async def begin(running: Sanic, loop: Any) -> None:
        patience = Patience(
            settings.messaging_attempts, settings.messaging_first_wait_seconds, settings.messaging_timeout_seconds
        )
        posts: Dict[str, Post] = {}
        for service, channels in on:
            posts.update(dict.fromkeys(channels, Post(service, Sending(service, patience))))
        inbox = Inbox(engine(), new_replica())
        if not is_postgresql(engine()):
            inbox.let_go(everybody=True)
        running.ctx.messaging = MessagingTurns(inbox, Answers(running.ctx.conversations), posts)
        running.ctx.messaging_posts = posts
        running.ctx.looking_after = asyncio.create_task(running.ctx.messaging.look_after())

    async def end(running: Sanic, loop: Any) -> None:
        running.ctx.looking_after.cancel()
        await running.ctx.messaging.end(settings.turn_timeout_seconds)
        for post in running.ctx.messaging_posts.values():
            await post.sending.close()

    if on:
        app.register_listener(begin, "after_server_start")
        app.register_listener(end, "before_server_stop")
    return [MessagingChannel(service) for service, _ in on]
