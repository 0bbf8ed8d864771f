"""log.db, opened: its lock, connections and threads, and the rules for writing and waiting."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from batiyoun.chats.durability import DurabilityLost, Fatal
from batiyoun.errors import Unavailable
from batiyoun.storage.sqlite.checkpoint import Checkpointer, Move
from batiyoun.storage.sqlite.errors import StoreDamaged, StoreUnusable, StoreUnwritable, is_damage, of_write
from batiyoun.storage.sqlite.lock import WriterLock
from batiyoun.storage.sqlite.reader import Reader
from batiyoun.storage.sqlite.schema import PAGE_SIZE, check_version, connect, migrate, use_wal
from batiyoun.storage.sqlite.syncer import Syncer, SyncFile, sync_directory
from batiyoun.storage.sqlite.verify import find_damage


class LogFile:
    """`await open()`, then `ready()` before everything that touches `writer`, `transaction()` to write, `close()`.

    `sync`, `move`: how a file is synced and the WAL moved, replaced in tests. `checkpoint_pages`: the size of the WAL
    that starts a checkpoint. `check_seconds`: the time spent on looking for damage when opening.
    """

    def __init__(
        self, path: Path, *, fatal: Fatal, sync: SyncFile, move: Move, checkpoint_pages: int, check_seconds: float
    ) -> None:
        self.path = path
        self._fatal = fatal
        self._sync = sync
        self._move = move
        self._checkpoint_pages = checkpoint_pages
        self._check_seconds = check_seconds
        self._lock = WriterLock(path)
        self._structural = 0
        self._closed = True
        self.writer: sqlite3.Connection
        self.syncer: Syncer
        self.reader: Reader
        self._checkpointer: Checkpointer

    async def open(self) -> None:
        """Lock, migrate, look for damage, make what a crash left in the WAL durable. Raises `StoreUnusable`."""
        self.writer, second = await asyncio.to_thread(self._prepare)
        self.syncer = Syncer(self._wal, sync=self._sync, fatal=self._fatal)
        self.syncer.open()
        self._checkpointer = Checkpointer(
            self.writer, second, self.syncer, threshold=self._checkpoint_pages, move=self._move
        )
        self.syncer.on_synced = self._checkpointer.consider
        self.reader = Reader(self.path)
        self._second = second
        self._closed = False
        # rows of a killed process are in the page cache, perhaps not on the disk: nobody sees them before they are
        newest = self.writer.execute("select coalesce(max(ref), 0) from log").fetchone()[0]
        left = self._wal.stat().st_size // PAGE_SIZE
        await self.syncer.wait(self.committed(newest_ref=newest, pages=left))

    @property
    def _wal(self) -> Path:
        return self.path.with_name(self.path.name + "-wal")

    def _prepare(self) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        """In a thread: the writer's and the checkpointer's connection."""
        if sqlite3.sqlite_version_info < (3, 38):
            raise StoreUnusable(f"SQLite 3.38 or newer is needed, this is {sqlite3.sqlite_version}. Update Python.")
        self._lock.acquire()
        try:
            # before SQLite opens it: the WAL inherits the mode, and bodies are nobody else's business
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            if self.path.stat().st_size:
                self._check()
            return self._connect()
        except BaseException as error:
            self._lock.release()
            # names of damaged tables are no text: Python cannot even say what SQLite complains about
            if isinstance(error, UnicodeDecodeError) or (isinstance(error, sqlite3.Error) and is_damage(error)):
                raise self._damaged(str(error)) from error
            if isinstance(error, sqlite3.OperationalError | OSError):
                raise StoreUnwritable(
                    f"{self.path} cannot be opened for writing ({error}). "
                    "Check the disk's free space and who owns the data directory."
                ) from error
            raise

    def _check(self) -> None:
        """Look before touching: a read-only connection leaves a damaged file and its WAL as they are."""
        with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            if check_version(connection, self.path) == 0:
                return
            problems = find_damage(connection, seconds=self._check_seconds)
        if problems:
            raise self._damaged("; ".join(problems[:3]))

    def _connect(self) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        writer = connect(self.path)
        try:
            use_wal(writer)
            migrate(writer, self.path)
            # makes the WAL exist, which the syncer opens
            writer.execute("update store set value = value + 1 where key = 'opened'")
            sync_directory(self.path.parent)
            return writer, connect(self.path)
        except BaseException:
            writer.close()
            raise

    def _damaged(self, what: str) -> StoreDamaged:
        return StoreDamaged(
            f"{self.path} is damaged: {what}. Nothing was changed. Restore a backup with `batiyoun restore`, "
            "or move the file and its -wal away to start empty."
        )

    async def close(self) -> None:
        """Sync what is committed, empty the WAL, let go of the file. Idempotent."""
        if self._closed:
            return
        self._closed = True
        await self._checkpointer.close()
        self.reader.close()
        if self.syncer.lost is None:
            await self.syncer.wait(self.syncer.generation)
        # closing the last connection checkpoints: in the disk thread
        await self.syncer.run(self._second.close)
        await self.syncer.run(self.writer.close)
        self.syncer.close()
        self._lock.release()

    def check_open(self) -> None:
        """Raises `Unavailable` after `close`, `DurabilityLost` when the process is about to end."""
        if self._closed:
            raise Unavailable("The server is stopping. Try again in a moment.")
        if self.syncer.lost is not None:
            raise self.syncer.lost

    async def ready(self) -> None:
        """Return when the loop may use `writer`, until the next await. Raises as `check_open`."""
        self.check_open()
        while self._checkpointer.gate is not None:
            await asyncio.shield(self._checkpointer.gate)
            self.check_open()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write through `writer`, all or nothing; report it with `committed` afterwards.

        Raises `sqlite3.IntegrityError` as it is, other errors as `Unavailable`, a failed sync as `DurabilityLost`:
        after that the process is about to end.
        """
        writer = self.writer
        try:
            if writer.in_transaction:  # a rollback failed earlier
                writer.execute("rollback")
            writer.execute("begin immediate")
            yield
            writer.execute("commit")
        except sqlite3.IntegrityError:
            self._roll_back()
            raise
        except sqlite3.Error as error:
            self._roll_back()
            meaning = of_write(error)
            if isinstance(meaning, DurabilityLost):
                self.syncer.lose(meaning)
            raise meaning from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # SQLite has rolled back by itself after some errors (disk full)
        if self.writer.in_transaction:
            self.writer.execute("rollback")

    def committed(self, *, newest_ref: int | None = None, pages: int, structural: bool = False) -> int:
        """Count a commit; `structural`: it changed more than the log. Returns the generation to wait for."""
        self._checkpointer.wrote(pages)
        generation = self.syncer.committed(newest_ref)
        if structural:
            self._structural = generation
        return generation

    async def settled(self) -> None:
        """Return when every roster, chat and receipt that can be read now is durable. Raises `DurabilityLost`."""
        await self.syncer.wait(self._structural)
