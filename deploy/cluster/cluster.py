"""PostgreSQL, the migration, two assistants, a worker and the proxy, started in this order and stopped in the other."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple

import structlog

from bot.errors import AssistantError
from bot.evaluation.processes import answers, free_port
from bot.settings import ROOT
from deploy.cluster.database import Database
from deploy.cluster.part import Part, Program, listens
from deploy.cluster.proxy import proxy

log = structlog.get_logger(__name__)

NAME = "127.0.0.1"
ASSISTANTS = 2
READY = "/health/ready"
MIGRATION = ["-m", "bot", "database", "upgrade"]
STEP_LIMIT = 120.0
"""Seconds that the migration may take."""
WORKER_READY = "worker.ready"


class ClusterFailed(AssistantError):
    """Something that the cluster needs is missing or failed; the message says what."""


class Cluster(NamedTuple):
    """What is running."""

    address: str
    certificate: Path
    folder: Path
    database: Part
    assistants: List[Part]
    worker: Part
    proxy: Part

    def start_again(self) -> None:
        """Starts whatever has ended by itself, as docker compose and Kubernetes do."""
        for part in (self.database, *self.assistants, self.worker, self.proxy):
            code = part.ended()
            if code is not None:
                log.warning("part.ended", part=part.name, code=code, log=str(part.log))
                part.start()


@contextmanager
def running_cluster(folder: Path, port: int) -> Iterator[Cluster]:
    """Runs the cluster until the block ends.

    Args:
        folder: for the database, the keys, the logs and the mail; what is there already is used.
        port: of the proxy.

    Raises:
        ClusterFailed: the port is taken, or the migration fails.
        NoDatabase: PostgreSQL is not installed, or cannot make its files.
        NoProxy: nginx is not installed.
        PartFailed: a process does not start.
    """
    if listens(port):
        raise ClusterFailed(f"Something listens on port {port} of this machine already; name another with --port.")
    secrets, logs = folder / "secrets", folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    _run("set-up", [str(ROOT / "deploy" / "set-up"), NAME, str(secrets)], dict(os.environ), logs)
    password = (secrets / "database_password").read_text(encoding="ascii").strip()
    postgres = Database(folder / "postgresql", password, free_port())
    postgres.make()
    environment = _environment(folder, postgres.address, port)
    ports = [free_port() for _ in range(ASSISTANTS)]
    cluster = Cluster(
        f"https://{NAME}:{port}",
        secrets / "tls_certificate",
        folder,
        Part("database", postgres.server(), logs),
        [Part(f"assistant-{number}", _assistant(own, environment), logs) for number, own in enumerate(ports, start=1)],
        Part("worker", _worker(environment, logs), logs),
        Part("proxy", proxy(folder / "proxy", secrets, port, ports), logs),
    )
    with ExitStack() as stack:
        _start([cluster.database], stack)
        _run("migration", [sys.executable, *MIGRATION], environment, logs)
        for parts in (cluster.assistants, [cluster.worker], [cluster.proxy]):
            _start(parts, stack)
        yield cluster


def _environment(folder: Path, database: str, port: int) -> Dict[str, str]:
    """Returns the environment that the assistants and the worker share; secrets are in files, as in containers."""
    address = folder / "secrets" / "cluster_database_url"
    address.write_text(database, encoding="utf-8")
    settings = {
        "ENVIRONMENT": "demo",
        "HOST": "127.0.0.1",
        "DATA_FOLDER": str(folder / "data"),
        "DATABASE_URL": "",
        "DATABASE_URL_FILE": str(address),
        "SECRET_KEY": "",
        "SECRET_KEY_FILE": str(folder / "secrets" / "secret_key"),
        "ENCRYPTION_KEYS": "",
        "ENCRYPTION_KEYS_FILE": str(folder / "secrets" / "encryption_keys"),
        "MIGRATE_AT_START": "false",
        "WORKER_IN_SERVER": "false",
        "PUBLIC_URL": f"https://{NAME}:{port}",
        "SMTP_HOST": "",
        "MAIL_FOLDER": "",
    }
    return {**os.environ, **settings}


def _run(name: str, command: List[str], environment: Dict[str, str], logs: Path) -> None:
    path = logs / f"{name}.log"
    try:
        with path.open("ab") as output:
            subprocess.run(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, timeout=STEP_LIMIT, check=True
            )
    except subprocess.SubprocessError as error:
        raise ClusterFailed(f"The {name} failed; see {path}.") from error


def _assistant(port: int, environment: Dict[str, str]) -> Program:
    command = [sys.executable, "-m", "bot", "serve", "--no-train"]
    return Program(command, {**environment, "PORT": str(port)}, lambda: answers(f"http://127.0.0.1:{port}{READY}"))


def _worker(environment: Dict[str, str], logs: Path) -> Program:
    path = logs / "worker.log"
    path.write_bytes(b"")  # what an earlier one has said does not count
    command = [sys.executable, "-m", "bot", "worker"]
    return Program(command, environment, lambda: WORKER_READY in path.read_text(encoding="utf-8"))


def _start(parts: List[Part], stack: ExitStack) -> None:
    for part in parts:
        part.start()
        stack.callback(part.stop)
    for part in parts:
        part.wait_until_ready()
