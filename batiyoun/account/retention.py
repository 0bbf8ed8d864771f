"""Forgets what is over: rows that nobody can use any more, and files that no row names.

The security log is not touched: it is kept as long as the account's tombstone, and the database itself refuses to
change it (docs/explanation/accounts.md). Sessions end by `auth/sessions.py`, or by themselves in Redis.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from batiyoun.account.store import RetentionStore
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

#: seconds between two sweeps, and before the first: a server that starts has other things to do
EVERY = 3600.0
FIRST = 60.0
#: a picture is written before the row that names it: a file this young is not an orphan yet
YOUNG = timedelta(hours=24)

#: deletes pictures older than the duration whose addresses are not in the set; returns how many files
SweepPictures = Callable[[set[str], timedelta], Awaitable[int]]


class Retention:
    """Sweeps now and then. Several at once do no harm."""

    def __init__(self, store: RetentionStore, sweep_pictures: SweepPictures, runtime: Runtime) -> None:
        self._store = store
        self._sweep_pictures = sweep_pictures
        self._runtime = runtime
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; call it in the running loop."""
        self._task = asyncio.create_task(self._run(), name="retention")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def sweep(self) -> Mapping[str, int]:
        """Forget what is over; returns how much of what. Raises `Unavailable`."""
        gone = dict(await self._store.forget(self._runtime.utcnow()))
        files = await self._sweep_pictures(await self._store.avatars(), YOUNG)
        if files:
            gone["files"] = files
        if gone:
            log.info("what was over is forgotten: %s", ", ".join(f"{count} {what}" for what, count in gone.items()))
        return gone

    async def _run(self) -> None:
        await asyncio.sleep(FIRST)
        while True:
            try:
                await self.sweep()
            except Unavailable:
                log.warning("what is over could not be forgotten; trying again in an hour")
            except Exception:
                log.exception("what is over could not be forgotten")
            await asyncio.sleep(EVERY)
