"""Invented providers for tests: one who passes every rule, and every way to break a single one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bot.storage.models import Provider

TODAY = date(2027, 3, 1)
DAY = timedelta(days=1)

CELLS: dict[str, str] = {
    "key": "sample-test",
    "legal_name": "Sample Provider Test",
    "practice": "Sample Practice",
    "profession": "physiotherapist",
    "regulator": "Sample College",
    "registration_number": "S-1",
    "register_type": "General Register",
    "permit_status": "active",
    "permit_expires": "2027-12-31",
    "permit_conditions": "",
    "needle_authorisation": "yes",
    "needle_authorisation_source": "Sample register",
    "services": "wrinkles; scars",
    "training_course": "Sample course",
    "training_date": "2024-05-01",
    "training_evidence": "Sample certificate",
    "years_of_facial_needling": "3",
    "insurance_expires": "2027-10-01",
    "town": "Grande Prairie",
    "languages": "en; fr",
    "contact_by": "phone; text; email",
    "register_link": "https://register.example.com/S-1",
    "financial_relationship": "",
    "consented_on": "2027-01-15",
    "route": "email",
    "address": "sample@example.com",
    "webhook_secret": "",
    "verified_on": "2027-02-01",
    "verified_by": "Sample Staff",
    "next_check_due": "2027-04-15",
    "sample": "yes",
}
"""A right row of a file, as text."""

BREAKING: dict[str, dict[str, Any]] = {
    "retired": {"retired_on": TODAY},
    "permit not active": {"permit_status": "suspended"},
    "permit expired": {"permit_expires": TODAY - DAY},
    "other register": {"register_type": "Provisional Register"},
    "no needles": {"needle_authorisation": False},
    "no source": {"needle_authorisation_source": " "},
    "insurance expired": {"insurance_expires": TODAY - DAY},
    "no services": {"services": []},
    "no consent": {"consented_on": None},
    "consent to come": {"consented_on": TODAY + DAY},
    "not verified": {"verified_on": None},
    "nobody verified": {"verified_by": ""},
    "verified in the future": {"verified_on": TODAY + DAY},
    "verified too long ago": {"verified_on": TODAY - 91 * DAY},
    "check due": {"next_check_due": TODAY - DAY},
}
"""Changes to a right provider, each of which breaks one rule by itself."""


def provider(key: str = "sample-test", **changes: Any) -> Provider:
    """Returns a provider who may be offered today, except for the changes."""
    facts: dict[str, Any] = {
        "key": key,
        "legal_name": "Sample Provider Test",
        "practice": "Sample Practice",
        "profession": "physiotherapist",
        "regulator": "Sample College",
        "registration_number": "S-1",
        "register_type": "General Register",
        "permit_status": "active",
        "permit_expires": TODAY + 200 * DAY,
        "needle_authorisation": True,
        "needle_authorisation_source": "Sample register",
        "services": ["wrinkles", "scars"],
        "insurance_expires": TODAY + 150 * DAY,
        "town": "Grande Prairie",
        "languages": ["en"],
        "contact_by": ["phone", "text", "email"],
        "register_link": "https://register.example.com/S-1",
        "financial_relationship": "",
        "consented_on": TODAY - 40 * DAY,
        "route": "email",
        "address": "sample@example.com",
        "verified_on": TODAY - 10 * DAY,
        "verified_by": "Sample Staff",
        "next_check_due": TODAY + 60 * DAY,
        "sample": True,
    }
    return Provider(**{**facts, **changes})


def csv_text(*rows: Mapping[str, str], line_end: str = "\n") -> str:
    """Returns rows as a CSV file; the columns are those of the first row."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
