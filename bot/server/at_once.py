"""Coroutines that wait for nothing need no event loop."""

from __future__ import annotations

from typing import Any, Coroutine, TypeVar

Result = TypeVar("Result")


def at_once(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Returns the result of a coroutine that only computes; making an event loop for it would cost half a millisecond.

    Raises:
        RuntimeError: it wanted to wait.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("it waits for something; only what computes at once may run here")
