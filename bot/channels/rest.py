"""The REST channel, in Rasa's format, behind the door."""

from __future__ import annotations

import json
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.conversation import Conversations
from bot.channels.door import conversation_id
from bot.server.metrics import note_refusal

RETRY_AFTER_SECONDS = "2"
WRONG_SENDER = "Name the conversation in 'sender': 1 to 128 letters, digits or . _ : @ + -"


class WrongRequest(Exception):
    """The request is not a message; the text says what is expected."""


class RestChannel(InputChannel):
    """POST /webhooks/rest/webhook {"sender", "message"} -> a list of messages; status 503 when it helps to try again."""

    @classmethod
    def name(cls) -> str:
        """Returns the name in the URL."""
        return "rest"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the routes; messages go to the app's `Conversations`."""
        routes = Blueprint("rest_channel")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return json_response({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            conversations: Conversations = request.app.ctx.conversations
            try:
                sender, message = read(request.body)
            except WrongRequest as error:
                note_refusal("rest", "wrong_request")
                return json_response({"error": str(error)}, status=400)
            turn = await conversations.say(sender, message)
            if turn.busy:
                return json_response(turn.messages, status=503, headers={"Retry-After": RETRY_AFTER_SECONDS})
            return json_response(turn.messages)

        return routes


def read(body: bytes) -> tuple[str, str]:
    """Returns sender and message of a request.

    Raises:
        WrongRequest: the body is not JSON, or a field is missing or odd.
    """
    return said_in(json_object(body))


def json_object(body: bytes) -> Dict[str, Any]:
    """Returns what a request holds.

    Raises:
        WrongRequest: the body is not a JSON object.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WrongRequest('Send JSON in UTF-8: {"sender": "...", "message": "..."}') from error
    if not isinstance(content, dict):
        raise WrongRequest('Send one JSON object: {"sender": "...", "message": "..."}')
    return content


def said_in(content: Dict[str, Any]) -> tuple[str, str]:
    """Returns the sender and the message that an object names.

    Raises:
        WrongRequest: one of them is missing or odd.
    """
    sender: Optional[str] = conversation_id(content.get("sender"))
    if sender is None:
        raise WrongRequest(WRONG_SENDER)
    message = content.get("message")
    if not isinstance(message, str):
        raise WrongRequest("'message' should be text")
    return sender, message
