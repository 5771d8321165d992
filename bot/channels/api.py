"""REST for other systems, with a token: docs/channels/rest.md. The website's own, without one, is `bot.channels.rest`."""

from __future__ import annotations

import asyncio
import hmac
from datetime import timedelta
from typing import Any, Awaitable, Callable, Coroutine, Dict, List, NamedTuple, Optional, Set

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.conversation import Conversations
from bot.channels.door import conversation_id
from bot.channels.kept_answers import Answer, BeingAnswered, KeptAnswers
from bot.channels.rest import RETRY_AFTER_SECONDS, WrongRequest, json_object, said_in
from bot.clock import now
from bot.privacy.app_messages import conversation_of
from bot.privacy.encryption import KeyProblem
from bot.server.metrics import note_refusal
from bot.settings import Settings
from bot.storage.database import engine
from bot.threads import Threads

log = structlog.get_logger(__name__)

CHANNEL = "api"
LONGEST_BODY = 65_536
"""Bytes."""
MOST_AT_ONCE = 2
"""Transactions that wait for the database at the same time."""
WRONG_ID = "'id' should be 1 to 128 letters, digits or . _ : @ + -, or be left out"
RETRY = {"Retry-After": RETRY_AFTER_SECONDS}


class Asked(NamedTuple):
    """A request that is a message."""

    conversation: str
    message: str
    id: Optional[str]
    """The same again is the same message; None when the other system gives none."""


class ApiChannel(InputChannel):
    """POST /webhooks/api/webhook {"sender", "message", "id"} -> {"messages": [{"text", "buttons", "sources"}]}."""

    def __init__(self, token: str, kept: KeptAnswers) -> None:
        """Takes the token that a request has to bring, and what keeps answers."""
        self._token = token.encode()
        self._kept = kept
        self._tasks: Set[asyncio.Task[HTTPResponse]] = set()
        self._in_thread = Threads(MOST_AT_ONCE, CHANNEL).run

    @classmethod
    def name(cls) -> str:
        """Returns the name in the URL."""
        return CHANNEL

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the route; messages go to the app's `Conversations`."""
        routes = Blueprint("api_channel")

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_genuine(request.headers.get("Authorization", "")):
                note_refusal("http", "api_not_genuine")
                return empty(status=401, headers={"WWW-Authenticate": "Bearer"})
            if len(request.body) > LONGEST_BODY:
                note_refusal("http", "api_too_large")
                return empty(status=413)
            try:
                asked = _asked(request.body)
            except WrongRequest as error:
                note_refusal(CHANNEL, "wrong_request")
                return json_response({"error": str(error)}, status=400)
            return await self._to_the_end(self._answered(request.app.ctx.conversations, asked))

        return routes

    def _is_genuine(self, header: str) -> bool:
        scheme, _, given = header.partition(" ")
        is_token = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), self._token)
        return is_token and scheme.lower() == "bearer"

    async def _to_the_end(self, answering: Coroutine[Any, Any, HTTPResponse]) -> HTTPResponse:
        """Goes on when whoever asked has gone: they ask again, and the answer has to be there then."""
        task = asyncio.create_task(answering)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _answered(self, conversations: Conversations, asked: Asked) -> HTTPResponse:
        try:
            before = await self._begin(asked)
        except BeingAnswered:
            return json_response({"error": "This message is being answered; ask again."}, status=409, headers=RETRY)
        except (SQLAlchemyError, KeyProblem) as error:
            log.error("api.failed", error=type(error).__name__)
            return json_response({"error": "Nothing was taken; try again."}, status=503, headers=RETRY)
        if before is not None:
            return json_response({"messages": before})
        turn = await conversations.say(asked.conversation, asked.message, CHANNEL)
        was_a_turn = not (turn.refused or turn.failed)
        messages = await self._end(asked, _shown(turn.messages), was_a_turn)
        if turn.busy:
            return json_response({"messages": messages}, status=503, headers=RETRY)
        return json_response({"messages": messages})

    async def _begin(self, asked: Asked) -> Optional[Answer]:
        if asked.id is None:
            return None
        conversation, message = asked.conversation, asked.id
        return await self._in_thread(lambda: self._kept.begin(conversation, message, now()))

    async def _end(self, asked: Asked, answer: Answer, was_a_turn: bool) -> Answer:
        if asked.id is None:
            return answer
        conversation, message = asked.conversation, asked.id
        try:
            if was_a_turn:
                return await self._in_thread(lambda: self._kept.keep(conversation, message, answer))
            await self._in_thread(lambda: self._kept.let_go(conversation, message))
        except SQLAlchemyError as error:  # whoever asked has the answer; asking again has to wait for the end of the lease
            log.error("api.failed", error=type(error).__name__)
        return answer


def api_channels(settings: Settings) -> List[InputChannel]:
    """Returns the channel when its token is there."""
    if settings.rest_token is None:
        return []
    longest = settings.turn_timeout_seconds * (settings.waiting_per_conversation + 1)  # behind all who may wait
    return [ApiChannel(settings.rest_token, KeptAnswers(engine(), timedelta(seconds=longest)))]


def _asked(body: bytes) -> Asked:
    """Returns what a request says.

    Raises:
        WrongRequest: the body is not JSON, or a field is missing or odd.
    """
    content = json_object(body)
    sender, message = said_in(content)
    given = content.get("id")
    found = conversation_id(given)
    if given is not None and found is None:
        raise WrongRequest(WRONG_ID)
    return Asked(conversation_of(CHANNEL, sender), message, found)


def _shown(messages: List[Dict[str, Any]]) -> Answer:
    return [
        {
            "text": message["text"],
            "buttons": message.get("buttons") or [],
            "sources": (message.get("custom") or {}).get("sources") or [],
        }
        for message in messages
    ]
