"""Delivers one message of the outbox: claim, write, send, note. It may be killed between any two of these and loses nothing.

Killed before the note, the message stays claimed until the lease runs out; then somebody sends it again under the same key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Callable

import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import now
from bot.handoff.letters import House, NotSendable, letter_for
from bot.handoff.mail import send_email
from bot.handoff.one_at_a_time import hold
from bot.handoff.outbox import Claim, claim
from bot.handoff.outcomes import Outcome, Sent, note
from bot.handoff.sending import SendFailed
from bot.handoff.webhook import send_webhook
from bot.storage.database import transaction

log = structlog.get_logger(__name__)

STEPS = ("claimed", "written", "sent", "noting", "noted")
"""The points that a delivery passes, in order; `noting` is inside its last transaction."""
Step = Callable[[str, Claim], None]
Clock = Callable[[], datetime]


def go_on(step: str, claimed: Claim) -> None:
    """Does nothing at a step of a message."""


def deliver_next(engine: Engine, house: House, worker: str, clock: Clock = now, step: Step = go_on) -> bool:
    """Takes one message that is due and sends it.

    Args:
        engine: of the database.
        house: settings and clinic.
        worker: name of this worker, unlike any other's.
        clock: gives the time in UTC.
        step: called at each of STEPS with its name and the message.

    Returns:
        Whether there was one, sent or not.

    Raises:
        SQLAlchemyError: the database failed; the message is taken up again when the lease has run out.
    """
    claimed = claim(engine, worker, clock(), house.options.delivery_lease_seconds)
    if claimed is None:
        return False
    step("claimed", claimed)
    outcome = _try(engine, house, claimed, clock, step)
    with transaction(engine) as session:
        enquiry = hold(session, claimed.enquiry_id) if claimed.enquiry_id else None
        stood = note(session, claimed, enquiry, outcome, clock(), house.options)
        step("noting", claimed)
    log.info(
        "delivery.tried",
        delivery=claimed.delivery_id,
        kind=claimed.kind,
        attempt=claimed.attempt,
        outcome="sent" if isinstance(outcome, Sent) else str(outcome),
        stood=stood,
    )
    step("noted", claimed)
    return True


def _try(engine: Engine, house: House, claimed: Claim, clock: Clock, step: Step) -> Outcome:
    # A message that kills its worker every time must not be tried for ever.
    if claimed.taken_over and (claimed.attempt - 1) % house.options.delivery_attempts == 0:
        return SendFailed("interrupted", permanent=True)
    try:
        with transaction(engine) as session:
            letter = letter_for(session, claimed, clock(), house)
        step("written", claimed)
        if letter.route == "webhook":
            send_webhook(letter, house.options, clock())
        else:
            send_email(letter, house.options)
        step("sent", claimed)
    except (NotSendable, SendFailed) as outcome:
        return outcome
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001  one message that cannot be written must not stop those behind it
        return SendFailed(type(error).__name__)
    return Sent()
