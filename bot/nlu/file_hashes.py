"""Are the encoder's files the expected ones?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from rasa.shared.exceptions import RasaException

NOTE = "sha256.txt"


class EncoderFileError(RasaException):
    """A file of the encoder is missing or is not the one that is expected."""


def unreadable(path: Path, error: OSError) -> EncoderFileError:
    """Returns what to raise when a file cannot be read."""
    return EncoderFileError(f"The encoder's file {path} cannot be read: {error.strerror}.")


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file as hex digits.

    Raises:
        EncoderFileError: the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def check_hash(path: Path, expected: str) -> None:
    """Makes sure that a file is the expected one.

    Raises:
        EncoderFileError: it is missing or differs.
    """
    found = sha256_of(path)
    if found != expected:
        raise EncoderFileError(
            f"{path} is not the file that is expected: its sha256 is {found}, expected {expected}. "
            "Restore the file, or run 'make train'."
        )


def note_hashes(folder: Path) -> None:
    """Notes the hashes of all files of a folder, in the format of `sha256sum`."""
    lines = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / NOTE).write_text("".join(lines), encoding="ascii")


def check_hashes(folder: Path) -> None:
    """Makes sure that a folder holds what was noted.

    Raises:
        EncoderFileError: a file is missing or differs.
    """
    for line in (folder / NOTE).read_text(encoding="ascii").splitlines():
        expected, name = line.split()
        check_hash(folder / name, expected)
