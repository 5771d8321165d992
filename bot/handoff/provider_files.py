"""Reads a provider file, CSV or YAML: rows that are right, or every mistake with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

from bot.errors import AssistantError
from bot.handoff.provider_reading.csv_file import ABSENT, csv_entries
from bot.handoff.provider_reading.entries import Entry, Problem, Unreadable
from bot.handoff.provider_reading.fields import ProviderRow
from bot.handoff.provider_reading.relative_days import with_days
from bot.handoff.provider_reading.rows import check_row
from bot.handoff.provider_reading.yaml_file import yaml_entries

MOST_BYTES = 2_000_000
LONGEST_LINE = 300
READERS = {".csv": csv_entries, ".yml": yaml_entries, ".yaml": yaml_entries}


class ReadRow(NamedTuple):
    """One provider that is right in itself."""

    entry: Entry
    row: ProviderRow


class ProviderFileError(AssistantError):
    """A file cannot be imported; the message has one line a mistake: file, line, field, what is wrong."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        lines = [f"{path.name}:{line}: {field + ': ' if field else ''}{text}" for line, field, text in self.problems]
        count = "one thing" if len(lines) == 1 else f"{len(lines)} things"
        super().__init__("\n".join([*map(_printable, lines), f"Nothing was imported: {count} to mend."]))


def read_rows(path: Path, today: date, environment: str) -> Tuple[List[ReadRow], List[Problem]]:
    """Reads a file.

    Args:
        path: ends in .csv, .yml or .yaml.
        today: for days that cannot be yet to come, and the relative days of samples.
        environment: demo or production.

    Returns:
        The entries that are right, and all that is wrong with the others.

    Raises:
        ProviderFileError: the file as a whole cannot be read.
    """
    entries, problems = _entries(path)
    absent = {problem.field for problem in problems if problem.message == ABSENT}
    told = {(problem.line, problem.field) for problem in problems}
    rows = []
    for entry in entries:
        row, flaws = check_row(with_days(entry.cells, today), today, environment)
        if row is not None:
            rows.append(ReadRow(entry, row))
        found = [Problem(entry.at(field), field, message) for field, message in flaws if field not in absent]
        problems += [problem for problem in found if (problem.line, problem.field) not in told]
    return rows, [*problems, *_twice(entries)]


def _entries(path: Path) -> Tuple[List[Entry], List[Problem]]:
    try:
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            raise Unreadable(1, "the name of the file should end in .csv, .yml or .yaml")
        entries, problems = reader(_text(path))
        if not entries and not problems:
            raise Unreadable(1, "the file names no provider")
    except Unreadable as error:
        raise ProviderFileError(path, [Problem(error.line, "", str(error))]) from error
    return entries, problems


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(1, f"the file cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise Unreadable(1, f"the file is larger than {MOST_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(line, "is not UTF-8 text; in Excel, save as 'CSV UTF-8'") from error


def _twice(entries: Sequence[Entry]) -> Iterator[Problem]:
    first: Dict[str, int] = {}
    for entry in entries:
        key = str(entry.cells.get("key", "")).strip().lower()
        if key in first:
            yield Problem(entry.at("key"), "key", f"'{key}' stands already in line {first[key]}")
        elif key:
            first[key] = entry.at("key")


def _printable(line: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in line)[:LONGEST_LINE]
