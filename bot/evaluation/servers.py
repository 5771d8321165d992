"""The servers that are measured: the assistant's own, and stock Rasa with its action server."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Tuple

import yaml
from sqlalchemy.engine.url import make_url

from bot.evaluation.processes import Running, free_port, server_process
from bot.settings import ROOT


def environment(folder: Path) -> Dict[str, str]:
    """Returns the environment of a measured process: what it writes goes to a folder of the benchmark."""
    records = folder / "var"
    own = {"DATA_FOLDER": str(records), "DATABASE_URL": f"sqlite:///{records / 'assistant.db'}", "LOG_LEVEL": "WARNING"}
    return {**os.environ, **own, "PYTHONPATH": str(ROOT)}


@contextmanager
def own_server(folder: Path, **own: str) -> Iterator[Running]:
    """Runs `python -m bot serve` until the block ends.

    Args:
        folder: for its records and its log.
        own: settings that differ from those of `environment`, named as there.

    Raises:
        ServerFailed: it did not start.
    """
    port = free_port()
    settings = {**environment(folder), "PORT": str(port), "HOST": "127.0.0.1", **own}
    address = f"http://127.0.0.1:{port}"
    with server_process(["-m", "bot", "serve"], settings, f"{address}/webhooks/rest/", folder / "serve.log") as (
        process,
        seconds,
    ):
        yield Running(address, (process,), seconds)


@contextmanager
def stock_actions(folder: Path) -> Iterator[Running]:
    """Runs the custom actions as stock Rasa does, in a server of their own, until the block ends.

    Raises:
        ServerFailed: it did not start.
    """
    port = free_port()
    arguments = ["-m", "rasa", "run", "actions", "--actions", "actions", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with server_process(arguments, environment(folder), f"{address}/health", folder / "actions.log") as (process, seconds):
        yield Running(f"{address}/webhook", (process,), seconds)


@contextmanager
def stock_server(folder: Path, archive: Path, actions: Running, database: Optional[str] = None) -> Iterator[Running]:
    """Runs `rasa run` with its REST channel until the block ends.

    Args:
        folder: for its configuration and its log.
        archive: the stock model.
        actions: the action server, which counts as a part of it.
        database: address of the one that its SQL tracker store uses; conversations are in memory, Rasa's default, without.

    Raises:
        ServerFailed: it did not start.
    """
    port = free_port()
    endpoints, credentials = write_stock_files(folder, actions.address, database)
    arguments = ["-m", "rasa", "run", "--model", str(archive), "--port", str(port), "--interface", "127.0.0.1"]
    arguments += ["--endpoints", str(endpoints), "--credentials", str(credentials)]
    address = f"http://127.0.0.1:{port}"
    with server_process(arguments, environment(folder), f"{address}/webhooks/rest/", folder / "run.log") as (
        process,
        seconds,
    ):
        yield Running(address, (process, *actions.processes), max(seconds, actions.start_seconds))


def write_stock_files(folder: Path, actions_address: str, database: Optional[str] = None) -> Tuple[Path, Path]:
    """Writes endpoints.yml and credentials.yml of the stock server; the words are filled in as in the assistant.

    Args:
        folder: where they are written.
        actions_address: of the action server.
        database: of the SQL tracker store, if there is to be one.
    """
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    content: Dict[str, Any] = {
        "action_endpoint": {"url": actions_address},
        "nlg": {"type": "bot.server.responses.ClinicResponses"},
    }
    if database:
        content["tracker_store"] = _sql_tracker_store(database)
    endpoints.write_text(yaml.safe_dump(content), encoding="utf-8")
    credentials.write_text("rest:\n", encoding="utf-8")
    return endpoints, credentials


def _sql_tracker_store(database: str) -> Dict[str, Any]:
    """Returns the entry of endpoints.yml, in which Rasa wants an address in parts."""
    url = make_url(database)
    parts = {"url": url.host, "port": url.port, "db": url.database, "username": url.username, "password": url.password}
    store: Dict[str, Any] = {"type": "SQL", "dialect": url.drivername, "query": dict(url.query)}
    return {**store, **{name: part for name, part in parts.items() if part}}
