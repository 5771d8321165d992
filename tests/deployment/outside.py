"""Somebody outside: talks TLS to the proxy from an address of their own, politely or not."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

WEBHOOK = "/webhooks/rest/webhook"
PATIENCE = 40
"""Seconds."""
_numbers = count(2)


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: List[Tuple[str, str]]
    body: bytes

    def all(self, name: str) -> List[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def content(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Outsider:
    """A visitor with an address of loopback that nobody else has."""

    def __init__(self, port: int, certificate: Path) -> None:
        number = next(_numbers)
        self.address = f"127.0.{number // 250}.{number % 250 + 1}"
        self._port = port
        self._context = ssl.create_default_context(cafile=str(certificate))

    def request(self, method: str, path: str, body: Any = None, headers: Optional[Dict[str, str]] = None) -> Reply:
        """Sends one request; a header may also be Host."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self._port, timeout=PATIENCE, context=self._context, source_address=(self.address, 0)
        )
        with closing(connection):
            connection.request(method, path, body, headers or {}, encode_chunked=not isinstance(body, (bytes, type(None))))
            return _reply(connection.getresponse())

    def say(self, sender: str, message: str) -> Reply:
        """Sends a message to the assistant."""
        return self.request("POST", WEBHOOK, json.dumps({"sender": sender, "message": message}).encode("ascii"))

    @contextmanager
    def line(self) -> Iterator[ssl.SSLSocket]:
        """Opens a connection on which anything can be sent."""
        with (
            socket.create_connection(("127.0.0.1", self._port), PATIENCE, (self.address, 0)) as plain,
            self._context.wrap_socket(plain, server_hostname="127.0.0.1") as line,
        ):
            yield line

    def raw(self, sent: bytes) -> Reply:
        """Sends bytes as they are, and reads one answer."""
        with self.line() as line:
            line.sendall(sent)
            response = http.client.HTTPResponse(line)
            response.begin()
            return _reply(response)


def _reply(response: http.client.HTTPResponse) -> Reply:
    return Reply(response.status, response.getheaders(), response.read())
