"""What keeps the server from starting is said in one line that names the setting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT, surroundings

KEYS = {"secret_key": "x" * 32, "encryption_keys": "m0pjn4yXQbK0rLhXjR0sHb0mWJ5oVQz0q9w5e2Xz1aQ="}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"environment": "production", "encryption_keys": "", "secret_key": "x" * 32}, "ENCRYPTION_KEYS: must be set"),
        ({"environment": "production", **KEYS, "secret_key": ""}, "SECRET_KEY: must be set"),
        ({"encryption_keys": "not a key"}, "ENCRYPTION_KEYS: key 1"),
        ({"migrate_at_start": "false"}, "MIGRATE_AT_START is false and the database is behind"),
        ({"smtp_host": "127.0.0.1", "staff_email": ""}, "STAFF_EMAIL: must be set"),
    ],
)
def test_the_start_is_refused(settings: dict[str, str], named: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        cwd=ROOT,
        env=surroundings(tmp_path, port=1, **settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(named)
    assert "not a key" not in done.stderr
