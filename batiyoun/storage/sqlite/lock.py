"""One writer per log.db: a second process is refused at the door instead of freezing the first one's loop."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from batiyoun.storage.sqlite.errors import StoreInUse, StoreUnwritable


class WriterLock:
    """An flock on `<file>.lock`, freed by the kernel when the process ends in whatever way.

    Not on the database file itself: closing any descriptor of that one would drop SQLite's own (POSIX) locks.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `StoreInUse` when another process (or another store of this one) has it, `StoreUnwritable`."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnwritable(
                f"{self._path} cannot be written: {error.strerror}. "
                "Give the data directory to the user that runs Batiyoun, or set BATIYOUN_DATA_DIR."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise StoreInUse(
                f"Another Batiyoun{f' (process {holder})' if holder else ''} is using {self._path.with_suffix('')}. "
                "Stop it, or give this one its own directory with BATIYOUN_DATA_DIR."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would race with who just opened it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
