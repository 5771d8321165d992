"""Questions that the assistant could not answer, kept for the clinic's staff without anything personal."""

from __future__ import annotations

from typing import List, Literal, NamedTuple, Optional

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.errors import AssistantError
from bot.privacy.redaction import redact
from bot.storage.database import engine as default_engine
from bot.storage.database import transaction
from bot.storage.models import OpenQuestion

log = structlog.get_logger(__name__)

MOST_KEPT = 5000
Reason = Literal["not_understood", "passed_on"]


class Noted(NamedTuple):
    """One open question."""

    text: str
    reason: str
    times: int
    noted_at: str


def note_question(text: str, reason: Reason, engine: Optional[Engine] = None) -> bool:
    """Keeps a question, with names, numbers and addresses taken out; the same text again is counted.

    Args:
        text: what the visitor asked.
        reason: not_understood, or passed_on when the visitor asked for it.
        engine: of the database; that of the process by default.

    Returns:
        Whether it is kept. A database that does not answer is logged: the conversation goes on without it.
    """
    clean = redact(text).strip()[:1000]
    if not clean:
        return False
    try:
        with transaction(engine or default_engine()) as session:
            if not _count_again(session, clean, reason):
                session.add(OpenQuestion(text=clean, reason=reason, times=1))
                session.flush()
                oldest_kept = select(OpenQuestion.id).order_by(OpenQuestion.id.desc()).offset(MOST_KEPT).limit(1)
                session.execute(
                    delete(OpenQuestion).where(OpenQuestion.id <= oldest_kept.scalar_subquery()),
                    execution_options={"synchronize_session": False},
                )
    except (SQLAlchemyError, AssistantError, ValueError) as error:  # ValueError: characters that no database takes
        log.error("open_question.not_noted", error=type(error).__name__)
        return False
    return True


def _count_again(session: Session, clean: str, reason: Reason) -> bool:
    """Counts a known question; the database adds up, so that two visitors at once count as two."""
    same = select(func.min(OpenQuestion.id)).where(OpenQuestion.text == clean, OpenQuestion.reason == reason)
    found = session.execute(
        update(OpenQuestion).where(OpenQuestion.id == same.scalar_subquery()).values(times=OpenQuestion.times + 1),
        execution_options={"synchronize_session": False},
    )
    return bool(found.rowcount)


def open_questions(engine: Optional[Engine] = None) -> List[Noted]:
    """Returns the open questions, those that visitors asked to pass on first, then the most frequent."""
    with transaction(engine or default_engine()) as session:
        rows = session.execute(
            select(OpenQuestion).order_by(OpenQuestion.reason.desc(), OpenQuestion.times.desc(), OpenQuestion.id)
        ).scalars()
        return [Noted(row.text, row.reason, row.times, f"{row.noted_at:%Y-%m-%d}") for row in rows]


def clear_open_questions(engine: Optional[Engine] = None) -> int:
    """Deletes all open questions and returns how many there were."""
    with transaction(engine or default_engine()) as session:
        return int(session.execute(delete(OpenQuestion)).rowcount)
