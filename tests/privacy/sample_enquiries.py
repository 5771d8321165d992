"""An enquiry of an invented visitor, sent and delivered by the real code, and a database to put it into."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.handoff.enquiries import NewEnquiry, submit
from bot.handoff.letters import House
from bot.handoff.worker import work_once
from bot.settings import Clinic, Settings
from bot.storage.database import transaction
from bot.storage.models import Enquiry, Provider

AT = datetime(2027, 3, 1, 15, 30)
DAY = timedelta(days=1)
PHONE = "+17805550143"
EMAIL = "dana.lee@example.com"
PLANTED = ("Dana", "5550143", "dana.lee", "after five", "Beaverlodge")
CLINIC = Clinic(name="Sample Clinic", town="Grande Prairie", email="staff@example.com")


def options(folder: Path, **changes: Any) -> Settings:
    """Settings whose mail goes to a folder of the test."""
    return Settings(**{"mail_folder": folder / "mail", "environment": "demo", "enquiries_per_hour": 100, **changes})


def add_provider(session: Session, key: str = "sample-one") -> int:
    """Writes a provider who passes every rule, and returns the number."""
    today = AT.date()
    provider = Provider(
        key=key,
        legal_name="Sample Provider One",
        practice="Sample Practice",
        profession="physiotherapist",
        regulator="Sample College",
        registration_number="S-1",
        register_type="General Register",
        permit_status="active",
        permit_expires=today + 300 * DAY,
        needle_authorisation=True,
        needle_authorisation_source="Sample register",
        services=["scars"],
        insurance_expires=today + 300 * DAY,
        town="Beaverlodge",
        languages=["en"],
        contact_by=["phone", "text", "email"],
        register_link="https://register.example.com/S-1",
        consented_on=date(2027, 1, 1),
        route="email",
        address="provider-one@example.com",
        verified_on=today - 10 * DAY,
        verified_by="Sample Staff",
        next_check_due=today + 60 * DAY,
        sample=True,
    )
    session.add(provider)
    session.flush()
    return int(provider.id)


def send(engine: Engine, folder: Path, at: datetime = AT, **changes: Any) -> str:
    """Sends an enquiry to the clinic's staff or, with `provider_id`, to a provider, and returns its code."""
    kind = "cosmetic" if "provider_id" in changes else "call_back"
    wish = NewEnquiry(
        idempotency_key=f"form {at.isoformat()} {sorted(changes.items())}",
        kind=kind,
        conversation="conversation-1",
        first_name="Dana",
        contact=PHONE,
        contact_kind="text",
        concern="scars",
        town="Beaverlodge",
        best_time="after five",
        consent_text="I agree that [name] and [contact] go to the receiver.",
        consent_version="1",
    )._replace(**changes)
    with transaction(engine) as session:
        return submit(session, wish, at, options(folder)).code


def deliver(engine: Engine, folder: Path, at: datetime = AT) -> int:
    """Lets the worker do all that is due; mail goes to files."""
    return work_once(engine, House(options(folder), CLINIC), lambda: at)


def mails(folder: Path) -> str:
    """All that lies in the mail folder."""
    return "\n".join(path.read_text() for path in sorted((folder / "mail").glob("*.eml")))


def enquiry(session: Session, code: str) -> Enquiry | None:
    """The row of a code."""
    return session.execute(select(Enquiry).where(Enquiry.code == code)).scalar_one_or_none()


def everything(engine: Engine) -> str:
    """All fields of all tables, as text."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return "\n".join(repr(row) for table in tables.sorted_tables for row in connection.execute(select(table)))
