"""Is what is stored what was written?"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from itertools import chain

from batiyoun.storage.sqlite.errors import RowDamaged, is_damage
from batiyoun.storage.sqlite.rows import COLUMNS, Stored, check_row, checksum
from batiyoun.storage.sqlite.state import seat_checksum

#: Problems listed at most; one is enough to refuse.
_ENOUGH = 20
#: Newest rows that are always looked at first: what a crash or a bad disk hits.
_TAIL = 1_000


def find_damage(
    connection: sqlite3.Connection, *, seconds: float | None, monotonic: Callable[[], float] = time.monotonic
) -> list[str]:
    """The problems found in log.db, empty when there are none; needs a connection of its own.

    First the newest rows, chats, people and members against their checksums, then the structure of the file, then all
    rows and, without a limit, the indexes against the tables. `seconds` bounds the time, for opening: what was not
    looked at then is compared when it is read. None: everything, for `doctor`.
    """
    deadline = None if seconds is None else monotonic() + seconds
    problems: list[str] = []
    # called every so many steps of SQLite's machine; a true answer interrupts the statement
    connection.set_progress_handler(lambda: deadline is not None and monotonic() > deadline, 10_000)
    try:
        structure = "pragma quick_check(20)" if seconds is not None else "pragma integrity_check(20)"
        for problem in chain(
            _log_rows(connection, f"order by l.ref desc limit {_TAIL}"),
            _small_rows(connection),
            (text for (text,) in connection.execute(structure) if text != "ok"),
            _log_rows(connection, "order by l.ref"),
            _gaps(connection),
        ):
            problems.append(problem)
            if len(problems) >= _ENOUGH:
                break
    except sqlite3.Error as error:
        if is_damage(error):
            problems.append(str(error))
        elif getattr(error, "sqlite_errorname", "") != "SQLITE_INTERRUPT":
            raise
    finally:
        connection.set_progress_handler(None, 0)
    return problems


def _log_rows(connection: sqlite3.Connection, which: str) -> Iterable[str]:
    for values in connection.execute(
        f"select {COLUMNS} from log l left join people p on p.ref = l.sender {which}"  # noqa: S608  # constants only
    ):
        try:
            check_row(Stored(*values))
        except RowDamaged as error:
            yield str(error)


def _small_rows(connection: sqlite3.Connection) -> Iterable[str]:
    for ref, id_, stored in connection.execute("select ref, id, checksum from people"):
        if checksum(ref, id_) != stored:
            yield f"person number {ref} does not fit its checksum"
    for *chat, stored in connection.execute(
        "select ref, id, type, encryption, name, creator, direct_key, created_at, checksum from chats"
    ):
        if checksum(*chat) != stored:
            yield f"chat number {chat[0]} does not fit its checksum"
    for person, chat_ref, role, joined, delivered, read, shared, stored in connection.execute(
        "select person, chat, role, joined_seq, delivered_seq, read_seq, shared_read_seq, checksum from members"
    ):
        if seat_checksum(person, chat_ref, role, joined, delivered, read, shared) != stored:
            yield f"member number {person} of chat number {chat_ref} does not fit its checksum"


def _gaps(connection: sqlite3.Connection) -> Iterable[str]:
    for chat, count, head in connection.execute("select chat, count(*), max(seq) from log group by chat"):
        if count != head:
            yield f"chat number {chat} has {count} envelopes but its newest is {head}"
