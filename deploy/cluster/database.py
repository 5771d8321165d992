"""PostgreSQL for the cluster: the programs are those of the package pgserver; it listens on loopback, with a password."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Optional

from bot.errors import AssistantError
from deploy.cluster.part import Program, as_user

USER, DATABASE = "assistant", "postgres"
UNPRIVILEGED = "nobody"
"""Whom it runs as when root starts the cluster: PostgreSQL refuses root."""
INITDB_LIMIT = 60.0
"""Seconds."""


class NoDatabase(AssistantError):
    """PostgreSQL is not installed, or cannot be set up; the message says which."""


class Database:
    """A server's folder, and what belongs to it."""

    def __init__(self, folder: Path, password: str, port: int) -> None:
        """Takes the folder of its files, which is made, and the password and port that it has."""
        self._folder = folder
        self._data = folder / "data"
        self._password = password
        self._port = port
        self._user: Optional[str] = UNPRIVILEGED if os.geteuid() == 0 else None

    @property
    def address(self) -> str:
        """For DATABASE_URL."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self._port}/{DATABASE}"

    def make(self) -> None:
        """Makes an empty database, unless there is one.

        Raises:
            NoDatabase: the programs are not there, or the folder cannot be used.
        """
        if (self._data / "PG_VERSION").is_file():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = self._folder / "password"
        password.write_text(self._password, encoding="ascii")
        password.chmod(0o600)
        if self._user:
            for path in (self._folder, password):
                shutil.chown(path, self._user)
        command = [str(program("initdb")), "--auth=scram-sha-256", f"--pwfile={password}", f"--username={USER}"]
        command += ["--encoding=UTF8", "--locale=C", f"--pgdata={self._data}"]
        try:
            done = subprocess.run(
                command, cwd="/", capture_output=True, text=True, timeout=INITDB_LIMIT, check=False, **as_user(self._user)
            )
        finally:
            password.unlink()
        if done.returncode:
            raise NoDatabase(f"PostgreSQL cannot make {self._data}: {done.stderr.strip()}")
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n")

    def server(self) -> Program:
        """Returns the server, to be started."""
        command = [str(program("postgres")), "-D", str(self._data), "-p", str(self._port)]
        return Program(command, dict(os.environ), self._takes_connections, signal.SIGINT, self._user)

    def _takes_connections(self) -> bool:
        asked = [str(program("pg_isready")), "--quiet", "--host=127.0.0.1", f"--port={self._port}"]
        return subprocess.run(asked, timeout=INITDB_LIMIT, check=False).returncode == 0


def program(name: str) -> Path:
    """Returns a program of PostgreSQL: postgres, initdb, pg_dump…

    Raises:
        NoDatabase: the package pgserver is not installed.
    """
    package = find_spec("pgserver")
    if package is None or package.origin is None:
        raise NoDatabase("PostgreSQL is needed: `make .venv/installed-dev` installs it (package pgserver).")
    return Path(package.origin).parent / "pginstall" / "bin" / name
