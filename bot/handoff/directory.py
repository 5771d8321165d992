"""The directory of providers: who may be offered today and why not, who checked an entry and when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import List, NamedTuple, Optional

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import AssistantError
from bot.privacy.audit import record
from bot.storage.models import Provider

VERIFICATION_HOLDS = timedelta(days=90)
GENERAL_REGISTER = "general register"


class DirectoryError(AssistantError):
    """Something cannot be done with an entry of the directory; the message says why."""


class LastDay(NamedTuple):
    """The last day on which something about a provider is still good."""

    what: str
    day: date


def reasons_hidden(provider: Provider, today: date, environment: str) -> List[str]:
    """Returns why a provider must not be offered to visitors, for staff to read; empty: may be offered.

    This is the rule, and the only place where it stands. Last days count: a permit that expires today is valid today.

    Args:
        provider: an entry of the directory, from wherever it came.
        today: the day for which is asked.
        environment: demo or production.
    """
    oldest = today - VERIFICATION_HOLDS
    rules = (
        (provider.retired_on is not None, f"retired on {provider.retired_on}"),
        (provider.sample and environment != "demo", "is a sample, and samples are for the demo only"),
        (_plain(provider.permit_status) != "active", f"the permit is '{provider.permit_status}', not active"),
        (provider.permit_expires < today, f"the permit expired on {provider.permit_expires}"),
        (not _on_right_register(provider), f"a physiotherapist on the '{provider.register_type}', not the General Register"),
        (not provider.needle_authorisation, "no authorisation to use needles"),
        (
            provider.needle_authorisation and not _plain(provider.needle_authorisation_source),
            "no source for the authorisation to use needles",
        ),
        (provider.insurance_expires < today, f"the insurance expired on {provider.insurance_expires}"),
        (not provider.services, "no services are listed"),
        (provider.consented_on is None, "has not agreed to be listed"),
        (_after(provider.consented_on, today), f"agrees to be listed only from {provider.consented_on}"),
        (provider.verified_on is None, "has not been verified"),
        (provider.verified_on is not None and not _plain(provider.verified_by), "nobody is named who verified it"),
        (_after(provider.verified_on, today), f"was verified on {provider.verified_on}, which is yet to come"),
        (_before(provider.verified_on, oldest), f"was verified on {provider.verified_on}, more than 90 days ago"),
        (_before(provider.next_check_due, today), f"the next check was due on {provider.next_check_due}"),
    )
    return [reason for broken, reason in rules if broken]


def last_days(provider: Provider) -> List[LastDay]:
    """Returns until when everything that lapses with time is good, the soonest first."""
    verified, check = provider.verified_on, provider.next_check_due
    found = [LastDay("permit", provider.permit_expires), LastDay("insurance", provider.insurance_expires)]
    found += [LastDay("verification", verified + VERIFICATION_HOLDS)] if verified else []
    found += [LastDay("next check", check)] if check else []
    return sorted(found, key=lambda last: last.day)


def lapsing(provider: Provider, today: date, days: int) -> List[LastDay]:
    """Returns what is still good today but not any more so many days later."""
    return [last for last in last_days(provider) if today <= last.day < today + timedelta(days=days)]


def everybody(session: Session) -> List[Provider]:
    """Returns all entries, hidden and retired ones too, by key."""
    return list(session.execute(select(Provider).order_by(Provider.key)).scalars())


def offerable(session: Session, today: date, environment: str) -> List[Provider]:
    """Returns the providers that pass every rule today, by key; see `reasons_hidden`."""
    return [provider for provider in everybody(session) if not reasons_hidden(provider, today, environment)]


def find(session: Session, key: str) -> Provider:
    """Returns an entry.

    Raises:
        DirectoryError: there is none of that key.
    """
    found = session.execute(select(Provider).where(Provider.key == key)).scalar_one_or_none()
    if found is None:
        raise DirectoryError(f"There is no provider '{key}'; `python -m bot providers list` names them.")
    return found


def verify(
    session: Session, key: str, by: str, at: datetime, on: Optional[date] = None, check: Optional[date] = None
) -> None:
    """Notes that somebody has checked an entry against the regulator's register.

    Args:
        session: commits at its end.
        key: of the entry.
        by: name of the person who checked.
        at: the time now, in UTC.
        on: the day of the check; today by default.
        check: when the next one is due; when this one stops holding by default.

    Raises:
        DirectoryError: no such entry, a retired one, or days that cannot be.
    """
    provider, day = find(session, key), on or at.date()
    due = check or day + VERIFICATION_HOLDS
    if provider.retired_on is not None:
        raise DirectoryError(f"{key} is retired; `python -m bot providers restore {key} --by NAME` comes first.")
    if day > at.date():
        raise DirectoryError(f"{day} is yet to come: nobody can have checked then.")
    if due <= day:
        raise DirectoryError(f"The next check ({due}) should come after this one ({day}).")
    provider.verified_on, provider.verified_by, provider.next_check_due = day, by, due
    record(session, f"staff:{by}", "provider_verified", f"provider {key}", f"on {day}, next check {due}", at)


def retire(session: Session, key: str, by: str, at: datetime) -> None:
    """Takes a provider out of what is offered; the entry stays, because enquiries refer to it.

    Raises:
        DirectoryError: no such entry, or it is retired already.
    """
    provider = find(session, key)
    if provider.retired_on is not None:
        raise DirectoryError(f"{key} was retired on {provider.retired_on}.")
    provider.retired_on = at.date()
    record(session, f"staff:{by}", "provider_retired", f"provider {key}", at=at)


def restore(session: Session, key: str, by: str, at: datetime) -> None:
    """Undoes `retire`; the entry has to be verified anew before it is offered.

    Raises:
        DirectoryError: no such entry, or it is not retired.
    """
    provider = find(session, key)
    if provider.retired_on is None:
        raise DirectoryError(f"{key} is not retired.")
    provider.retired_on = provider.verified_on = provider.next_check_due = None
    provider.verified_by = ""
    record(session, f"staff:{by}", "provider_restored", f"provider {key}", at=at)


def _plain(text: Optional[str]) -> str:
    return " ".join((text or "").split()).casefold()


def _on_right_register(provider: Provider) -> bool:
    physiotherapist = any(word in _plain(provider.profession) for word in ("physio", "physical therap"))
    return not physiotherapist or _plain(provider.register_type) == GENERAL_REGISTER


def _after(day: Optional[date], other: date) -> bool:
    return day is not None and day > other


def _before(day: Optional[date], other: date) -> bool:
    return day is not None and day < other
