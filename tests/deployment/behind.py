"""What stands behind the proxy in its own tests: servers that show what has reached them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, NamedTuple

OWN_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Request-ID": "the-assistant's",
    "Retry-After": "7",
}
"""What it says itself under /enquiries/."""


class Arrived(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: Dict[str, str]
    """Their names in small letters."""
    size: int


class Behind:
    """A running server."""

    def __init__(self) -> None:
        self.arrived: List[Arrived] = []
        self.cuts = False
        """It hangs up instead of answering."""
        self.ends = False
        """It says that it has taken nothing."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Lets go of the port."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        behind = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                behind.arrived.append(Arrived(self.command, self.path, headers, len(body)))
                if behind.cuts:
                    self.close_connection = True
                    return
                self._answer()

            do_POST = do_HEAD = do_OPTIONS = do_PUT = do_DELETE = do_GET

            def _answer(self) -> None:
                enquiry = self.path.startswith("/enquiries/")
                body = json.dumps({"path": self.path, "padding": "x" * 2000}).encode("ascii")
                self.send_response(503 if enquiry or behind.ends else 200)
                for name, value in (OWN_HEADERS if enquiry else {}).items():
                    self.send_header(name, value)
                kind = "text/javascript; charset=utf-8" if self.path.endswith(".js") else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("ETag", '"strong"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                """Says nothing."""

        return Handler


@contextmanager
def behind() -> Iterator[Behind]:
    """Runs a server until the block ends."""
    running = Behind()
    try:
        yield running
    finally:
        running.stop()
