"""How long a store is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from batiyoun.errors import Busy, Unavailable
from batiyoun.storage.breaker import Breaker


class Patience:
    """A deadline for every use of a store, and a circuit that opens when two in a row were not answered.

    A store that hangs costs a caller the deadline at most, and then nobody waits for it but one in a second who looks
    whether it is back. `max_waiting` uses at a time, then `Busy`: nothing piles up in front of a slow store.
    """

    def __init__(self, name: str, seconds: float, now: Callable[[], float], *, max_waiting: int = 1_000) -> None:
        self.seconds = seconds
        self._breaker = Breaker(name, now, after=2)
        self._max_waiting = max_waiting
        self._waiting = 0

    @property
    def lost(self) -> bool:
        """The store does not answer."""
        return self._breaker.is_open

    @asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """At most `seconds` for what is inside. Raises `Unavailable` when they pass or nobody answers, and `Busy`."""
        if self._waiting >= self._max_waiting:
            raise Busy("The server is busy with its message store. Try again in a moment.", retry_after=1)
        self._breaker.check()
        self._waiting += 1
        try:
            async with asyncio.timeout(self.seconds):
                yield
        except TimeoutError as error:
            self._breaker.failed()
            raise Unavailable(retry_after=1) from error
        except Unavailable:
            self._breaker.failed()
            raise
        else:
            self._breaker.succeeded()
        finally:
            self._waiting -= 1
