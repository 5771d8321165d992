"""A provider's system as measurements and tests need it: takes webhooks on 127.0.0.1 and remembers them."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Semaphore, Thread
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

Answer = Tuple[int, Dict[str, str]]
SILENCE: Answer = (0, {})
"""No answer before the receiver ends."""


class Received(NamedTuple):
    """One request."""

    path: str
    headers: Dict[str, str]
    """Names in small letters."""
    body: bytes

    @property
    def key(self) -> str:
        """By which a repeat is told."""
        return self.headers["idempotency-key"]


class Receiver:
    """What came in, in order. `answers` are given one by one, then 200."""

    def __init__(self) -> None:
        self.received: List[Received] = []
        self.answers: List[Answer] = []
        self.arrived = Semaphore(0)
        """Acquire it to wait for a request."""
        self.address = ""
        self.ending = Event()


@contextmanager
def webhook_receiver() -> Iterator[Receiver]:
    """Runs a receiver until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        """Answers POST."""

        def do_POST(self) -> None:
            """Remembers the request and answers."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            receiver.arrived.release()
            answer = receiver.answers.pop(0) if receiver.answers else (200, {})
            if answer == SILENCE:
                receiver.ending.wait()
                return
            self.send_response(answer[0])
            for name, value in {"Content-Length": "0", **answer[1]}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_address[1]}/enquiries"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ending.set()
        server.shutdown()
        thread.join()
        server.server_close()
