"""Limits that hold over several nodes: every node decides at once by what it knows, tells the others, and learns.

Nothing waits for another machine before a request is answered, and limits go on working while the shared counts cannot
be reached, for each node alone. The price: a node may let one request through that only the others knew to be too many.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from batiyoun.errors import Unavailable
from batiyoun.limiting import Backoff, Limiter, Rate

logger = logging.getLogger(__name__)

#: counts on their way at most; a flood beyond that is counted by each node alone
MAX_WAITING = 1_000


class SharedCounts(Protocol):
    """Counts that all nodes add to. Each is forgotten when it could not refuse anybody any more.

    Raises `Unavailable` when they cannot be reached.
    """

    async def hit(self, rate: Rate, key: str) -> float:
        """Count one; returns for how many seconds from now the quota is used up (`Limiter.learn`)."""
        ...

    async def failed(self, name: str, key: str, backoff: Backoff) -> int:
        """Count a failure; returns how many there were in a row."""
        ...

    async def succeeded(self, name: str, key: str) -> None:
        """Forget the failures."""
        ...


class SharedLimits:
    """Tells the shared counts what this node counted, and this node what they know."""

    def __init__(self, counts: SharedCounts, now: Callable[[], float]) -> None:
        """`now` is the monotonic clock that the limiters are asked with."""
        self._counts = counts
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()

    def share(self, limiter: Limiter) -> None:
        """From now on the limiter counts for all nodes. Its rate's name tells it from others."""
        limiter.counted = lambda key: self._begin(self._hit(limiter, key))

    def share_failures(self, name: str, backoff: Backoff) -> None:
        """From now on failures of that name count for all nodes."""
        backoff.counted = lambda key, good: self._begin(
            self._counts.succeeded(name, key) if good else self._failed(name, backoff, key)
        )

    async def settled(self) -> None:
        """Everything so far was told and learnt, or could not be."""
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _hit(self, limiter: Limiter, key: str) -> None:
        ahead = await self._counts.hit(limiter.rate, key)
        limiter.learn(key, ahead, self._now())

    async def _failed(self, name: str, backoff: Backoff, key: str) -> None:
        backoff.learn(key, await self._counts.failed(name, key, backoff))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= MAX_WAITING:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(self._quietly(work), name="shared limits")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable:
            return  # whoever watches the dependency says so
        except Exception:
            logger.exception("a shared limit could not be counted")
