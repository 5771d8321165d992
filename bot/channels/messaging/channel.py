"""The webhook of a messaging service: checks, keeps, acknowledges; the answer goes out afterwards."""

from __future__ import annotations

from typing import Any, Awaitable, Callable

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.messaging.inbox import MOST_OPEN
from bot.channels.messaging.service import Incoming, NotGenuine, NotReadable, Service, Verified
from bot.channels.messaging.turns import Full, MessagingTurns
from bot.server.metrics import note_refusal

log = structlog.get_logger(__name__)

TOGETHER = MOST_OPEN
"""Messages of a request that are kept at once: if all of a long batch are one person's, each delivery of it gets further."""
RETRY_AFTER_SECONDS = "5"


class MessagingChannel(InputChannel):
    """POST /webhooks/<service>/webhook; the app's `messaging` does the rest."""

    def __init__(self, service: Service) -> None:
        """Takes the service."""
        self._service = service

    def url_prefix(self) -> str:
        """Returns the name in the URL."""
        return self._service.name

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the route; messages go to the app's `MessagingTurns`."""
        routes = Blueprint(f"{self._service.name}_channel")

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            return await self._received(request)

        service = self._service
        if isinstance(service, Verified):

            @routes.route("/webhook", methods=["GET"])
            async def verify(request: Request) -> HTTPResponse:
                try:
                    return raw(service.verify(request.query_string), content_type="text/plain")
                except NotGenuine:
                    return self._refused(403, "not_genuine")

        return routes

    async def _received(self, request: Request) -> HTTPResponse:
        turns: MessagingTurns = request.app.ctx.messaging
        if len(request.body) > self._service.longest_body:
            return self._refused(413, "too_large")
        incoming = Incoming(request.headers, request.query_string, request.body)
        try:
            inbound = self._service.read(incoming)
            for first in range(0, len(inbound), TOGETHER):
                await turns.take(inbound[first : first + TOGETHER])
        except NotGenuine:
            return self._refused(403, "not_genuine")
        except NotReadable:
            return self._refused(400, "not_readable")
        except Full:
            return self._refused(503, "full")
        except SQLAlchemyError as error:
            log.error("messaging.not_kept", error=type(error).__name__)
            return self._refused(503, "not_kept")
        body, content_type = self._service.receipt(incoming)
        return raw(body, content_type=content_type)

    def _refused(self, status: int, reason: str) -> HTTPResponse:
        """What was wrong is in the metrics; whoever forges requests learns nothing of it."""
        note_refusal("http", f"{self._service.name}_{reason}")
        headers = {"Retry-After": RETRY_AFTER_SECONDS} if status == 503 else None
        return raw(b"", status=status, headers=headers)
