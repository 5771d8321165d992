"""Writes an enquiry, its consents and its first message, and finds one that is there already."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Optional, Tuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import AssistantError
from bot.handoff.codes import new_code
from bot.handoff.consents import NEXT_PROVIDER, SHARE
from bot.handoff.matching import Wish, mark_given, matches
from bot.handoff.outbox import queue, tell_staff
from bot.handoff.states import OPEN
from bot.privacy.encryption import Vault
from bot.settings import Settings
from bot.storage.models import Consent, Enquiry

if TYPE_CHECKING:
    from bot.handoff.checks import NewEnquiry  # brings spaCy, which a worker does not need

SAME_WITHIN = timedelta(hours=24)
CODES_TRIED = 5


class NoCode(AssistantError):
    """The database refuses to write an enquiry, under any code."""


class Marks(NamedTuple):
    """By what an enquiry is recognised."""

    form: str
    """Of the form, within its conversation."""
    conversation: str
    contact: str


def marks_of(new: NewEnquiry, vault: Vault) -> Marks:
    """Returns the marks of an enquiry that was accepted."""
    return Marks(
        vault.mark(f"{new.conversation} {new.idempotency_key}"),
        vault.mark(new.conversation),
        vault.contact_mark(new.contact),
    )


def wish_of(enquiry: Enquiry) -> Wish:
    """Returns what an enquiry asks of a provider."""
    return Wish(enquiry.concern, enquiry.town, enquiry.language, enquiry.contact_kind or "")


def there_already(session: Session, new: NewEnquiry, marks: Marks, at: datetime) -> Optional[Enquiry]:
    """Returns the enquiry of the same form, or of the same wish in the same conversation that is open and of today.

    Another conversation makes another enquiry: otherwise whoever knows a phone number would be told its reference code.
    """
    same_wish = [
        Enquiry.contact_mark == marks.contact,
        Enquiry.conversation_mark == marks.conversation,
        Enquiry.kind == new.kind,
        Enquiry.concern == new.concern,
        Enquiry.question == new.question,
        Enquiry.state.in_(OPEN),
        Enquiry.created_at > at - SAME_WITHIN,
    ]
    if new.provider_id is not None:
        same_wish.append(Enquiry.provider_id == new.provider_id)
    found = session.execute(select(Enquiry).where(*same_wish).order_by(Enquiry.id)).scalars()
    return _by_form(session, marks) or found.first()


def write_once(
    session: Session, new: NewEnquiry, marks: Marks, provider_id: Optional[int], at: datetime, vault: Vault
) -> Tuple[Enquiry, bool]:
    """Writes an enquiry under an unused code.

    Returns:
        The enquiry, and whether it is new: not when the same form was written in the same instant elsewhere.

    Raises:
        NoCode: five codes in a row were taken, or the provider is gone.
    """
    for _ in range(CODES_TRIED):
        enquiry = _row(new, marks, provider_id, at, vault)
        try:
            with session.begin_nested():
                session.add(enquiry)
                session.flush()
            return enquiry, True
        except IntegrityError:
            first = _by_form(session, marks)
            if first is not None:
                return first, False
    raise NoCode("The enquiry could not be written; please try again.")


def write_consents(session: Session, enquiry: Enquiry, new: NewEnquiry, at: datetime, options: Settings) -> None:
    """Writes what the visitor agreed to: sharing with whom they chose and, if so, with the next provider."""
    for kind in (SHARE, NEXT_PROVIDER) if new.may_pass_on else (SHARE,):
        session.add(
            Consent(
                enquiry_id=enquiry.id,
                provider_id=new.provider_id if kind == SHARE else None,
                kind=kind,
                text_version=new.consent_version,
                text=new.consent_text,
                given_at=at,
                holds_until=at + timedelta(days=options.consent_days),
            )
        )


def send_off(session: Session, enquiry: Enquiry, at: datetime, options: Settings) -> None:
    """Queues an enquiry for whom it is for; one that nobody can take waits, and staff are told."""
    if enquiry.state == "queued":
        queue(session, enquiry, "enquiry", at, enquiry.provider_id)
        if enquiry.provider_id is not None:
            mark_given(session, enquiry.provider_id, at)
        return
    somebody = matches(session, wish_of(enquiry), at.date(), options.environment, most=1)
    tell_staff(session, "no_choice" if somebody else "no_provider", at, enquiry)


def _by_form(session: Session, marks: Marks) -> Optional[Enquiry]:
    found: Optional[Enquiry] = session.execute(
        select(Enquiry).where(Enquiry.idempotency_key == marks.form)
    ).scalar_one_or_none()
    return found


def _row(new: NewEnquiry, marks: Marks, provider_id: Optional[int], at: datetime, vault: Vault) -> Enquiry:
    return Enquiry(
        code=new_code(),
        idempotency_key=marks.form,
        kind=new.kind,
        state="waiting" if new.kind == "cosmetic" and provider_id is None else "queued",
        conversation_mark=marks.conversation,
        contact_mark=marks.contact,
        first_name_sealed=vault.seal(new.first_name),
        contact_sealed=vault.seal(new.contact),
        contact_kind=new.contact_kind,
        concern=new.concern,
        town=new.town,
        language=new.language,
        best_time=new.best_time,
        question=new.question,
        provider_id=provider_id,
        may_pass_on=new.may_pass_on,
        created_at=at,
        changed_at=at,
    )
