"""What can be wrong with log.db, and what SQLite's errors mean to us.

    StoreUnusable           the file cannot be served; the text says the way out
    ├── StoreInUse          another process writes it
    ├── StoreUnwritable     the directory or the file cannot be written
    ├── StoreForeign        it is a database of something else
    ├── StoreTooNew         a newer Batiyoun made it
    └── StoreDamaged        what is read is not what was written

`StoreUnusable` is raised while opening, to the operator. Later errors reach people as `Internal` or `Unavailable`.
"""

from __future__ import annotations

import logging
import sqlite3

from batiyoun.chats.durability import DurabilityLost
from batiyoun.errors import BatiyounError, Internal, Unavailable
from batiyoun.storage import errors

logger = logging.getLogger(__name__)


class StoreUnusable(errors.StoreUnusable):
    """The message log cannot be served."""


class StoreInUse(StoreUnusable):
    """Another process writes this message log."""


class StoreUnwritable(StoreUnusable):
    """The message log cannot be written."""


class StoreForeign(StoreUnusable):
    """The file is not a message log."""


class StoreTooNew(StoreUnusable, errors.StoreTooNew):
    """The message log was made by a newer version."""


class StoreDamaged(StoreUnusable):
    """The message log is damaged."""


class RowDamaged(Exception):
    """A row's checksum does not fit its contents; the text names the row, never its contents."""


#: After these the kernel may have thrown away what was not written: what is durable is unknown.
#: https://www.sqlite.org/rescode.html#ioerr_fsync
_SYNC_FAILED = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"})
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


def _name(error: sqlite3.Error) -> str:
    """`SQLITE_…`; empty for errors of the Python module itself."""
    return str(getattr(error, "sqlite_errorname", ""))


def is_damage(error: sqlite3.Error) -> bool:
    """The file is broken, or text in it is no text (which Python's module finds, so that there is no code)."""
    return _name(error).startswith(tuple(_DAMAGED)) or str(error).startswith("Could not decode to UTF-8")


def of_write(error: sqlite3.Error) -> BatiyounError | DurabilityLost:
    """What a failed write transaction means. Unless a sync failed it was rolled back: nothing of it is stored."""
    name = _name(error)
    if name in _SYNC_FAILED:
        return DurabilityLost(f"{name}: {error}")
    if name == "SQLITE_FULL":
        logger.error("log.db cannot grow: the disk is full; sending is refused until space returns")
        return Unavailable(
            "The server's disk is full, so nothing can be stored. Tell the administrator.", retry_after=5
        )
    if name.startswith("SQLITE_BUSY"):
        logger.error("another program holds a write lock on log.db; end it")
        return Unavailable(retry_after=1)
    logger.error("log.db cannot be written (%s)", name or type(error).__name__, exc_info=error)
    return Unavailable(retry_after=5)


def of_read(error: sqlite3.Error | RowDamaged) -> BatiyounError:
    """What a failed read means."""
    if isinstance(error, RowDamaged):
        logger.critical("log.db is damaged: %s. Stop the server and restore a backup", error)
        return Internal("A stored message is damaged. Tell the administrator to restore a backup.")
    if is_damage(error):
        logger.critical("log.db is damaged (%s). Stop the server and restore a backup", _name(error))
        return Internal("The message log is damaged. Tell the administrator to restore a backup.")
    logger.error("log.db cannot be read (%s)", _name(error) or type(error).__name__, exc_info=error)
    return Unavailable(retry_after=5)
