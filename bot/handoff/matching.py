"""Who can take a visitor's enquiry: by concern, town, language and contact; fair among equals."""

from __future__ import annotations

from datetime import date, datetime
from typing import List, NamedTuple, Optional, Sequence, Tuple

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from bot.handoff.directory import offerable, reasons_hidden
from bot.handoff.languages import ENGLISH
from bot.handoff.same_town import same_town
from bot.storage.models import Provider

CAN_USE = {"phone": ("phone", "text"), "text": ("text",), "email": ("email",)}
"""What a provider must be able to do for what the visitor gave: a number may be called or, failing that, texted; who asked
for a text gets no call."""


class Wish(NamedTuple):
    """What a visitor is looking for; empty text where it is not known."""

    concern: str
    """See `bot.handoff.concerns`; `general` is anything cosmetic."""
    town: str = ""
    language: str = ENGLISH
    contact_kind: str = ""
    """phone, text or email."""


class Match(NamedTuple):
    """A provider as the visitor sees them."""

    provider_id: int
    key: str
    name: str
    practice: str
    profession: str
    town: str
    services: Tuple[str, ...]
    """The concerns that they were verified for."""
    verified_on: date
    register_link: str
    financial_relationship: str
    """Empty when there is none."""
    same_town: bool


def matches(session: Session, wish: Wish, today: date, environment: str, most: int = 3) -> List[Match]:
    """Returns who may be offered to a visitor, the best first.

    Those in the visitor's town come first; among equals, who has waited longest for an enquiry.

    Args:
        session: to read with.
        wish: what the visitor is looking for.
        today: the day of the enquiry.
        environment: demo or production.
        most: how many at most.
    """
    suitable = [provider for provider in offerable(session, today, environment) if _suits(provider, wish)]
    return [_match(provider, wish) for provider in in_order(suitable, wish.town)[:most]]


def still_offerable(session: Session, provider_id: int, today: date, environment: str, wish: Optional[Wish] = None) -> bool:
    """May this provider be given an enquiry today, and, when a wish is given, do they suit it?"""
    provider = session.get(Provider, provider_id)
    if provider is None or reasons_hidden(provider, today, environment):
        return False
    return wish is None or _suits(provider, wish)


def mark_given(session: Session, provider_id: int, at: datetime) -> None:
    """Notes that a provider was given an enquiry, which puts them behind their equals; never sets the time back."""
    earlier = or_(Provider.last_given_at.is_(None), Provider.last_given_at < at)
    session.execute(
        update(Provider).where(Provider.id == provider_id, earlier).values(last_given_at=at),
        execution_options={"synchronize_session": "fetch"},
    )


def in_order(providers: Sequence[Provider], town: str) -> List[Provider]:
    """Returns providers in the order in which they are offered to a visitor of a town."""
    return sorted(
        providers,
        key=lambda provider: (
            not same_town(provider.town, town),
            provider.last_given_at is not None,
            provider.last_given_at or datetime.min,
            provider.key,
        ),
    )


def _suits(provider: Provider, wish: Wish) -> bool:
    offers = wish.concern in ("", "general") or wish.concern in provider.services
    speaks = (wish.language or ENGLISH) in provider.languages
    reaches = not wish.contact_kind or any(way in provider.contact_by for way in CAN_USE.get(wish.contact_kind, ()))
    return offers and speaks and reaches


def _match(provider: Provider, wish: Wish) -> Match:
    return Match(
        provider_id=provider.id,
        key=provider.key,
        name=provider.legal_name,
        practice=provider.practice,
        profession=provider.profession,
        town=provider.town,
        services=tuple(provider.services),
        verified_on=provider.verified_on,
        register_link=provider.register_link,
        financial_relationship=provider.financial_relationship,
        same_town=same_town(provider.town, wish.town),
    )
