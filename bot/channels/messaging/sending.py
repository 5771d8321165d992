"""Requests to a messaging service: on connections that stay open, with time limits, and again when that may help."""

from __future__ import annotations

import asyncio
import random
from typing import Callable, Dict, NamedTuple, Optional

import httpx
import structlog

from bot.channels.messaging.service import Call, Service, Verdict

log = structlog.get_logger(__name__)

TRY_AGAIN = frozenset({408, 425, 429})
LONGEST_WAIT = 60.0
"""Seconds between two tries, whatever the service asks for."""
MOST_CONNECTIONS, KEPT_OPEN = 256, 20
MOST_COURTESIES = 20
"""Requests at a time that nothing depends on: they must not take the connections of those that something does."""
SILENT_AFTER = 5
"""Tries in a row that got no answer, whosever they were; then the service is silent, and is not asked by everybody."""
PAUSE = 1.0
"""Seconds before a silent service is asked again; a refused connection is known at once."""
TOO_LATE = "too late"
JITTER = 0.5
"""Share of a wait that is drawn by chance, so that not everybody comes back at once."""


class NotSent(Exception):
    """A reply was given up; the text says why, without anything of the person's."""

    def __init__(self, reason: str, unwanted: bool = False) -> None:
        """Takes the reason, and whether it is that the person wants no messages."""
        super().__init__(reason)
        self.unwanted = unwanted


class Patience(NamedTuple):
    """How long a service is waited for."""

    tries: int
    first_wait: float
    """Seconds before the second try; doubled for each one after it."""
    timeout: float
    """Seconds that one try may take."""
    longest: float = 3600.0
    """Seconds after which nobody waits for this reply any more, however few tries a silent service has left it."""


class Sending:
    """Sends to one service, so that another one's trouble is not its own."""

    def __init__(self, service: Service, patience: Patience, chance: Callable[[], float] = random.random) -> None:
        """Takes what knows the service's answers, how long it is waited for, and what draws numbers from 0 to 1."""
        self._service = service
        self._patience = patience
        self._chance = chance
        self._unanswered = 0
        self._asks_for_all = asyncio.Lock()
        # Requests wait here for a connection: httpx looks through all of both each time, 44 ms a try when 400 hang, not 4.
        self._connections = asyncio.Semaphore(MOST_CONNECTIONS)
        self._courtesies = asyncio.Semaphore(MOST_COURTESIES)
        self._client = httpx.AsyncClient(
            timeout=patience.timeout,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=KEPT_OPEN),
            follow_redirects=False,
        )

    async def send(self, call: Call) -> None:
        """Sends a request until the service has taken it.

        Raises:
            NotSent: the service refuses it for good, or was tried often or long enough.
        """
        try:
            verdict = await asyncio.wait_for(self._until_taken(call), self._patience.longest)
        except asyncio.TimeoutError:
            raise NotSent(TOO_LATE) from None
        if verdict.refusal is not None:
            raise NotSent(verdict.refusal, verdict.unwanted)

    async def send_once(self, call: Call) -> Optional[str]:
        """Sends a request that nothing depends on, if the service has time for it; returns why it was not taken, or None."""
        if self._is_silent() or self._courtesies.locked():
            return "skipped"
        async with self._courtesies:
            return (await self._try(call)).refusal

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _until_taken(self, call: Call) -> Verdict:
        verdict = await self._try(call)
        for tried in range(1, self._patience.tries):
            if verdict.refusal is None or not verdict.again:
                break
            await asyncio.sleep(self._wait(tried, verdict.wait))
            verdict = await self._try_again(call)
        return verdict

    def _is_silent(self) -> bool:
        return self._unanswered >= SILENT_AFTER

    async def _try_again(self, call: Call) -> Verdict:
        """Tries once more; at a silent service one does at a time, and the others wait until it answers somebody."""
        if self._is_silent():
            async with self._asks_for_all:
                if self._is_silent():
                    return await self._try_in_silence(call)
        return await self._try(call)

    async def _try_in_silence(self, call: Call) -> Verdict:
        verdict = await self._try(call)
        if self._is_silent():
            await asyncio.sleep(PAUSE)
        return verdict

    async def _try(self, call: Call) -> Verdict:
        headers: Dict[str, str] = {"Authorization": f"Bearer {call.bearer}"} if call.bearer else {}
        async with self._connections:
            try:
                response = await self._client.post(
                    call.url, json=call.json, data=call.form, auth=call.auth or httpx.USE_CLIENT_DEFAULT, headers=headers
                )
            except httpx.HTTPError as error:
                self._note_unanswered(error)
                return Verdict(type(error).__name__, again=True)
        self._unanswered = 0
        return self._service.verdict(response)

    def _note_unanswered(self, error: httpx.HTTPError) -> None:
        self._unanswered += 1
        if self._unanswered == SILENT_AFTER:
            log.error("messaging.silent", service=self._service.name, error=type(error).__name__)

    def _wait(self, tried: int, told: Optional[float]) -> float:
        wait = self._patience.first_wait * 2.0 ** (tried - 1)
        return min(LONGEST_WAIT, max(wait * (1 - JITTER * self._chance()), told or 0.0))


def by_status(response: httpx.Response) -> Verdict:
    """Returns what status and Retry-After say of a request, which is all that there is with most services."""
    if response.is_success:
        return Verdict()
    again = response.status_code in TRY_AGAIN or response.is_server_error
    return Verdict(f"status {response.status_code}", again, retry_after(response))


def retry_after(response: httpx.Response) -> Optional[float]:
    """Returns the seconds that the header Retry-After names; a date, or nonsense, counts as none."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None
