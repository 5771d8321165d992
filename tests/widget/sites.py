"""A clinic's website of its own origin, which embeds the widget under a strict content security policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PAGE = """<!DOCTYPE html><html lang="{language}" dir="{direction}"><head><title>A clinic</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main><h1>A clinic</h1><p><a href="#more">A link</a></p></main>
<script src="{assistant}/widget.js" async {attributes}></script>
<noscript><p>Call the clinic: <a href="tel:780-555-0100">780-555-0100</a></p></noscript></body></html>"""
POLICY = (
    "default-src 'none'; script-src {assistant}; connect-src {assistant} {sockets}; img-src data:; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
)
"""What docs/website.md tells a clinic to add, on top of nothing at all."""


class Site:
    """A running website."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.assistant = ""
        self.attributes = ""
        self.language = "en"
        self.direction = "ltr"

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def page(self) -> bytes:
        return PAGE.format(**vars(self)).encode("utf-8")

    def policy(self) -> str:
        return POLICY.format(assistant=self.assistant, sockets=f"ws://{urlsplit(self.assistant).netloc}")


@contextmanager
def site() -> Iterator[Site]:
    """Serves the website on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = running.page()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", running.policy())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield running
    server.shutdown()
    server.server_close()
