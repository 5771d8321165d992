"""Entries of a CSV file: a header line, then one provider a record; quoted cells may hold commas and line ends."""

from __future__ import annotations

import csv
import io
from typing import Iterator, List, Sequence, Tuple

from bot.handoff.provider_reading.entries import Entry, Problem, Unreadable
from bot.handoff.provider_reading.fields import COLUMNS, REQUIRED

ABSENT = "this column is missing"
LONGEST_NAME = 40


def csv_entries(text: str) -> Tuple[List[Entry], List[Problem]]:
    """Returns the entries of a file, and what is wrong with its header and its records.

    Raises:
        Unreadable: the quoting is broken, or something other than commas separates the columns.
    """
    records = _records(text)
    line, header = next(records, (1, []))
    names = [cell.strip() for cell in header]
    if any(";" in name or "\t" in name for name in names):
        raise Unreadable(line, "the columns should be separated by commas")
    problems = list(_header_problems(line, names)) if names else []
    entries = []
    for line, record in records:
        if len(record) == len(names):
            entries.append(Entry(line, {name: cell for name, cell in zip(names, record) if name in COLUMNS}, {}))
        else:
            problems.append(Problem(line, "", f"has {len(record)} cells, but the header has {len(names)}"))
    return entries, problems


def _records(text: str) -> Iterator[Tuple[int, List[str]]]:
    """Yields the records that are not empty, each with the line that it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(start, f"is not CSV: {error}") from error


def _header_problems(line: int, names: Sequence[str]) -> Iterator[Problem]:
    for name in dict.fromkeys(names):
        if not name:
            yield Problem(line, "", "a column has no name")
        elif name not in COLUMNS:
            yield Problem(line, name[:LONGEST_NAME], "is not a column that is known; docs/providers.md lists them")
        elif names.count(name) > 1:
            yield Problem(line, name, "is the name of several columns")
    for name in REQUIRED:
        if name not in names:
            yield Problem(line, name, ABSENT)
