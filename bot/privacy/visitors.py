"""A visitor sees or erases what is held about them, with proof: whoever only knows somebody's number gets nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional

from sqlalchemy.orm import Session

from bot.handoff.codes import normal_code
from bot.handoff.limits import check_limit, count_attempt
from bot.handoff.one_at_a_time import one_at_a_time
from bot.privacy.audit import VISITOR
from bot.privacy.encryption import vault
from bot.privacy.erasure import Erased, erase_enquiries, show_enquiries
from bot.privacy.holdings import of_contact
from bot.settings import Settings, settings
from bot.storage.models import Enquiry


def show_own(
    session: Session, contact: str, conversation: str, at: datetime, code: str = "", using: Optional[Settings] = None
) -> Dict[str, Any]:
    """Returns what a visitor may see of what is held about a contact; the rest as in `erase_own`.

    Raises:
        NotAContact: the contact is neither a phone number nor an email address.
        TooMany: this was tried too often.
        KeyProblem: something was sealed with a key that is no longer there.
    """
    mark, options = vault().contact_mark(contact), using or settings()
    return show_enquiries(session, contact, _own(session, mark, conversation, at, code, options), at, VISITOR)


def erase_own(
    session: Session, contact: str, conversation: str, at: datetime, code: str = "", using: Optional[Settings] = None
) -> Erased:
    """Erases what a visitor may erase: what was sent from this conversation or, with the code of one, all of the contact.

    Args:
        session: of `bot.privacy.leftovers.erasing`; the caller commits, also when nothing was found.
        contact: that the visitor gave to confirm, as typed.
        conversation: who asks.
        at: the time, in UTC.
        code: a reference code, as typed, when the visitor has one.
        using: limits, and where mail is kept; the settings of the process by default.

    Raises:
        NotAContact: the contact is neither a phone number nor an email address.
        TooMany: this was tried too often.
        OSError: a file in the mail folder cannot be deleted.
    """
    mark, options = vault().contact_mark(contact), using or settings()
    return erase_enquiries(session, mark, _own(session, mark, conversation, at, code, options), at, VISITOR, options)


def is_proven(
    session: Session, contact: str, conversation: str, at: datetime, code: str, using: Optional[Settings] = None
) -> bool:
    """Does a code, or this conversation, prove that an enquiry of a contact is the visitor's? A wrong try counts.

    Raises:
        NotAContact: the contact is neither a phone number nor an email address.
        TooMany: this was tried too often.
    """
    return bool(_own(session, vault().contact_mark(contact), conversation, at, code, using or settings()))


def was_left_here(session: Session, contact: str, conversation: str) -> bool:
    """Was an enquiry with this contact sent from this conversation, so that no code is needed?

    Raises:
        NotAContact: the contact is neither a phone number nor an email address.
    """
    found = of_contact(session, vault().contact_mark(contact))
    return any(enquiry.conversation_mark == vault().mark(conversation) for enquiry in found)


def _own(session: Session, mark: str, conversation: str, at: datetime, code: str, options: Settings) -> List[Enquiry]:
    here = vault().mark(conversation)
    one_at_a_time(session, mark, here)
    check_limit(session, "contact", options.code_tries_per_hour, at, mark, here)
    found, proof = of_contact(session, mark), normal_code(code)
    if proof is None or proof not in {enquiry.code for enquiry in found}:
        found = [enquiry for enquiry in found if enquiry.conversation_mark == here]
    if not found:
        count_attempt(session, "contact", at, mark, here)
    return found
