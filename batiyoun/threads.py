"""Work that would hold up the event loop: a few threads of low priority, with a bounded queue."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from batiyoun.errors import Busy

Result = TypeVar("Result")


class Threads:
    """Runs functions beside the loop; what is asked beyond `max_waiting` at a time is refused, never queued."""

    def __init__(self, name: str, *, busy: str, threads: int, max_waiting: int) -> None:
        """`busy` is told to whoever is refused."""
        self._busy = busy
        self._max_waiting = max_waiting
        self._waiting = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=_yield_to_others)

    async def run(self, function: Callable[..., Result], *arguments: object) -> Result:
        """What the function returns or raises. Raises `Busy` when too many are waiting."""
        if self._waiting >= self._max_waiting:
            raise Busy(self._busy, retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Stop the threads; what is running finishes."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _yield_to_others() -> None:
    """Lower this thread's priority: a flood of such work may slow itself, not messages (security check 7)."""
    if sys.platform == "linux":  # priorities are per thread only there (setpriority(2), "NOTES")
        with suppress(OSError):  # a sandbox may forbid it; the work is done all the same
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
