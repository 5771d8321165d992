"""Runs the custom actions in the server's own process, with a time limit, and answers when one fails.

Rasa would call an action server over HTTP; that costs time, and its errors repeat the whole conversation. Here an action
runs in a thread of its own, so that a slow one holds up no other visitor.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Dict, Optional

import structlog
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.correlation import in_context
from bot.errors import where
from bot.server.at_once import at_once

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 64
APOLOGY = "utter_apology"
Result = Dict[str, Any]


class InProcessActions(EndpointConfig):
    """Stands where Rasa expects the address of an action server."""

    def __init__(self, package: str, time_limit: float) -> None:
        """Registers the actions of a package.

        Args:
            package: name of the Python package with the actions.
            time_limit: seconds that one action may take.
        """
        super().__init__(url="in-process", enable_selective_domain=True)
        RemoteAction._validate_action_result = _trusted
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        self._time_limit = time_limit
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    @property
    def action_names(self) -> frozenset[str]:
        """The names of the registered actions."""
        return frozenset(self._executor.actions)

    async def request(
        self,
        method: str = "post",
        subpath: Optional[str] = None,
        content_type: Optional[str] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Result:
        """Runs one action call and returns its events and responses; a failure becomes an apology to the visitor."""
        call = kwargs["json"]
        name = str(call.get("next_action"))
        try:
            return await asyncio.wait_for(self._in_thread(call), self._time_limit)
        except asyncio.TimeoutError:
            log.error("action.hangs", action=name, seconds=self._time_limit)
        except Exception as error:  # noqa: BLE001 - whatever an action raises must not silence the assistant
            log.error("action.failed", action=name, error=type(error).__name__, where=where(error))
        return {"events": [], "responses": [{"response": APOLOGY}]}

    def _in_thread(self, call: Dict[str, Any]) -> asyncio.Future[Result]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        if not self._places.acquire(blocking=False):
            raise RuntimeError("too many actions are running")

        run = in_context(lambda: at_once(self._executor.run(call)))

        def work() -> None:
            result, error = None, None
            try:
                result = run()
            except BaseException as raised:  # noqa: BLE001 - handed to the caller, who answers it
                # One that would end the process (an action that calls exit) ends only the action.
                error = raised if isinstance(raised, Exception) else RuntimeError(type(raised).__name__)
            finally:
                self._places.release()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_deliver, future, result, error)

        try:
            threading.Thread(target=work, name="action", daemon=True).start()
        except RuntimeError:  # the machine has no thread left
            self._places.release()
            raise
        return future


def _deliver(future: asyncio.Future[Result], result: Optional[Result], error: Optional[BaseException]) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result or {"events": [], "responses": []})


def _trusted(action: RemoteAction, result: Result) -> bool:
    """Replaces Rasa's check of an action server's answer against a JSON schema.

    The answer comes from this process, whose executor has checked it; the schema costs 25 to 60 ms an action.
    """
    return True
