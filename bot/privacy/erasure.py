"""Access and erasure: shows or erases what is held about a person. For visitors themselves: `bot.privacy.visitors`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.handoff.consents import withdraw_consents
from bot.handoff.enquiries import withdraw_enquiry
from bot.handoff.limits import HOUR
from bot.handoff.one_at_a_time import hold, one_at_a_time
from bot.handoff.states import change
from bot.privacy.app_messages import forget, marks_of
from bot.privacy.app_messages import told as told_on_apps
from bot.privacy.audit import record
from bot.privacy.encryption import normal_contact, vault
from bot.privacy.holdings import forget_details, of_contact, told
from bot.privacy.kept_mail import delete_mails_of
from bot.settings import Settings, settings
from bot.storage.models import (
    Attempt,
    Consent,
    Delivery,
    Enquiry,
    KeptAnswer,
    WidgetConversation,
    WidgetMessage,
)


class Erased(NamedTuple):
    """What an erasure did, in numbers."""

    enquiries: int
    """That had details."""
    consents: int
    """Of these, kept without details as proof, withdrawn."""
    stopped: int
    """Messages that were not sent yet and never will be."""
    told: int
    """Receivers that may have the details and are asked to delete them."""
    mails: int
    """Files in the mail folder that held details."""
    conversations: int = 0
    """On messaging apps, from the number itself."""


NOTHING = Erased(0, 0, 0, 0, 0)


def show(session: Session, contact: str, at: datetime, actor: str) -> Dict[str, Any]:
    """Returns all that is held about a person, as it would be handed out on request; the audit trail says who looked.

    Args:
        session: whose transaction the audit entries belong to.
        contact: phone number or email address, in any spelling.
        at: the time, in UTC.
        actor: `staff()`.

    Raises:
        NotAContact: the contact is neither.
        KeyProblem: something was sealed with a key that is no longer there.
    """
    found = of_contact(session, vault().contact_mark(contact))
    here = [*marks_of(contact), *(enquiry.conversation_mark for enquiry in found)]
    return {**show_enquiries(session, contact, found, at, actor), "on_messaging_apps": told_on_apps(session, here)}


def erase(session: Session, contact: str, at: datetime, actor: str, using: Optional[Settings] = None) -> Erased:
    """Erases all that is held about a person; a second time finds nothing.

    Unsent messages are stopped, receivers who may have the details are asked to delete them. Consents stay as proof, with
    the time of their withdrawal, and what the enquiry was about; neither says whose they are.

    Args:
        session: of `bot.privacy.leftovers.erasing`, so that nothing is left in the file either.
        contact: phone number or email address, in any spelling.
        at: the time, in UTC.
        actor: `staff()`.
        using: says where mail is kept; the settings of the process by default.

    Raises:
        NotAContact: the contact is neither.
        OSError: a file in the mail folder cannot be deleted.
    """
    mark = vault().contact_mark(contact)
    one_at_a_time(session, mark)
    done = erase_enquiries(session, mark, of_contact(session, mark), at, actor, using or settings())
    return done._replace(conversations=forget(session, marks_of(contact)))


def show_enquiries(session: Session, contact: str, found: List[Enquiry], at: datetime, actor: str) -> Dict[str, Any]:
    """Returns what is held in these enquiries of a contact; see `show`."""
    for subject in [f"enquiry {enquiry.id}" for enquiry in found] or ["nothing held"]:
        record(session, actor, "details_shown", subject, at=at)
    return {"contact": normal_contact(contact), "enquiries": [told(session, enquiry, vault()) for enquiry in found]}


def erase_enquiries(
    session: Session, mark: str, found: List[Enquiry], at: datetime, actor: str, options: Settings
) -> Erased:
    """Erases these enquiries of a contact, given by its mark; see `erase`."""
    done = [_erase_one(session, enquiry.id, at, actor, options.mail) for enquiry in found]
    if not done:
        record(session, actor, "details_erased", "nothing held", at=at)
    # Those of the last hour hold the limits up, or erasing would be a way around them; `expire` takes them within a day.
    session.execute(
        delete(Attempt).where(Attempt.mark == mark, Attempt.at < at - HOUR),
        execution_options={"synchronize_session": False},
    )
    return Erased(*(sum(numbers) for numbers in zip(NOTHING, *done)))


def _erase_one(session: Session, enquiry_id: int, at: datetime, actor: str, mail: Path) -> Erased:
    enquiry = hold(session, enquiry_id)
    if enquiry is None or enquiry.contact_mark is None:
        return NOTHING
    stopped = _stop_all(session, enquiry, at, actor)
    if enquiry.state != "erased":
        change(session, enquiry, "erased", at)
    _delete_what_was_said(session, enquiry.conversation_mark)
    forget_details(enquiry)
    session.flush()
    done = Erased(
        enquiries=1,
        consents=_count(session, Consent, Consent.enquiry_id == enquiry.id),
        stopped=stopped,
        told=_count(session, Delivery, Delivery.enquiry_id == enquiry.id, Delivery.kind == "withdrawn"),
        mails=delete_mails_of(session, enquiry, mail),
    )
    record(session, actor, "details_erased", f"enquiry {enquiry.id}", f"{done.stopped} stopped, {done.told} told", at)
    return done


def _delete_what_was_said(session: Session, conversation_mark: str) -> None:
    in_the_widget = select(WidgetConversation.id).where(WidgetConversation.mark == conversation_mark)
    for gone in (
        delete(WidgetMessage).where(WidgetMessage.conversation_id.in_(in_the_widget)),
        delete(KeptAnswer).where(KeptAnswer.conversation_mark == conversation_mark),
    ):
        session.execute(gone, execution_options={"synchronize_session": False})
    forget(session, [conversation_mark])


def _stop_all(session: Session, enquiry: Enquiry, at: datetime, actor: str) -> int:
    """Withdraws an enquiry, and sees to it that nothing of it can be tried again; returns how many messages were unsent."""
    carrying = [Delivery.enquiry_id == enquiry.id, Delivery.kind.in_(("enquiry", "reminder"))]
    unsent = _count(session, Delivery, *carrying, Delivery.state.in_(("pending", "sending", "dead")))
    withdraw_enquiry(session, enquiry, at, actor)
    withdraw_consents(session, enquiry, at)
    session.execute(
        update(Delivery).where(*carrying, Delivery.state == "dead").values(state="cancelled"),
        execution_options={"synchronize_session": "fetch"},
    )
    return unsent


def _count(session: Session, table: Any, *which: Any) -> int:
    return int(session.execute(select(func.count()).select_from(table).where(*which)).scalar_one())
