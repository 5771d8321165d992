"""Days of samples are written relative to today (`today + 300`), so that the demo never lapses."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Dict, Mapping

from bot.handoff.provider_reading.entries import Cell

_RELATIVE = re.compile(r"today(?: ([+-]) (\d{1,4}))?")


def with_days(cells: Mapping[str, Cell], today: date) -> Dict[str, Cell]:
    """Returns the cells of an entry with relative days made absolute; only a sample may have any."""
    if str(cells.get("sample", "")).strip().lower() not in ("yes", "true"):
        return dict(cells)
    return {field: _absolute(cell, today) for field, cell in cells.items()}


def _absolute(cell: Cell, today: date) -> Cell:
    found = _RELATIVE.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return cell
    days = timedelta(days=int(found[2] or 0))
    return str(today - days if found[1] == "-" else today + days)
