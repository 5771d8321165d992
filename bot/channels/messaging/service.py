"""What a messaging service has to be able to do; everything else is the same for all of them."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Protocol, Sequence, Tuple, runtime_checkable

import httpx

from bot.channels.messaging.choices import Choice

Content = Dict[str, Any]
"""What a message says, as JSON: `text` or `payload` of a button, `unreadable` for pictures and the like, and what the
service itself needs again."""
Reply = Dict[str, Any]
"""One message to a person, as JSON."""
Message = Dict[str, Any]
"""One message of the assistant, as `bot.channels.replies` has it."""


class NotGenuine(Exception):
    """A request does not prove that it comes from the service."""


class NotReadable(ValueError):
    """A request is not as the service sends it."""


class Incoming(NamedTuple):
    """A request at the webhook."""

    headers: Mapping[str, str]
    query: str
    """What stands behind the question mark; empty when there is none."""
    body: bytes


class Inbound(NamedTuple):
    """One message of a person."""

    channel: str
    sender: str
    """The service's id of the person: looked up by its keyed hash, and kept nowhere."""
    to: str
    """Where to answer."""
    message: str
    """The service's id of the message: the same again is the same message."""
    content: Content
    place: int = 0
    """In the order of the service; 0 where it gives none, and the order of arrival counts."""


class Prepared(NamedTuple):
    """An answer in the form that fits the channel."""

    replies: List[Reply]
    choices: Sequence[Choice] = ()
    """What a bare number would mean now."""


class Call(NamedTuple):
    """A request to the service."""

    url: str
    json: Optional[Dict[str, Any]] = None
    form: Optional[Dict[str, str]] = None
    auth: Optional[Tuple[str, str]] = None
    bearer: Optional[str] = None
    """A token for the header Authorization."""


class Verdict(NamedTuple):
    """What a service says of a request to it."""

    refusal: Optional[str] = None
    """Why it was not taken, without anything of the person's; None when it was."""
    again: bool = False
    """The same request may be taken later."""
    wait: Optional[float] = None
    """Seconds that the service asks to wait before that."""
    unwanted: bool = False
    """The person wants no messages any more."""


class Service(Protocol):
    """One messaging service."""

    name: str
    """In the path of the webhook."""
    longest_body: int
    """Bytes; a longer request is none of the service's."""

    def read(self, incoming: Incoming) -> List[Inbound]:
        """Returns the messages of a request; none when it is about something else.

        Raises:
            NotGenuine: its signature is missing or wrong.
            NotReadable: it is genuine and of another form all the same.
        """

    def receipt(self, incoming: Incoming) -> Tuple[bytes, str]:
        """Returns body and content type of the answer to a request that was taken."""

    def keyword(self, channel: str, content: Content) -> Optional[str]:
        """Returns `stop`, `start` or `help` when a message asks for that and for nothing else.

        `cancel` is a word that means stop unless there is an enquiry that it ends. Content that is `confirmed` was answered
        by the service itself.
        """

    def prepare(self, channel: str, messages: Sequence[Message]) -> Prepared:
        """Returns the messages of a turn as the channel shows them."""

    def call(self, channel: str, to: str, reply: Reply) -> Call:
        """Returns the request that sends a reply."""

    def courtesies(self, channel: str, to: str, content: Content) -> List[Call]:
        """Returns requests that show that a message was seen; nothing depends on them."""

    def verdict(self, response: httpx.Response) -> Verdict:
        """Returns what an answer of the service says of the request."""


@runtime_checkable
class Verified(Protocol):
    """A service that asks by GET whether the webhook is the clinic's, before it sends anything."""

    def verify(self, query: str) -> bytes:
        """Returns the body of the answer to a question that stands in the query.

        Raises:
            NotGenuine: it does not come from the service.
        """
