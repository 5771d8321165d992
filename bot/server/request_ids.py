"""Every request has an id: on its log lines, and in the header of its answer."""

from __future__ import annotations

from sanic import Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse
from structlog.contextvars import bind_contextvars

from bot.correlation import FIELD, accepted, new_id

HEADER = "X-Request-ID"


def add_request_ids(app: Sanic) -> None:
    """Takes the id of a request from its header, or makes one, and gives it back with the answer."""

    async def begin(request: Request) -> None:
        request.ctx.correlation_id = accepted(request.headers.get(HEADER)) or new_id()
        bind_contextvars(**{FIELD: request.ctx.correlation_id})  # until the next request on this connection

    async def end(request: Request, response: BaseHTTPResponse) -> None:
        response.headers[HEADER] = request.ctx.correlation_id

    app.register_middleware(begin, "request")
    app.register_middleware(end, "response")
