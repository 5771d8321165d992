"""Secrets that nobody configured: made once, kept in a file that only this user can read."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from typing import Callable, Optional

SHORTEST_KEY = 32
"""Characters of a secret."""


def kept_secret(path: Path, make: Callable[[], str], shortest: int = 1) -> str:
    """Returns what a file holds, and makes it the first time; of two processes that start together both get the same.

    Args:
        path: the file; its folder is made.
        make: makes a secret, in ASCII.
        shortest: how many characters the file must hold at least, or it is written anew.

    Raises:
        OSError: the file cannot be read or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
        kept = file.read().strip()
        if len(kept) >= shortest:
            return kept
        made = make()
        file.seek(0)
        file.truncate()
        file.write(made)
    return made


def secret_key(configured: Optional[str], folder: Path) -> str:
    """Returns the configured secret, or one that is made once and kept in the data folder.

    Args:
        configured: SECRET_KEY, shared by all replicas.
        folder: where the made one is kept.

    Raises:
        OSError: see `kept_secret`.
    """
    return configured or kept_secret(folder / "secret_key", lambda: secrets.token_hex(32), SHORTEST_KEY)
