"""From the page cache to the disk: one `fdatasync` of the WAL makes everything committed before it durable.

Commits happen on the loop and are counted (a generation each); the sync happens in the disk thread, and whoever waits
for a generation is woken by the first sync that began after its commit. Commits made meanwhile share the next one.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from batiyoun.chats.durability import DurabilityLost, Fatal

#: Makes the data of an open file durable; raises OSError.
SyncFile = Callable[[int], None]


def sync_file(descriptor: int) -> None:
    """Data and size, not the times. On macOS only F_FULLFSYNC reaches the disk (fsync(2) there)."""
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(descriptor)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable: a synced file whose name is lost is lost."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Syncer:
    """Generations of commits, and how far they are on the disk.

    `lost` is set when a sync failed: the kernel may have dropped what it could not write and would report success the
    next time (fsyncgate, https://lwn.net/Articles/752063/), so nothing is ever acknowledged again.
    """

    def __init__(self, wal: Path, *, sync: SyncFile, fatal: Fatal) -> None:
        self._wal = wal
        self._sync = sync
        self._fatal = fatal
        self._descriptor = -1
        self._loop = asyncio.get_running_loop()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="log-disk")
        self._running = False
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._newest_ref = 0
        self.generation = 0
        self.synced = 0
        #: every row of the log with `ref` up to this one survives a power cut: what readers may see
        self.watermark = 0
        self.lost: DurabilityLost | None = None
        #: called on the loop after every sync
        self.on_synced: Callable[[], None] | None = None

    def open(self) -> None:
        """Take hold of the WAL that SQLite writes; call it when the file exists."""
        self._descriptor = os.open(self._wal, os.O_RDONLY)

    def committed(self, newest_ref: int | None = None) -> int:
        """A transaction was committed; `newest_ref` is the log's newest row, if it wrote one.

        Returns the generation to wait for; its sync is under way or follows the running one.
        """
        self.generation += 1
        if newest_ref is not None:
            self._newest_ref = newest_ref
        if not self._running and self.lost is None:
            self._start()
        return self.generation

    async def wait(self, generation: int) -> None:
        """Return when that generation is durable. Raises `DurabilityLost`."""
        if generation <= self.synced:
            return
        if self.lost is not None:
            raise self.lost
        waiter = self._loop.create_future()
        self._waiters.append((generation, waiter))
        await waiter

    async def run(self, job: Callable[[], object]) -> None:
        """Run something in the disk thread, after the syncs that are queued."""
        await self._loop.run_in_executor(self._disk, job)

    def lose(self, error: BaseException) -> None:
        """Durability is lost: tell everybody who waits, then end the process."""
        if self.lost is not None:
            return
        self.lost = error if isinstance(error, DurabilityLost) else DurabilityLost(str(error))
        self.lost.__cause__ = error if error is not self.lost else None
        self._fatal("log.db could not be synced to the disk", error)
        waiters, self._waiters = self._waiters, []
        for _, waiter in waiters:
            if not waiter.done():
                waiter.set_exception(self.lost)

    def close(self) -> None:
        """Let go of the WAL and end the thread; blocks until a running sync is done."""
        self._disk.shutdown(wait=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _start(self) -> None:
        if self.lost is not None:
            return
        self._running = True
        job = self._loop.run_in_executor(self._disk, self._sync_now)
        job.add_done_callback(partial(self._finished, self.generation, self._newest_ref))

    def _sync_now(self) -> None:
        """In the disk thread."""
        ours = os.fstat(self._descriptor)
        try:
            named = os.stat(self._wal)
        except FileNotFoundError as error:
            raise DurabilityLost(f"{self._wal} was deleted while in use") from error
        # a deleted or replaced WAL: SQLite goes on writing the old inode, and nobody finds it after a restart
        if (ours.st_ino, ours.st_dev) != (named.st_ino, named.st_dev):
            raise DurabilityLost(f"{self._wal} was replaced while in use")
        self._sync(self._descriptor)

    def _finished(self, generation: int, newest_ref: int, job: asyncio.Future[None]) -> None:
        self._running = False
        if job.cancelled():
            return
        error = job.exception()
        if error is not None:
            self.lose(error)
            return
        self.synced = generation
        self.watermark = newest_ref
        waiters, self._waiters = self._waiters, []
        for goal, waiter in waiters:
            if goal > generation:
                self._waiters.append((goal, waiter))
            elif not waiter.done():
                waiter.set_result(None)
        if self.generation > generation:
            # in the next turn, so that the commits of those just woken share this sync
            self._running = True
            self._loop.call_soon(self._start)
        if self.on_synced is not None:
            self.on_synced()
