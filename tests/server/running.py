"""The real server in a process of its own, and a visitor who talks to it over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

ROOT = Path(__file__).resolve().parents[2]
WEBHOOK = "/webhooks/rest/webhook"
START_LIMIT = 240
"""Seconds; a stale model is trained first."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    text: str

    @property
    def messages(self) -> List[Dict[str, Any]]:
        """The body as Rasa's list of messages."""
        assert self.status == 200, self.text
        found: List[Dict[str, Any]] = json.loads(self.text)
        return found

    @property
    def words(self) -> str:
        """All texts, one a line."""
        return "\n".join(message["text"] for message in self.messages)


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self._log = log

    @property
    def data(self) -> Path:
        """The folder of its records."""
        return self._log.parent / "data"

    def request(
        self, method: str, path: str, body: Optional[bytes] = None, headers: Optional[Dict[str, str]] = None
    ) -> Answer:
        """Sends one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            # The server need not read a body that it refuses; its answer is there all the same.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, headers or {"Content-Type": "application/json"})
            response = connection.getresponse()
            return Answer(response.status, response.read().decode("utf-8"))
        finally:
            connection.close()

    def headers(self, path: str) -> Dict[str, str]:
        """Returns the headers of a page, their names in small letters."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", path)
            return {name.lower(): value for name, value in connection.getresponse().getheaders()}

    def post(self, content: Any) -> Answer:
        """Sends JSON to the webhook."""
        return self.request("POST", WEBHOOK, json.dumps(content).encode("ascii"))

    def say(self, sender: str, message: str) -> Answer:
        """Sends one message of a visitor."""
        return self.post({"sender": sender, "message": message})

    def log(self) -> str:
        """What the server has written to standard output and standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def surroundings(folder: Path, **settings: Any) -> Dict[str, str]:
    """Returns the environment of a process of the assistant that keeps its records under a folder."""
    own = {"data_folder": folder / "data", "database_url": "", "clinic_file": ROOT / "clinic.yml", **settings}
    return {**os.environ, **{name.upper(): str(value) for name, value in own.items()}}


@contextmanager
def running_server(folder: Path, **settings: Any) -> Iterator[Server]:
    """Starts `python -m bot serve` with a data folder of its own and stops it in the end.

    Settings are environment variables, in small letters.
    """
    with _started(folder, free_port(), **settings) as server:
        yield server


@contextmanager
def restarted(server: Server, folder: Path, **settings: Any) -> Iterator[Server]:
    """Starts a server that has ended again, on its old port and with what it left in its folder."""
    with _started(folder, server.port, **settings) as again:
        yield again


@contextmanager
def _started(folder: Path, port: int, **settings: Any) -> Iterator[Server]:
    log = folder / "server.log"
    environment = {**surroundings(folder, **settings), "PORT": str(port)}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    server = Server(process, port, log)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        try:
            if server.request("GET", "/webhooks/rest/").status == 200:
                return
        except OSError:
            pass
        try:
            code = server.process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"the server ended with {code}:\n{server.log()}")
    raise AssertionError(f"the server was not ready in {START_LIMIT} s:\n{server.log()}")
