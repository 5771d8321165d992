"""Checks a whole row of a provider file, and says in plain words everything that is wrong with it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from pydantic import validate_model

from bot.handoff.provider_reading.fields import ProviderRow

YEARS_AHEAD = 6
_SAMPLE_DOMAIN = re.compile(r"[@/.]example\.(?:com|net|org)\b")


class Flaw(NamedTuple):
    """What is wrong with one field of a row."""

    field: str
    message: str


def check_row(cells: Mapping[str, Any], today: date, environment: str) -> Tuple[Optional[ProviderRow], List[Flaw]]:
    """Reads one row.

    Args:
        cells: text, or lists of text, by the name of the column.
        today: for days that cannot be yet to come, or lie too far ahead.
        environment: demo or production.

    Returns:
        The row and no flaws, or None and all that is wrong with it.
    """
    values, _, error = validate_model(ProviderRow, dict(cells))
    flaws = [Flaw(str(item["loc"][0]), _said(item)) for item in error.errors()] if error else []
    flaws += [*_days(values, today), *_together(values, environment)]
    return (None, flaws) if flaws else (ProviderRow(**cells), [])


def _days(values: Mapping[str, Any], today: date) -> Iterator[Flaw]:
    too_far = today.replace(year=today.year + YEARS_AHEAD, day=1)
    for field in ("training_date", "consented_on", "verified_on"):
        if values.get(field) and values[field] > today:
            yield Flaw(field, "is yet to come")
    for field in ("permit_expires", "insurance_expires", "next_check_due"):
        if values.get(field) and values[field] > too_far:
            yield Flaw(field, "lies many years ahead: a slip?")


def _together(values: Mapping[str, Any], environment: str) -> List[Flaw]:
    """Returns what only several fields, or a field and the environment, can tell; wrong fields are not in the values."""
    production = environment != "demo"
    sample, address = values.get("sample"), values.get("address", "")
    given = {field: bool(values[field]) for field in ("verified_on", "verified_by", "next_check_due") if field in values}
    rules = (
        (given.get("verified_on") and given.get("verified_by") is False, "verified_by", "is empty, but verified_on is not"),
        (given.get("verified_by") and given.get("verified_on") is False, "verified_on", "is empty, but verified_by is not"),
        (given.get("next_check_due") and given.get("verified_on") is False, "verified_on", "is needed for next_check_due"),
        (sample and production, "sample", "is for the demo only: ENVIRONMENT=production takes no samples"),
        (sample is False and _invented(values), "sample", "should be yes: this looks like an invented entry"),
        (production and address.startswith("http:"), "address", "must begin with https:// in production"),
    )
    return [Flaw(field, message) for wrong, field, message in rules if wrong]


def _invented(values: Mapping[str, Any]) -> bool:
    named = any(re.search(r"\bsample", values.get(field, ""), re.IGNORECASE) for field in ("key", "legal_name"))
    return named or bool(_SAMPLE_DOMAIN.search(values.get("address", "").lower()))


def _said(item: Mapping[str, Any]) -> str:
    context = item.get("ctx", {})
    plain = {
        "value_error.missing": "is missing",
        "value_error.extra": "is not a column that is known; docs/providers.md lists them",
        "type_error.bool": "write yes or no",
        "type_error.integer": "write a whole number",
        "type_error.str": "write text here",
        "value_error.number.not_ge": f"should not be less than {context.get('limit_value')}",
        "value_error.number.not_le": f"should not be more than {context.get('limit_value')}",
        "value_error.any_str.max_length": f"is longer than {context.get('limit_value')} characters",
        "value_error.any_str.min_length": f"is shorter than {context.get('limit_value')} characters",
    }
    return plain.get(item["type"], item["msg"])
