"""Delivers one message of the outbox: claim, write, send, note. It may be killed between any two of these and loses nothing.

Killed before the note, the message stays claimed until the lease runs out; then somebody sends it again under the same key.
"""

from __future__ import annotations

from datetime import datetime
from time import perf_counter
from typing import Callable, NamedTuple

import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import now
from bot.correlation import correlated
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


class Tried(NamedTuple):
    """How a try at a message came out."""

    kind: str
    """Of the message: enquiry, reminder, withdrawn or notice."""
    outcome: str
    """sent, refused (it must not go out) or failed."""
    seconds: float


Tell = Callable[[Tried], None]


def tell_nobody(tried: Tried) -> None:
    """Does nothing with a try."""


def go_on(step: str, claimed: Claim) -> None:
    """Does nothing at a step of a message."""


def deliver_next(
    engine: Engine, house: House, worker: str, clock: Clock = now, step: Step = go_on, tell: Tell = tell_nobody
) -> bool:
    """Takes one message that is due and sends it; the log lines of a try share an id.

    Args:
        engine: of the database.
        house: settings and clinic.
        worker: name of this worker, unlike any other's.
        clock: gives the time in UTC.
        step: called at each of STEPS with its name and the message.
        tell: called after each try.

    Returns:
        Whether there was one, sent or not.

    Raises:
        SQLAlchemyError: the database failed; the message is taken up again when the lease has run out.
    """
    claimed = claim(engine, worker, clock(), house.options.delivery_lease_seconds)
    if claimed is None:
        return False
    with correlated():
        _deliver(engine, house, claimed, clock, step, tell)
    return True


def _deliver(engine: Engine, house: House, claimed: Claim, clock: Clock, step: Step, tell: Tell) -> None:
    began = perf_counter()
    step("claimed", claimed)
    outcome = _try(engine, house, claimed, clock, step)
    with transaction(engine) as session:
        enquiry = hold(session, claimed.enquiry_id) if claimed.enquiry_id else None
        stood = note(session, claimed, enquiry, outcome, clock(), house.options)
        step("noting", claimed)
    tried = Tried(claimed.kind, _in_a_word(outcome), perf_counter() - began)
    log.info(
        "delivery.tried",
        delivery=claimed.delivery_id,
        kind=claimed.kind,
        attempt=claimed.attempt,
        outcome="sent" if isinstance(outcome, Sent) else str(outcome),
        stood=stood,
        milliseconds=round(1000 * tried.seconds, 1),
    )
    tell(tried)
    step("noted", claimed)


def _in_a_word(outcome: Outcome) -> str:
    if isinstance(outcome, SendFailed):
        return "failed"
    return "sent" if isinstance(outcome, Sent) else "refused"


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
