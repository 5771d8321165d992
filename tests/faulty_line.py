"""A proxy before PostgreSQL that goes wrong as networks and proxies do: at the statement that a test names, once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import List, Literal, NamedTuple, Optional

from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import URL

from bot.settings import Settings
from bot.storage.database import make_engine

How = Literal["cut_before", "cut_within", "cut_after", "away", "late", "silent"]
CUTS: List[How] = ["cut_before", "cut_within", "cut_after"]
DONE = b"Z\x00\x00\x00\x05"
"""Begins PostgreSQL's last message in answer to a statement."""
PATIENCE = 20.0


class Fault(NamedTuple):
    """What goes wrong, the next time that a statement comes."""

    how: How
    """The connection is cut before the statement reaches PostgreSQL, in its middle, or when it was done and before that is
    told, perhaps with nobody let in from then on; or the statement arrives late, or its answer does: both when the test lets
    them through."""
    statement: str
    """Words of it."""
    after: str = ""
    """Words of the one before it on the same connection."""


class FaultyLine:
    """Listens on a port of this machine, and passes on to PostgreSQL's socket."""

    def __init__(self, to: URL) -> None:
        self._to = to
        self._path = f"{to.query['host']}/.s.PGSQL.{to.port or 5432}"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: List[_Connection] = []
        self._faults: List[Fault] = []
        self._lock = threading.Lock()
        self.refuses = False
        """Closes whatever connects."""
        self.let_through = threading.Event()
        """Ends what is late or silent."""
        self.happened = threading.Event()
        """A fault has come to pass."""
        threading.Thread(target=self._accept, daemon=True).start()

    def engine(self, configured: Optional[Settings] = None) -> Engine:
        """Returns an engine that talks through this line."""
        own = self._to.set(host="127.0.0.1", port=self._listening.getsockname()[1], query={"sslmode": "disable"})
        return make_engine(own.render_as_string(hide_password=False), configured)

    def goes_wrong(self, *faults: Fault) -> None:
        """Arms faults, each for one time."""
        self.let_through.clear()
        self.happened.clear()
        with self._lock:
            self._faults = list(faults)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Cuts every connection, and lets nobody in until the block ends."""
        self.refuses = True
        self.cut()
        try:
            yield
        finally:
            self.refuses = False

    def cut(self) -> None:
        """Cuts every connection."""
        for connection in self._connections:
            connection.cut()

    def close(self) -> None:
        """Ends."""
        self.refuses = True
        self.let_through.set()
        self._listening.close()
        self.cut()

    def fault_at(self, statement: str, before: str) -> Optional[Fault]:
        """Takes the armed fault that a statement meets, if there is one."""
        with self._lock:
            for fault in self._faults:
                if fault.statement in statement and fault.after in before:
                    self._faults.remove(fault)
                    return fault
        return None

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listening.accept()
                if self.refuses:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(self._path)
                except OSError:  # it restarts
                    client.close()
                    server.close()
                    continue
                self._connections.append(_Connection(self, client, server))


class _Connection:
    def __init__(self, line: FaultyLine, client: socket.socket, server: socket.socket) -> None:
        self._line, self._client, self._server = line, client, server
        self._swallows = self._silent = False
        for work in (self._to_server, self._to_client):
            threading.Thread(target=self._until_cut, args=(work,), daemon=True).start()

    def cut(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _until_cut(self, work: object) -> None:
        with suppress(OSError, EOFError):
            work()  # type: ignore[operator]
        self.cut()

    def _to_server(self) -> None:
        self._server.sendall(self._message(b""))  # who connects says so without a letter before the length
        before = statement = ""
        while True:
            message = self._message(self._bytes(1))
            if message[:1] == b"Q":
                before, statement = statement, message[5:-1].decode()
                fault = self._line.fault_at(statement, before)
                if fault is not None:
                    self._go_wrong(fault.how, message)
                    continue
            self._server.sendall(message)

    def _go_wrong(self, how: How, message: bytes) -> None:
        self._line.happened.set()
        if how == "cut_before":
            self.cut()
        elif how == "cut_within":
            self._server.sendall(message[: len(message) // 2])
            self.cut()
        elif how == "late":
            assert self._line.let_through.wait(PATIENCE)
            self._server.sendall(message)
        else:
            self._line.refuses = how == "away"
            self._swallows, self._silent = how in ("cut_after", "away"), how == "silent"
            self._server.sendall(message)

    def _to_client(self) -> None:
        while chunk := self._server.recv(65536):
            if self._silent:
                assert self._line.let_through.wait(PATIENCE)
                self._silent = False
            if not self._swallows:
                self._client.sendall(chunk)
            elif chunk[-6:-1] == DONE:
                return

    def _message(self, letter: bytes) -> bytes:
        length = self._bytes(4)
        return letter + length + self._bytes(int.from_bytes(length, "big") - len(length))

    def _bytes(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            chunk = self._client.recv(count - len(found))
            if not chunk:
                raise EOFError
            found += chunk
        return found
