"""A disk that may lose its power at any moment.

Writes go to the page cache and reach the disk when they are synced, or earlier, in any order and in pieces. So what a
cut leaves of a file is its contents at the last sync plus any subset of the sectors written since. `Disk` follows what
is synced, through the two places where log.db reaches the disk, and `picture` draws such leftovers.

What it takes for granted of SQLite (checked with strace, and documented):
- a checkpoint syncs the WAL, copies its frames into the database, syncs the database (https://sqlite.org/walformat.html);
- a restarted WAL gets its new header synced before its first frame (src/wal.c, ticket ff5be73dee).
"""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from batiyoun.storage.sqlite.checkpoint import move_pages

SECTOR = 512
HEADER = 32
FRAME = 24 + 4096

Known = TypeVar("Known")


@dataclass
class Leftover(Generic[Known]):
    """What a power cut left of both files, and what was promised before it."""

    database: bytes
    wal: bytes
    known: Known

    def lay_out(self, folder: Path) -> Path:
        """Write the files; returns the path of log.db."""
        folder.mkdir()
        (folder / "log.db").write_bytes(self.database)
        (folder / "log.db-wal").write_bytes(self.wal)
        return folder / "log.db"


class Disk(Generic[Known]):
    """Follows what of log.db is synced. `known()` says what has been promised up to now; it must only ever grow.

    `honest=False`: a disk that says it synced and did not; whoever trusts it must lose.
    """

    def __init__(
        self, database: Path, known: Callable[[], Known], chance: random.Random, *, honest: bool = True
    ) -> None:
        self._database = database
        self._wal = database.with_name(database.name + "-wal")
        self._known = known
        self._chance = chance
        self._honest = honest
        self._lock = threading.RLock()
        self._moving = False
        self._synced_database = b""
        self._synced_wal = b""
        self.pictures: list[Leftover[Known]] = []
        #: how often the WAL started over
        self.restarts = 0

    def begin(self) -> None:
        """Everything that is written now is on the disk."""
        self._synced_database = self._database.read_bytes()
        self._synced_wal = self._wal.read_bytes()

    def sync(self, _descriptor: int) -> None:
        """Stands for `fdatasync` of the WAL: what is written when it is called is durable when it returns."""
        with self._lock:
            written = self._wal.read_bytes()
            self._follow_restart(written)
        self.picture(0.3)
        with self._lock:
            if self._honest:
                # a restart meanwhile would make `written` the old WAL; its frames are in the database then
                self._synced_wal = written if written[:HEADER] == self._synced_wal[:HEADER] else self._synced_wal
        self.picture(0.3)

    def move(self, connection: sqlite3.Connection) -> tuple[int, int]:
        """A checkpoint, and what a cut in the middle of it would leave."""
        with self._lock:
            self._follow_restart(self._wal.read_bytes())
            header = self._synced_wal[:HEADER]
            self._moving = True
        pages, moved = move_pages(connection)
        with self._lock:
            known = self._known()
            written = self._wal.read_bytes()
            if written[:HEADER] == header:
                # the frames it found were synced before any of them was copied
                prefix = HEADER + pages * FRAME
                if len(self._synced_wal) < prefix or self._synced_wal[:prefix] != written[:prefix]:
                    self._synced_wal = written[:prefix] + self._synced_wal[prefix:]
                copied = self._database.read_bytes()
                for _ in range(2):
                    self._draw(known, copied, written)
                self._synced_database = copied
            else:
                self._synced_database = self._database.read_bytes()
                self._follow_restart(written)
            self._moving = False
        return pages, moved

    def picture(self, chance: float) -> None:
        """Perhaps keep what a cut at this moment would leave."""
        if self._chance.random() >= chance:
            return
        # first what was promised, then the files: a promise made in between needs not be in them
        known = self._known()
        with self._lock:
            if self._moving:
                return
            written = self._wal.read_bytes()
            self._follow_restart(written)
            self._draw(known, self._synced_database, written)

    def _draw(self, known: Known, database: bytes, wal: bytes) -> None:
        # how much of the unsynced reached the disk by itself; a liar is caught surest when nothing did
        share = self._chance.choice([0.0, 0.5, 0.9, 1.0]) if self._honest else 0.0
        self.pictures.append(
            Leftover(
                self._torn(self._synced_database, database, share),
                self._torn(self._synced_wal, wal, share),
                known,
            )
        )

    def _follow_restart(self, written: bytes) -> None:
        """A new header was synced before anything that follows it; everything before it was checkpointed."""
        if written[:HEADER] != self._synced_wal[:HEADER]:
            self._synced_wal = written[:HEADER] + self._synced_wal[HEADER:]
            self.restarts += 1

    def _torn(self, synced: bytes, written: bytes, share: float) -> bytes:
        """`synced` with about `share` of the sectors that differ taken from `written`."""
        if synced == written or share == 0.0:
            return synced
        result = bytearray(synced)
        for start in range(0, len(written), SECTOR):
            sector = written[start : start + SECTOR]
            if sector != synced[start : start + SECTOR] and self._chance.random() < share:
                if len(result) < start:
                    result.extend(bytes(start - len(result)))  # a hole reads as zeros
                result[start : start + len(sector)] = sector
        return bytes(result)
