"""`python -m bot privacy`: what is held about a person, erasing it, deleting by age, and keys."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Callable, Dict

from cryptography.fernet import Fernet
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import now
from bot.errors import AssistantError
from bot.privacy.audit import staff
from bot.privacy.encryption import vault
from bot.privacy.erasure import erase, show
from bot.privacy.leftovers import erasing
from bot.privacy.retention import expire
from bot.privacy.rotation import rotate
from bot.settings import settings
from bot.storage.database import DatabaseError, engine, transaction

NEEDS_CONTACT = ("show", "erase")
FROM_INPUT = "-"


class WrongUse(AssistantError):
    """The command line does not fit together."""


class NotDeleted(AssistantError):
    """A file could not be deleted; nothing else was changed with it."""


def run(arguments: argparse.Namespace) -> int:
    """Runs `privacy ACTION [CONTACT]` and returns its exit code.

    Raises:
        WrongUse: a contact is missing, or there is one too many.
        AssistantError: see each action.
    """
    action, contact = arguments.action, arguments.contact
    if (action in NEEDS_CONTACT) != bool(contact):
        needs = "needs a phone number or email address" if action in NEEDS_CONTACT else "takes nothing more"
        raise WrongUse(f"privacy {action} {needs}.")
    actions: Dict[str, Callable[[str], int]] = {
        "expire": _expire,
        "show": _show,
        "erase": _erase,
        "rotate": _rotate,
        "new-key": _new_key,
    }
    try:
        return actions[action](sys.stdin.readline().strip() if contact == FROM_INPUT else contact or "")
    except SQLAlchemyError as error:
        raise DatabaseError(f"The database did not answer ({type(error).__name__}); run it again.") from None
    except OSError as error:
        raise NotDeleted(f"MAIL_FOLDER: a message in it cannot be deleted ({type(error).__name__}).") from error


def _expire(_: str) -> int:
    done = expire(engine(), now(), settings(), staff())
    print(
        f"{done.enquiries} enquiries that came to nothing deleted, the details of {done.details} others; {done.messages} "
        f"old messages, {done.attempts} counted attempts and {done.mails} files of mail deleted"
    )
    return 0


def _show(contact: str) -> int:
    with transaction(engine()) as session:
        held = show(session, contact, now(), staff())
    print(json.dumps(held, indent=2, ensure_ascii=False))
    return 0


def _erase(contact: str) -> int:
    with erasing(engine()) as session:
        done = erase(session, contact, now(), staff())
    if not done.enquiries and not done.conversations:
        print("Nothing is held about this contact.")
        return 0
    print(
        f"{done.enquiries} enquiries erased; {done.stopped} messages stopped, {done.told} receivers asked to delete theirs, "
        f"{done.mails} files of mail deleted, {done.conversations} conversations on messaging apps forgotten; "
        f"{done.consents} consents kept as proof, without the person"
    )
    return 0


def _rotate(_: str) -> int:
    done = rotate(engine(), vault(), staff())
    print(f"{done.sealed_anew} fields sealed with the newest key, {done.newest_already} had it already")
    if done.marked_anew:
        print(f"{done.marked_anew} contacts marked anew, because SECRET_KEY has changed")
    if done.unopened:
        print(f"{done.unopened} fields open with none of the keys: put the key that is missing back.", file=sys.stderr)
    return 1 if done.unopened else 0


def _new_key(_: str) -> int:
    print(Fernet.generate_key().decode("ascii"))
    return 0
