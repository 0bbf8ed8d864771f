"""Is what is stored what was written?"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import chain

from batiyoun.storage.sqlite.errors import RowDamaged, is_damage
from batiyoun.storage.sqlite.groups import bytes_checksum, group_checksum
from batiyoun.storage.sqlite.rows import COLUMNS, Stored, check_row, checksum
from batiyoun.storage.sqlite.state import seat_checksum

#: Problems listed at most; one is enough to refuse.
_ENOUGH = 20
#: Newest rows that are always looked at first: what a crash or a bad disk hits.
_TAIL = 1_000
#: The versions of the file (schema.py) that have them.
_WISHES_SINCE = 2
_GROUPS_SINCE = 3


def find_damage(
    connection: sqlite3.Connection, *, seconds: float | None, monotonic: Callable[[], float] = time.monotonic
) -> list[str]:
    """The problems found in log.db, empty when there are none; needs a connection of its own.

    First the newest rows with their index entries, chats, people and members against their checksums, then the
    structure of the file, then all rows, then the indexes against the tables. `seconds` bounds the time, for opening:
    rows that were not looked at then are checked when they are read. None: everything, for `doctor`.
    """
    deadline = None if seconds is None else monotonic() + seconds

    def late() -> bool:
        return deadline is not None and monotonic() > deadline

    problems: list[str] = []
    # called every so many steps of SQLite's machine; a true answer interrupts the statement
    connection.set_progress_handler(late, 1_000)
    try:
        for problem in chain(
            _log_rows(connection, f"order by l.ref desc limit {_TAIL}"),
            _unindexed(connection),
            _small_rows(connection),
            _structure(connection, "pragma quick_check(20)"),
            _log_rows(connection, "order by l.ref"),
            _gaps(connection),
            _structure(connection, "pragma integrity_check(20)"),
        ):
            if problem is not None:
                problems.append(problem)
            if len(problems) >= _ENOUGH or late():
                break
    except sqlite3.Error as error:
        if is_damage(error):
            problems.append(str(error))
        elif getattr(error, "sqlite_errorname", "") != "SQLITE_INTERRUPT":
            raise
    finally:
        connection.set_progress_handler(None, 0)
    return problems


def _log_rows(connection: sqlite3.Connection, which: str) -> Iterator[str | None]:
    """A problem or None per row, so that the caller can look at the clock."""
    for values in connection.execute(
        f"select {COLUMNS} from log l left join people p on p.ref = l.sender {which}"  # noqa: S608  # constants only
    ):
        try:
            check_row(Stored(*values))
        except RowDamaged as error:
            yield str(error)
        else:
            yield None


def _unindexed(connection: sqlite3.Connection) -> Iterator[str | None]:
    """Newest rows that an index does not lead to: they would be lost, and their place in the chat given away again.

    The plus keeps SQLite from taking the short way by the row's number.
    """
    for chat, seq in connection.execute(f"""
        select chat, seq from (select * from log order by ref desc limit {_TAIL}) t
        where not exists (select 1 from log i where i.chat = t.chat and i.seq = t.seq and +i.ref = t.ref)
        or not exists (
            select 1 from log i
            where i.chat = t.chat and i.sender = t.sender and i.client_id = t.client_id and +i.ref = t.ref
        )
    """):  # noqa: S608  # a constant
        yield f"envelope {seq} of chat number {chat} is missing in an index"


def _structure(connection: sqlite3.Connection, pragma: str) -> Iterator[str | None]:
    for (text,) in connection.execute(pragma):
        yield None if text == "ok" else text


def _small_rows(connection: sqlite3.Connection) -> Iterator[str | None]:
    for ref, id_, stored in connection.execute("select ref, id, checksum from people"):
        yield _fits(checksum(ref, id_) == stored, f"person number {ref}")
    for *chat, stored in connection.execute(
        "select ref, id, type, encryption, name, creator, direct_key, created_at, checksum from chats"
    ):
        yield _fits(checksum(*chat) == stored, f"chat number {chat[0]}")
    # a file is looked at before it is migrated: the first version had no wishes
    version = connection.execute("pragma user_version").fetchone()[0]
    wishes = connection.execute("select chat, digest, checksum from wishes") if version >= _WISHES_SINCE else ()
    for chat_ref, digest, stored in wishes:
        yield _fits(checksum(chat_ref, digest) == stored, f"the wish for chat number {chat_ref}")
    if version >= _GROUPS_SINCE:
        yield from _groups(connection)
    for person, chat_ref, role, joined, delivered, read, shared, stored in connection.execute(
        "select person, chat, role, joined_seq, delivered_seq, read_seq, shared_read_seq, checksum from members"
    ):
        fits = seat_checksum(person, chat_ref, role, joined, delivered, read, shared) == stored
        yield _fits(fits, f"member number {person} of chat number {chat_ref}")


def _groups(connection: sqlite3.Connection) -> Iterator[str | None]:
    for *group, stored in connection.execute("select chat, generation, epoch, open_from, leaves, checksum from groups"):
        yield _fits(group_checksum(*group) == stored, f"the group of chat number {group[0]}")
    for chat, info, stored in connection.execute("select chat, info, checksum from group_infos"):
        yield _fits(bytes_checksum(chat, info) == stored, f"the public description of the group of chat number {chat}")
    for *welcome, stored in connection.execute(
        "select id, chat, generation, epoch, made_at, welcome, checksum from welcomes"
    ):
        yield _fits(bytes_checksum(*welcome) == stored, f"Welcome {welcome[0]}")


def _fits(fits: bool, what: str) -> str | None:
    return None if fits else f"{what} does not fit its checksum"


def _gaps(connection: sqlite3.Connection) -> Iterator[str | None]:
    for chat, count, head in connection.execute("select chat, count(*), max(seq) from log group by chat"):
        yield None if count == head else f"chat number {chat} has {count} envelopes but its newest is {head}"
