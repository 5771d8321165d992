"""Answers to messages that another system sends with an id: the same message again gets the same answer, from any server."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Dict, List, Optional

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from bot.privacy.encryption import vault
from bot.storage.database import transaction
from bot.storage.models import KeptAnswer

Answer = List[Dict[str, Any]]
AS_READ = {"synchronize_session": False}
_UNANSWERED = KeptAnswer.answer_sealed.is_(None)


class BeingAnswered(Exception):
    """The same message is being answered just now; its answer will be there in a moment."""


class KeptAnswers:
    """The answers of all servers; every method is one transaction, and waits for the database."""

    def __init__(self, engine: Engine, lease: timedelta) -> None:
        """Takes the database, and how long answering may take: after that whoever was at it has ended."""
        self._engine = engine
        self._lease = lease

    def begin(self, conversation: str, message: str, at: datetime) -> Optional[Answer]:
        """Returns the answer to a message that was answered before; None when the caller has to answer it now.

        Args:
            conversation: its id.
            message: the other system's id of the message.
            at: the time, in UTC.

        Raises:
            BeingAnswered: somebody else is at it.
            KeyProblem: the answer was sealed with a key that is no longer there.
            SQLAlchemyError: the database failed.
        """
        mark = _mark(conversation, message)
        try:
            with transaction(self._engine) as session:
                claimed = {"at": at, "claimed_until": at + self._lease}
                session.add(KeptAnswer(mark=mark, conversation_mark=vault().mark(conversation), **claimed))
        except IntegrityError:
            return self._again(mark, at)
        return None

    def _again(self, mark: str, at: datetime) -> Optional[Answer]:
        with transaction(self._engine) as session:
            kept = session.execute(select(KeptAnswer.answer_sealed).where(KeptAnswer.mark == mark)).scalar_one_or_none()
            if kept is not None:
                return _opened(kept)
            left = update(KeptAnswer).where(KeptAnswer.mark == mark, _UNANSWERED, KeptAnswer.claimed_until < at)
            taken = session.execute(left.values(claimed_until=at + self._lease), execution_options=AS_READ)
            if not taken.rowcount:
                raise BeingAnswered
        return None

    def keep(self, conversation: str, message: str, answer: Answer) -> Answer:
        """Keeps an answer, and returns the one that stands: the first."""
        this = KeptAnswer.mark == _mark(conversation, message)
        with transaction(self._engine) as session:
            answered = update(KeptAnswer).where(this, _UNANSWERED).values(answer_sealed=vault().seal(json.dumps(answer)))
            if session.execute(answered, execution_options=AS_READ).rowcount:
                return answer
            kept = session.execute(select(KeptAnswer.answer_sealed).where(this)).scalar_one_or_none()
        return _opened(kept) if kept else answer  # without a row it was erased meanwhile

    def let_go(self, conversation: str, message: str) -> None:
        """Forgets that a message came, which was no turn of the conversation: the same again is a new one."""
        with transaction(self._engine) as session:
            this = KeptAnswer.mark == _mark(conversation, message)
            session.execute(delete(KeptAnswer).where(this, _UNANSWERED), execution_options=AS_READ)


def _mark(conversation: str, message: str) -> str:
    return vault().mark(f"{conversation} message {message}")


def _opened(sealed: str) -> Answer:
    answer: Answer = json.loads(vault().open(sealed))
    return answer
