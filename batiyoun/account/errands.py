"""The outbox: what was decided in the accounts' database is done in the other stores, whoever crashes in between.

Whoever decides does it at once, too; this is the second time, or the first when there was no first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from batiyoun.account.store import Errand, ErrandStore
from batiyoun.errors import BatiyounError, Unavailable
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

#: does an errand; a refusal (`BatiyounError` other than `Unavailable`) means that there is nothing to do any more
Handler = Callable[[Errand], Awaitable[None]]

#: seconds between two looks
EVERY = 2.0
#: how long one worker has an errand for itself
LEASE = timedelta(seconds=30)
#: errands of one look
BATCH = 100
#: from this try on somebody should look at the log
WORRYING = 5


class Errands:
    """Runs what waits, one after the other, at least once each."""

    def __init__(self, store: ErrandStore, handlers: Mapping[str, Handler], runtime: Runtime) -> None:
        """`handlers` by kind. What has none is left to a newer version beside this one."""
        self._store = store
        self._handlers = handlers
        self._runtime = runtime
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; call it in the running loop."""
        self._task = asyncio.create_task(self._run(), name="errands")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> int:
        """Do what is due; returns how many errands are done. Raises `Unavailable` when nobody can say what is due."""
        done = 0
        for errand in await self._store.take(self._runtime.utcnow(), LEASE, BATCH):
            if await self._do(errand):
                await self._store.done(errand.id)
                done += 1
        return done

    async def _do(self, errand: Errand) -> bool:
        handler = self._handlers.get(errand.kind)
        if handler is None:
            return False
        try:
            await handler(errand)
        except Unavailable:
            return False
        except BatiyounError:
            return True
        except Exception:
            log.exception("an errand (%s) could not be done, try %d", errand.kind, errand.tries)
            return False
        finally:
            if errand.tries >= WORRYING:
                log.error("an errand (%s) was tried %d times", errand.kind, errand.tries)
        return True

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Unavailable:
                log.warning("what is to be done in other stores could not be read; trying again")
            except Exception:
                log.exception("what is to be done in other stores could not be done")
            await asyncio.sleep(EVERY)
