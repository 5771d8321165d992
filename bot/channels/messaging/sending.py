"""Requests to a messaging service: on connections that stay open, with time limits, and again when that may help."""

from __future__ import annotations

import asyncio
import random
from typing import Callable, Dict, NamedTuple, Optional

import httpx

from bot.channels.messaging.service import Call, Service, Verdict

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
            verdict = await self._try(call)
            if verdict.refusal is None:
                return
            if tried == self._patience.tries or not verdict.again:
                raise NotSent(verdict.refusal, verdict.unwanted)
            await asyncio.sleep(self._wait(tried, verdict.wait))

    async def send_once(self, call: Call) -> Optional[str]:
        """Sends a request that nothing depends on, and returns why it was not taken, or None."""
        return (await self._try(call)).refusal

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _try(self, call: Call) -> Verdict:
        headers: Dict[str, str] = {"Authorization": f"Bearer {call.bearer}"} if call.bearer else {}
        try:
            response = await self._client.post(
                call.url, json=call.json, data=call.form, auth=call.auth or httpx.USE_CLIENT_DEFAULT, headers=headers
            )
        except httpx.HTTPError as error:
            return Verdict(type(error).__name__, again=True)
        return self._service.verdict(response)

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
