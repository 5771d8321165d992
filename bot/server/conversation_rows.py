"""Conversations in the database: one sealed row each, written only by whoever has read what stands there."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Dict, List, NamedTuple, Optional

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from bot.errors import AssistantError
from bot.privacy.encryption import vault
from bot.privacy.leftovers import erasing
from bot.storage.database import transaction
from bot.storage.models import Conversation

NEW = 0
"""Version of a conversation that has never been written."""


class ConversationChanged(AssistantError):
    """Somebody else has written the conversation since it was read; nothing was kept."""


class Stored(NamedTuple):
    """A conversation as it stands in the database."""

    version: int
    content: Dict[str, Any]
    """Events as Rasa writes them, and what is known of them."""


class ConversationRows:
    """Reads and writes conversations; every method is one transaction and waits for the database."""

    def __init__(self, engine: Engine) -> None:
        """Takes the database."""
        self._engine = engine

    def version(self, conversation: str) -> int:
        """Returns how often a conversation has been written; NEW when it is unknown.

        Raises:
            SQLAlchemyError: the database failed.
        """
        with transaction(self._engine) as session:
            found = session.execute(select(Conversation.version).where(Conversation.mark == _mark(conversation)))
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

    def write(self, conversation: str, content: Dict[str, Any], read: int, at: datetime) -> int:
        """Writes a conversation and returns its new version.

        Args:
            conversation: its id.
            content: as in `Stored`.
            read: the version that the writer has read.
            at: the time, in UTC.

        Raises:
            ConversationChanged: another version stands there.
            SQLAlchemyError: the database failed; nothing was written.
        """
        mark, sealed = _mark(conversation), vault().seal(json.dumps(content))
        with transaction(self._engine) as session:
            changed = session.execute(
                update(Conversation)
                .where(Conversation.mark == mark, Conversation.version == read)
                .values(version=read + 1, content_sealed=sealed, used_at=at),
                execution_options={"synchronize_session": False},
            )
            if changed.rowcount:
                return read + 1
            # Not there at all: it is new, or was erased while this turn was under way.
            session.add(Conversation(mark=mark, version=read + 1, content_sealed=sealed, used_at=at))
            try:
                session.flush()
            except IntegrityError as error:
                raise ConversationChanged("Somebody else has written the conversation.") from error
        return read + 1

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


def _mark(conversation: str) -> str:
    return vault().mark(conversation)
