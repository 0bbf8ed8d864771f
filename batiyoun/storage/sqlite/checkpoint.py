"""Moving the WAL's pages into log.db, off the loop.

First a passive checkpoint in a thread of its own while commits and syncs go on: it does the bulk. Then, with writes
held back for a moment, a second one moves the little that came meanwhile, so that the WAL is empty and starts over
instead of growing without end. The first write to a restarted WAL syncs its header: it happens here, off the loop.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from batiyoun.chats.durability import DurabilityLost
from batiyoun.storage.sqlite.errors import of_write
from batiyoun.storage.sqlite.syncer import Syncer

logger = logging.getLogger(__name__)

#: Moves what it can without waiting for anybody; returns (pages in the WAL, pages moved). Runs in a thread.
Move = Callable[[sqlite3.Connection], tuple[int, int]]


def move_pages(connection: sqlite3.Connection) -> tuple[int, int]:
    """SQLite syncs the WAL, writes the pages into the database, syncs the database.

    https://www.sqlite.org/c3ref/wal_checkpoint_v2.html, SQLITE_CHECKPOINT_PASSIVE.
    """
    _, pages, moved = connection.execute("pragma wal_checkpoint(passive)").fetchone()
    return pages, moved


#: How often the bulk is tried before writes are held back for what is left, however much that is.
_ROUNDS = 4


class Checkpointer:
    """Watches how much the WAL has got and empties it.

    `writer` is the connection of the loop, used here only while the gate is shut; `connection` is a second one.
    `threshold`: pages in the WAL that start a checkpoint.
    """

    def __init__(
        self,
        writer: sqlite3.Connection,
        connection: sqlite3.Connection,
        syncer: Syncer,
        *,
        threshold: int,
        move: Move = move_pages,
    ) -> None:
        self._writer = writer
        self._connection = connection
        self._syncer = syncer
        self._threshold = threshold
        self._move = move
        self._pages = 0.0
        #: real pages per page announced: how scattered the rows are shows only in the WAL
        self._ratio = 1.0
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-checkpoint")
        #: set while writes and the loop's reads must wait
        self.gate: asyncio.Future[None] | None = None
        self.completed = 0

    def wrote(self, pages: int) -> None:
        """Work for about that many pages was committed."""
        self._pages += pages * self._ratio

    def consider(self) -> None:
        """Start a checkpoint when there is enough to move and none is running. Called on the loop."""
        if self._pages >= self._threshold and self._task is None and not self._closing:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="log-checkpoint")
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and task.exception() is not None:
            logger.error("a checkpoint of log.db failed in a way it should not", exc_info=task.exception())

    async def close(self) -> None:
        """Finish what runs, then release the thread."""
        self._closing = True
        if self._task is not None:
            await asyncio.wait([self._task])
        self._thread.shutdown(wait=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        announced, self._pages = self._pages, 0.0
        try:
            for _ in range(_ROUNDS):
                pages, moved = await loop.run_in_executor(self._thread, self._move, self._connection)
                if announced:
                    # within bounds, so that one odd measurement (a file just opened) does no harm
                    self._ratio = min(max(self._ratio * pages / announced, 0.1), 10.0)
                    announced = 0.0
                if moved < pages:
                    return  # a long read (a backup) needs the rest of the WAL; the next checkpoint gets it
                if self._pages < self._threshold / 8:
                    break  # little has come meanwhile: writes will wait for a moment only
            self._pages = 0.0
            self.gate = loop.create_future()
            try:
                await self._syncer.wait(self._syncer.generation)
                await self._syncer.run(self._finish)
                # the write that restarted the WAL is a commit like any other
                self._syncer.committed()
            finally:
                gate, self.gate = self.gate, None
                gate.set_result(None)
        except sqlite3.Error as error:
            meaning = of_write(error)
            if isinstance(meaning, DurabilityLost):
                self._syncer.lose(meaning)
            # anything else leaves the WAL as it is: complete, and moved the next time
        except DurabilityLost:
            pass  # the syncer has told everybody

    def _finish(self) -> None:
        """In the disk thread, while nobody writes."""
        pages, moved = self._move(self._connection)
        if pages == moved:
            self._writer.execute("update store set value = value + 1 where key = 'checkpoints'")
            self.completed += 1
