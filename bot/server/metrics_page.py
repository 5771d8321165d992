"""The page that Prometheus reads: GET /metrics on a port of its own, to which no proxy in front of the assistant leads."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Iterator

import structlog
from prometheus_client import CollectorRegistry, MetricsHandler

from bot.errors import AssistantError
from bot.server.metrics import REGISTRY
from bot.server.metrics_records import RecordsCollector
from bot.settings import Settings
from bot.storage.database import engine

log = structlog.get_logger(__name__)

PATH = "/metrics"


class MetricsNotServed(AssistantError):
    """The page cannot be offered; the message names the setting."""


class _Handler(MetricsHandler):
    registry = REGISTRY
    timeout = 10
    """Seconds that a client may be silent."""

    def do_GET(self) -> None:
        """Answers the one page."""
        if self.path.split("?")[0] == PATH:
            super().do_GET()
        else:
            self.send_error(404)

    def version_string(self) -> str:
        """Names no versions."""
        return "assistant"


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is not worth a stack trace."""
        log.warning("metrics.not_sent", error=type(sys.exc_info()[1]).__name__)


@contextmanager
def serving_metrics(settings: Settings, registry: CollectorRegistry = REGISTRY) -> Iterator[None]:
    """Offers the metrics while something runs; does nothing without METRICS_PORT.

    Raises:
        MetricsNotServed: the port is taken, or the address is not of this machine.
    """
    if settings.metrics_port is None:
        yield
        return
    try:
        listener = _Listener((settings.metrics_host, settings.metrics_port), _Handler.factory(registry))
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        raise MetricsNotServed(f"METRICS_HOST, METRICS_PORT: {where} cannot be listened on ({error.strerror}).") from error
    records = RecordsCollector(engine())
    registry.register(records)
    Thread(target=listener.serve_forever, name="metrics", daemon=True).start()
    log.info("metrics.ready", address=f"http://{settings.metrics_host}:{settings.metrics_port}{PATH}")
    try:
        yield
    finally:
        registry.unregister(records)
        listener.shutdown()
        listener.server_close()
