"""Backup and restore for real: a PostgreSQL server, its own tools, and rows that come back."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Dict, List, NamedTuple

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url

from bot.evaluation.processes import free_port
from bot.privacy.encryption import vault
from bot.settings import ROOT
from bot.storage.database import make_engine, migrate, transaction
from bot.storage.models import Conversation, OpenQuestion
from deploy.cluster.database import Database, program
from deploy.cluster.part import Part

PASSWORD = "a-password"


class Place(NamedTuple):
    """A database server, and how its tools reach it."""

    address: str
    environment: Dict[str, str]

    def script(self, name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Runs deploy/backup or deploy/restore."""
        command = [str(ROOT / "deploy" / name), *map(str, arguments)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False)

    def databases(self) -> List[str]:
        """Their names."""
        with self.server().connect() as connection:
            return sorted(connection.execute(text("SELECT datname FROM pg_database WHERE NOT datistemplate")).scalars())

    def server(self) -> Engine:
        """The server itself, apart from the assistant's database."""
        address = make_url(self.address).set(database="postgres")
        return create_engine(address, isolation_level="AUTOCOMMIT", future=True)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="assistant-backup-"))
    folder.chmod(0o711)
    port = free_port()
    database = Database(folder / "postgresql", PASSWORD, port)
    database.make()
    server = Part("database", database.server(), folder)
    server.start()
    tools = {"PATH": f"{program('psql').parent}:{os.environ['PATH']}", "IN_DATABASE": ""}
    reached = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGPASSWORD": PASSWORD}
    try:
        server.wait_until_ready()
        yield Place(database.address, {**os.environ, **tools, **reached})
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def filled(place: Place) -> Iterator[Engine]:
    """The assistant's database with one question and one sealed conversation."""
    with place.server().connect() as connection:
        for name in set(place.databases()) - {"postgres"}:
            connection.execute(text(f"DROP DATABASE {name}"))
        connection.execute(text("CREATE DATABASE assistant"))
    engine = make_engine(str(make_url(place.address).set(database="assistant").render_as_string(hide_password=False)))
    migrate(engine)
    with transaction(engine) as session:
        session.add(OpenQuestion(text="kept", reason="passed_on", times=1))
        sealed = vault().seal("what was said")
        session.add(Conversation(mark="m" * 64, version=7, used_at=datetime(2026, 1, 2), content_sealed=sealed))
    engine.dispose()
    yield engine
    engine.dispose()


def questions(engine: Engine) -> List[str]:
    with transaction(engine) as session:
        found = sorted(session.execute(select(OpenQuestion.text)).scalars())
    engine.dispose()
    return found


def test_what_was_backed_up_comes_back_whole(place: Place, filled: Engine, tmp_path: Path) -> None:
    made = place.script("backup", tmp_path / "some" / "one.dump")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "some" / "one.dump").stat().st_mode & 0o077 == 0
    with transaction(filled) as session:
        session.add(OpenQuestion(text="asked later", reason="passed_on", times=1))
        session.execute(text("DELETE FROM conversations"))
    filled.dispose()
    restored = place.script("restore", tmp_path / "some" / "one.dump")
    assert restored.returncode == 0, restored.stderr
    assert questions(filled) == ["kept"]
    with transaction(filled) as session:
        kept = session.execute(select(Conversation)).scalar_one()
        assert (kept.version, vault().open(kept.content_sealed)) == (7, "what was said")
        session.add(OpenQuestion(text="numbers go on", reason="passed_on", times=1))
    migrate(filled)
    (before,) = (name for name in place.databases() if name.startswith("assistant_until_"))
    assert before in restored.stdout


def test_a_database_in_use_is_not_replaced(place: Place, filled: Engine, tmp_path: Path) -> None:
    place.script("backup", tmp_path / "one.dump")
    with filled.connect():
        refused = place.script("restore", tmp_path / "one.dump")
    assert refused.returncode == 2
    assert "stop the assistants and workers first" in refused.stderr
    assert place.databases() == ["assistant", "postgres"]


def test_a_file_that_is_no_backup_changes_nothing(place: Place, filled: Engine, tmp_path: Path) -> None:
    (tmp_path / "broken.dump").write_bytes(b"PGDMP but no more")
    refused = place.script("restore", tmp_path / "broken.dump")
    assert refused.returncode == 1
    assert "the database is as it was" in refused.stderr
    assert place.databases() == ["assistant", "postgres"]
    assert questions(filled) == ["kept"]


def test_a_backup_that_fails_leaves_no_file_that_looks_like_one(place: Place, filled: Engine, tmp_path: Path) -> None:
    broken = place._replace(environment={**place.environment, "PGPASSWORD": "wrong"})
    assert broken.script("backup", tmp_path / "one.dump").returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_a_backup_does_not_replace_an_earlier_one(place: Place, filled: Engine, tmp_path: Path) -> None:
    (tmp_path / "one.dump").write_text("an earlier one", encoding="ascii")
    refused = place.script("backup", tmp_path / "one.dump")
    assert refused.returncode == 2
    assert (tmp_path / "one.dump").read_text(encoding="ascii") == "an earlier one"


def test_both_say_how_they_are_used(place: Place, tmp_path: Path) -> None:
    assert "usage" in place.script("restore").stderr
    assert place.script("restore", tmp_path / "nowhere.dump").returncode == 2
