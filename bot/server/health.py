"""Whether the process lives, and whether it should get visitors: two questions, asked by whoever starts and routes.

The answers name what is wrong and tell no more, because anybody may be able to ask.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, List

import structlog
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.database import engine, is_behind

log = structlog.get_logger(__name__)

DATABASE_SECONDS = 2.0
"""Within which the database must have answered."""


def add_health(app: Sanic) -> None:
    """Adds `/health/live` and `/health/ready` to the server.

    Args:
        app: the server, whose context holds the agent and the conversations once it has started.
    """
    thread = ThreadPoolExecutor(1, "health")

    @app.get("/health/live")
    async def live(request: Request) -> HTTPResponse:
        return json_response({"status": "live"})

    @app.get("/health/ready")
    async def ready(request: Request) -> HTTPResponse:
        failed = [*_failed_here(app), *await _failed_in_database(thread)]
        answer: Dict[str, object] = {"status": "not ready", "failed": failed} if failed else {"status": "ready"}
        return json_response(answer, status=503 if failed else 200)


def _failed_here(app: Sanic) -> List[str]:
    checks = {"model": app.ctx.agent.is_ready(), "stopping": not app.ctx.conversations.places.closed}
    return [name for name, well in checks.items() if not well]


async def _failed_in_database(thread: ThreadPoolExecutor) -> List[str]:
    """Asks the database in a thread of its own, so that one that hangs holds up these answers alone, and not for long."""
    asked = asyncio.get_running_loop().run_in_executor(thread, lambda: is_behind(engine()))
    try:
        behind = await asyncio.wait_for(asked, DATABASE_SECONDS)
    except (SQLAlchemyError, asyncio.TimeoutError) as error:
        log.error("health.database", error=type(error).__name__)
        return ["database"]
    return ["migrations"] if behind else []
