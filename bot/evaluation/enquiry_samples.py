"""Sample providers and enquiries for measurements and tests: people who do not exist, on addresses that reach nobody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from bot.handoff.checks import NewEnquiry
from bot.privacy.encryption import vault
from bot.storage.models import Provider

AT = datetime(2026, 1, 5, 12)
"""When measurements and tests take place."""
TODAY = AT.date()
SECRET = "sample-secret-of-a-webhook-0123456789"  # nosec B105 # signs only what the measurements send to themselves


def add_provider(session: Session, key: str = "sample-one", today: date = TODAY, **changes: Any) -> int:
    """Writes a provider who passes every rule on a day, and returns the id.

    Args:
        session: to write with.
        key: of the entry.
        today: the day on which it was verified.
        **changes: columns that should be otherwise.
    """
    row = Provider(
        **{
            "key": key,
            "legal_name": f"Sample Provider {key}",
            "practice": "Sample Practice",
            "profession": "Acupuncturist",
            "regulator": "Sample College",
            "registration_number": f"S-{key}",
            "register_type": "Regulated",
            "permit_status": "active",
            "permit_expires": today + timedelta(days=200),
            "permit_conditions": "",
            "needle_authorisation": True,
            "needle_authorisation_source": "sample register",
            "services": ["wrinkles", "scars", "jaw"],
            "insurance_expires": today + timedelta(days=200),
            "town": "Grande Prairie",
            "languages": ["en"],
            "contact_by": ["phone", "text", "email"],
            "register_link": "https://register.example.com/sample",
            "consented_on": today - timedelta(days=30),
            "route": "email",
            "address": f"{key}@example.com",
            "webhook_secret_sealed": vault().seal(SECRET),
            "verified_on": today,
            "verified_by": "Sample Checker",
            "next_check_due": today + timedelta(days=90),
            "sample": True,
            **changes,
        }
    )
    session.add(row)
    session.flush()
    return int(row.id)


def sample_enquiry(**changes: Any) -> NewEnquiry:
    """Returns an enquiry of a visitor who does not exist, from a form and a conversation of its own.

    Args:
        **changes: fields that should be otherwise.
    """
    sample = NewEnquiry(
        idempotency_key=uuid4().hex,
        kind="cosmetic",
        conversation=uuid4().hex,
        first_name="Dana",
        contact="dana@example.com",
        contact_kind="email",
        concern="scars",
        town="Grande Prairie",
        best_time="weekdays after five",
        consent_text="I agree that [name] and [contact] are passed on to Sample Provider One.",
        consent_version="2026-01",
    )
    return sample._replace(**changes)
