"""Assembles the server: the agent, the channels of credentials.yml behind the door, and the page at /."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from asyncio import AbstractEventLoop
from pathlib import Path
from typing import List

import structlog
from rasa.core.channels.channel import InputChannel, register
from rasa.core.run import create_http_input_channels
from sanic import Sanic
from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.api import api_channels
from bot.channels.buttons import ButtonSigner
from bot.channels.conversation import Conversations
from bot.channels.messaging.attach import attach_messaging
from bot.channels.messaging.channel import MessagingChannel
from bot.channels.messaging.switch import services
from bot.clock import now
from bot.handoff.enquiry_commands import ready_house
from bot.handoff.letters import House
from bot.handoff.samples import load_demo
from bot.kept_secrets import secret_key
from bot.server.acknowledge_page import add_acknowledge_page
from bot.server.agent import load_agent
from bot.server.background import WorkerThread
from bot.server.health import add_health
from bot.server.metrics import note_refusal
from bot.server.request_ids import add_request_ids
from bot.server.tracker_store import BoundedTrackerStore
from bot.server.website import add_website
from bot.settings import ROOT, Clinic, Settings
from bot.storage.database import engine

log = structlog.get_logger(__name__)

CREDENTIALS = ROOT / "credentials.yml"
FORGET_EVERY_SECONDS = 60.0
QUIET_SECONDS, MOST_QUIET_SECONDS = 0.5, 5.0
"""How long nobody has to have asked before the server ends, and how long that is waited for."""
STOP_SECONDS = 10.0
"""How long an enquiry that is being delivered may hold up the end of the server."""
SWITCH_SECONDS = 0.002
"""How long a thread that computes may hold up the others: Python's 5 ms add up over a turn, and to switch costs too."""


def build_app(settings: Settings, clinic: Clinic, model: Path) -> Sanic:
    """Returns the server, ready to run.

    Args:
        settings: of this process.
        clinic: whose assistant it is.
        model: the trained archive, loaded when the server starts.

    Raises:
        StaffError: the server delivers, and nobody would read what goes to staff.
        KeyProblem: a key is missing or wrong.
        SettingsError: a messaging app is switched on by half.
    """
    app = Sanic("assistant", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = settings.request_max_bytes
    app.config.FALLBACK_ERROR_FORMAT = "json"
    on = services(settings)
    channels: List[InputChannel] = [
        *create_http_input_channels(None, str(CREDENTIALS)),
        *(MessagingChannel(service) for service, _ in on),
        *api_channels(settings),
    ]
    add_request_ids(app)
    register(channels, app, route="/webhooks/")
    add_website(app, settings, clinic)
    add_acknowledge_page(app, clinic)
    add_health(app)
    _answer_errors(app)

    async def load(running: Sanic, loop: AbstractEventLoop) -> None:
        load_demo(engine(), settings, now().date())
        agent = load_agent(model, settings)
        signer = ButtonSigner(secret_key(settings.secret_key, settings.data_folder))
        running.ctx.agent = agent
        running.ctx.conversations = Conversations(agent, settings, clinic, signer)
        await running.ctx.conversations.warm_up()
        gc.collect()
        gc.freeze()  # half a million objects that stay: to look through them for garbage holds up everybody for 0.3 s
        log.info("server.ready", address=f"http://{settings.host}:{settings.port}")

    app.register_listener(load, "before_server_start")
    attach_messaging(app, settings, on)
    _forget_idle_conversations(app)
    if settings.worker_in_server:
        _deliver(app, ready_house(settings, clinic))
    _finish_turns(app, settings.turn_timeout_seconds)
    return app


def _finish_turns(app: Sanic, seconds: float) -> None:
    """Before the server ends, nobody is let in any more, and the turns under way come to their end."""

    async def finish(running: Sanic, loop: AbstractEventLoop) -> None:
        log.info("server.stopping")
        if not await running.ctx.conversations.places.close(seconds):
            log.warning("turns.still_under_way")
        # Connections are closed now; a message that a proxy sends at this moment would be lost.
        await running.ctx.conversations.places.until_nobody_asks(QUIET_SECONDS, MOST_QUIET_SECONDS)

    app.register_listener(finish, "before_server_stop")  # the last one to be registered is the first to be called


def _forget_idle_conversations(app: Sanic) -> None:
    async def forget(store: BoundedTrackerStore) -> None:
        while True:
            await asyncio.sleep(FORGET_EVERY_SECONDS)
            try:
                await store.forget_idle(time.time())
            except SQLAlchemyError as error:  # the next minute tries again
                log.error("conversations.not_forgotten", error=type(error).__name__)

    async def start(running: Sanic, loop: AbstractEventLoop) -> None:
        running.ctx.forgetting = loop.create_task(forget(running.ctx.agent.tracker_store))

    async def stop(running: Sanic, loop: AbstractEventLoop) -> None:
        running.ctx.forgetting.cancel()

    app.register_listener(start, "after_server_start")
    app.register_listener(stop, "before_server_stop")


def _deliver(app: Sanic, house: House) -> None:
    async def start(running: Sanic, loop: AbstractEventLoop) -> None:
        running.ctx.worker = WorkerThread(engine(), house)
        running.ctx.worker.start()

    async def stop(running: Sanic, loop: AbstractEventLoop) -> None:
        if not await loop.run_in_executor(None, running.ctx.worker.stop, STOP_SECONDS):
            log.warning("worker.still_busy")

    app.register_listener(start, "after_server_start")
    app.register_listener(stop, "before_server_stop")


def _answer_errors(app: Sanic) -> None:
    async def too_large(request: Request, error: SanicException) -> HTTPResponse:
        conversations: Conversations = app.ctx.conversations
        note_refusal("http", "too_large")
        return json_response({"error": conversations.short.words("utter_too_long")}, status=413)

    app.error_handler.add(PayloadTooLarge, too_large)


def run(app: Sanic, settings: Settings) -> None:
    """Serves until it is stopped; one process, because a conversation lives in its memory."""
    sys.setswitchinterval(SWITCH_SECONDS)
    # Of every connection, and of every look at the version of the schema.
    for chatty in ("sanic.root", "sanic.error", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    app.run(host=settings.host, port=settings.port, workers=1, access_log=False, debug=False)
