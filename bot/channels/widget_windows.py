"""The widget's windows that are connected to this process, and the conversations that they are in."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional

from socketio import AsyncServer

from bot.channels.widget_session import WidgetSession
from bot.privacy.encryption import vault


class WidgetWindows:
    """Lets windows into conversations and tells them what happens there."""

    def __init__(self, sio: AsyncServer) -> None:
        """Takes the Socket.IO server."""
        self._sio = sio
        self._marks: Dict[str, str] = {}

    async def enter(self, window: str, session: WidgetSession) -> None:
        """Lets a window into the conversation of its session, and out of any other."""
        for room in self._sio.rooms(window):
            if room != window:
                await self._sio.leave_room(window, room)
        await self._sio.enter_room(window, session.conversation)
        await self._sio.save_session(window, {"conversation": session.conversation, "expires": session.expires})
        self._marks[vault().mark(session.conversation)] = session.conversation

    async def leave(self, window: str, conversation: str) -> None:
        """Lets all windows out of a conversation that one of them has ended."""
        await self.close(conversation)
        await self._sio.save_session(window, {})

    async def close(self, conversation: str) -> None:
        """Lets all windows out of a conversation that was ended elsewhere."""
        await self._sio.close_room(conversation)

    async def tell(self, event: str, conversation: str, content: Any, but: Optional[str] = None) -> None:
        """Sends an event and its content to all windows of a conversation but one."""
        await self._sio.emit(event, content, room=conversation, skip_sid=but)

    async def conversation_of(self, window: str) -> Optional[str]:
        """Returns the conversation that a window is in, as long as its session lives, which is as long as it is kept."""
        kept = await self._sio.get_session(window)
        found = kept.get("conversation")
        return found if found in self._sio.rooms(window) and kept["expires"] > time.time() else None

    def is_there(self, window: str) -> bool:
        """Is the window connected?"""
        return bool(self._sio.manager.is_connected(window, "/"))

    def conversation(self, mark: str) -> Optional[str]:
        """Returns the conversation with a mark, when a window of this process is in it."""
        found = self._marks.get(mark)
        if found is not None and next(self._sio.manager.get_participants("/", found), None) is None:
            del self._marks[mark]
            return None
        return found

    def conversations(self) -> List[str]:
        """Returns the conversations that have windows here."""
        return [found for found in map(self.conversation, list(self._marks)) if found is not None]
