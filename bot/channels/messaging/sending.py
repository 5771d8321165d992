"""Requests to a messaging service: on connections that stay open, with time limits, and again when that may help."""

from __future__ import annotations

import asyncio
import random
from typing import Callable, NamedTuple, Optional

import httpx

from bot.channels.messaging.service import Call, Service

TRY_AGAIN = frozenset({408, 425, 429})
LONGEST_WAIT = 60.0
"""Seconds between two tries, whatever the service asks for."""
MOST_CONNECTIONS, KEPT_OPEN = 256, 20
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


class Sending:
    """Sends to one service, so that another one's trouble is not its own."""

    def __init__(self, service: Service, patience: Patience, chance: Callable[[], float] = random.random) -> None:
        """Takes what knows the service's answers, how long it is waited for, and what draws numbers from 0 to 1."""
        self._service = service
        self._patience = patience
        self._chance = chance
        # Who waits for a connection has not been tried yet: that takes as long as it takes.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(patience.timeout, pool=None),
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=KEPT_OPEN),
            follow_redirects=False,
        )

    async def send(self, call: Call) -> None:
        """Sends a request until the service has taken it.

        Raises:
            NotSent: the service refuses it for good, or was tried often enough.
        """
        for tried in range(1, self._patience.tries + 1):
            reason, told = await self._try(call)
            if reason is None:
                return
            if tried == self._patience.tries:
                raise NotSent(reason)
            await asyncio.sleep(self._wait(tried, told))

    async def send_once(self, call: Call) -> Optional[str]:
        """Sends a request that nothing depends on, and returns why it was not taken, or None."""
        try:
            return (await self._try(call))[0]
        except NotSent as error:
            return str(error)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _try(self, call: Call) -> tuple[Optional[str], Optional[float]]:
        """Returns None when it was taken, else the reason and how long the service asks to wait."""
        try:
            response = await self._client.post(
                call.url, json=call.json, data=call.form, auth=call.auth or httpx.USE_CLIENT_DEFAULT
            )
        except httpx.HTTPError as error:
            return type(error).__name__, None
        if response.is_success:
            return None, None
        if response.status_code in TRY_AGAIN or response.is_server_error:
            return f"status {response.status_code}", self._service.wait_told(response)
        raise NotSent(f"status {response.status_code}", self._service.is_unwanted(response))

    def _wait(self, tried: int, told: Optional[float]) -> float:
        wait = self._patience.first_wait * 2.0 ** (tried - 1)
        return min(LONGEST_WAIT, max(wait * (1 - JITTER * self._chance()), told or 0.0))


def retry_after(response: httpx.Response) -> Optional[float]:
    """Returns the seconds that the header Retry-After names; a date, or nonsense, counts as none."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None
