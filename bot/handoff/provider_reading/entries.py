"""What both formats of a provider file come down to: entries and problems that know their lines."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Union

Cell = Union[str, List[str]]


class Problem(NamedTuple):
    """Something wrong in a file."""

    line: int
    field: str
    """Empty for the row or the file as a whole."""
    message: str


class Entry(NamedTuple):
    """One provider as it stands in a file."""

    line: int
    cells: Dict[str, Cell]
    lines: Dict[str, int]
    """Of each field, where they differ from that of the entry."""

    def at(self, field: str) -> int:
        """Returns the line of a field, or that of the entry if the entry does not have it."""
        return self.lines.get(field, self.line)


class Unreadable(Exception):
    """A file as a whole cannot be read; says where and why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
