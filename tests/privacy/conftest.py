"""A database of each kind, with the schema in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from sqlalchemy.engine import Engine

from bot.storage.database import migrate


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


@pytest.fixture
def file_database(tmp_path: Path) -> Iterator[Engine]:
    """An SQLite file, for tests that look into it."""
    with empty_database("sqlite", tmp_path) as made:
        migrate(made)
        yield made
