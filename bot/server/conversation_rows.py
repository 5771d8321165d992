"""Conversations in the database: one sealed row each, written only by whoever has read what stands there."""

from __future__ import annotations

import json
import secrets
import time
from datetime import datetime
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.errors import AssistantError
from bot.privacy.encryption import vault
from bot.privacy.leftovers import erasing
from bot.storage.database import transaction
from bot.storage.models import Conversation
from bot.storage.postgresql import is_unanswered

NEW = 0
"""Version of a conversation that has never been written."""
VERSIONS = 2**30
TRY_FOR_SECONDS = 3.0
"""How long a write is tried anew when the connection goes before the database has answered; a restart takes less."""
SECONDS_BETWEEN_TRIES = 0.1


class ConversationChanged(AssistantError):
    """Somebody else has written the conversation since it was read; nothing was kept."""


class Stored(NamedTuple):
    """A conversation as it stands in the database."""

    version: int
    content: Dict[str, Any]
    """Events as Rasa writes them, and what is known of them."""


class Writing(NamedTuple):
    """Which version a writer puts in the place of which."""

    read: int
    """What it has read."""
    version: int
    """Its own, which nobody else has (`new_version`): where it stands the writing has succeeded."""
    denied: FrozenSet[int] = frozenset()
    """Its writings on what it has read that were reported as failed; if one has succeeded after all, it is replaced."""


class ConversationRows:
    """Reads and writes conversations; every method is one transaction and waits for the database."""

    def __init__(self, engine: Engine) -> None:
        """Takes the database."""
        self._engine = engine

    def version(self, conversation: str) -> int:
        """Returns which version of a conversation stands there; NEW when it is unknown.

        Raises:
            SQLAlchemyError: the database failed.
        """
        return self._version(_mark(conversation))

    def _version(self, mark: str) -> int:
        with transaction(self._engine) as session:
            found = session.execute(select(Conversation.version).where(Conversation.mark == mark))
            return int(found.scalar_one_or_none() or NEW)

    def read(self, conversation: str) -> Optional[Stored]:
        """Returns a conversation, or None when it is unknown.

        Raises:
            SQLAlchemyError: the database failed.
            KeyProblem: it was sealed with a key that is no longer there.
        """
        with transaction(self._engine) as session:
            columns = select(Conversation.version, Conversation.content_sealed)
            found = session.execute(columns.where(Conversation.mark == _mark(conversation))).first()
        return None if found is None else Stored(found.version, json.loads(vault().open(found.content_sealed)))

    def write(self, conversation: str, content: Dict[str, Any], writing: Writing, at: datetime) -> None:
        """Writes a conversation.

        When the connection goes before the database has answered, nobody knows what became of the transaction. So the same
        is written again, for some seconds: if it stands there already, that is seen by its version.

        Args:
            conversation: its id.
            content: as in `Stored`.
            writing: which version, in whose place.
            at: the time, in UTC.

        Raises:
            ConversationChanged: another version stands there; nothing was written.
            SQLAlchemyError: the database failed; most likely nothing was written, see `Writing.denied`.
        """
        mark, sealed = _mark(conversation), vault().seal(json.dumps(content))
        values = {"version": writing.version, "content_sealed": sealed, "used_at": at}
        give_up = time.monotonic() + TRY_FOR_SECONDS
        while True:
            try:
                return self._replace_or_add(mark, writing, values)
            except DBAPIError as error:
                if not is_unanswered(error) or time.monotonic() > give_up:
                    raise
            time.sleep(SECONDS_BETWEEN_TRIES)

    def _replace_or_add(self, mark: str, writing: Writing, values: Dict[str, Any]) -> None:
        try:
            with transaction(self._engine) as session:
                changed = session.execute(
                    update(Conversation)
                    .where(Conversation.mark == mark, Conversation.version.in_([writing.read, *writing.denied]))
                    .values(**values),
                    execution_options={"synchronize_session": False},
                )
                if not changed.rowcount:  # it is new, or was erased while this turn was under way
                    session.add(Conversation(mark=mark, **values))
        except IntegrityError as error:
            if self._version(mark) != writing.version:
                raise ConversationChanged("Somebody else has written the conversation.") from error

    def forget(self, conversation: str) -> None:
        """Deletes a conversation.

        Raises:
            SQLAlchemyError: the database failed.
        """
        with erasing(self._engine) as session:
            gone = delete(Conversation).where(Conversation.mark == _mark(conversation))
            session.execute(gone, execution_options={"synchronize_session": False})

    def forget_before(self, time: datetime) -> int:
        """Deletes the conversations that were last used before a time (UTC), and returns how many there were.

        Raises:
            SQLAlchemyError: the database failed.
        """
        with transaction(self._engine) as session:
            old: List[int] = list(session.execute(select(Conversation.id).where(Conversation.used_at < time)).scalars())
        if not old:
            return 0
        with erasing(self._engine) as session:
            gone = delete(Conversation).where(Conversation.id.in_(old), Conversation.used_at < time)
            return int(session.execute(gone, execution_options={"synchronize_session": False}).rowcount)


def new_version() -> int:
    """Returns a version drawn from so many that none comes twice, not even when a conversation is erased and begins anew."""
    return 1 + secrets.randbelow(VERSIONS)


def _mark(conversation: str) -> str:
    return vault().mark(conversation)
