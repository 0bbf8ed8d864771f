"""Looks every other second at what was decided about accounts elsewhere: by a command, or by another process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from batiyoun.account.service import Leaving
from batiyoun.account.store import NoticeStore
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

#: seconds between two looks
EVERY = 2.0
#: notices older than this have been seen by everybody who runs
KEPT = timedelta(minutes=10)


class Watch:
    """`look_again(user_id)` is called once for each notice: that person's sessions may be over."""

    def __init__(
        self,
        notices: NoticeStore,
        leaving: Leaving,
        look_again: Callable[[str], Awaitable[None]],
        runtime: Runtime,
    ) -> None:
        self._notices = notices
        self._leaving = leaving
        self._look_again = look_again
        self._runtime = runtime
        self._seen: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; call it in the running loop."""
        self._task = asyncio.create_task(self._run(), name="accounts")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """One look. Raises `Unavailable`."""
        kept = await self._notices.recent()
        for notice_id, user_id in kept:
            if notice_id not in self._seen:
                await self._look_again(user_id)
                self._seen.add(notice_id)
        self._seen &= {notice_id for notice_id, _ in kept}
        if kept:
            ids = [notice_id for notice_id, _ in kept]
            await self._notices.prune(self._runtime.utcnow() - KEPT, ids)
        await self._leaving.resume()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Unavailable:
                log.warning("what was decided about accounts could not be read; trying again")
            except Exception:
                log.exception("what was decided about accounts could not be done")
            await asyncio.sleep(EVERY)
