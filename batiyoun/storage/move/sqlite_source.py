"""Reads a log.db that no server has open, comparing every row with its checksum."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from batiyoun.chats.model import ChatType, Encryption
from batiyoun.runtime import from_millis
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.move.model import MovedChat, MovedGroup, MovedRow, MovedSeat, MovedWelcome, MoveFailed
from batiyoun.storage.sqlite import schema
from batiyoun.storage.sqlite.errors import RowDamaged
from batiyoun.storage.sqlite.groups import bytes_checksum, read_info
from batiyoun.storage.sqlite.lock import WriterLock
from batiyoun.storage.sqlite.rows import COLUMNS, MESSAGE, Stored, checksum, to_envelope

_CHATS = """
    select c.ref, c.id, c.type, c.encryption, c.name, p.id, c.direct_key, c.created_at, w.digest
    from chats c join people p on p.ref = c.creator left join wishes w on w.chat = c.ref order by c.ref
"""
_SEATS = """
    select p.id, m.role, m.joined_seq, m.delivered_seq, m.read_seq, m.shared_read_seq, m.person, m.checksum
    from members m join people p on p.ref = m.person where m.chat = ? order by p.id
"""
_HEAD = "select coalesce(max(seq), 0) from log where chat = ?"
_LAST = "select id, seq, timestamp from log where chat = ? and kind = ? order by seq desc limit 1"
_ROSTER = "select coalesce(max(seq), 0) from log where chat = ? and kind <> ?"
_PAGE = f"""
    select {COLUMNS} from log l join people p on p.ref = l.sender
    where l.chat = ? and l.seq > ? order by l.seq limit ?
"""  # noqa: S608  # a constant
_WELCOMES = """
    select ref, id, chat, generation, epoch, made_at, welcome, checksum from welcomes where chat = ? order by ref
"""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """No server can open the installation of this log.db meanwhile. Raises `MoveFailed` when one has."""
    lock = WriterLock(path)
    try:
        lock.acquire()
    except StoreUnusable as error:
        raise MoveFailed(str(error)) from error
    try:
        yield
    finally:
        lock.release()


class SqliteSource:
    """A log.db that is `held`. Use as a context manager; everything blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection
        self._refs: dict[str, int] = {}

    def __enter__(self) -> SqliteSource:
        try:
            self._db = schema.connect(self._path)
            schema.use_wal(self._db)
            schema.migrate(self._db, self._path)
        except StoreUnusable as error:
            raise MoveFailed(str(error)) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def ids(self) -> set[str]:
        """The chats there are."""
        return {chat_id for (chat_id,) in self._db.execute("select id from chats")}

    def rows(self) -> int:
        """How many envelopes there are."""
        return int(self._db.execute("select count(*) from log").fetchone()[0])

    def chats(self) -> Iterator[MovedChat]:
        """Every chat, in the order they were made. Raises `MoveFailed` for a damaged row."""
        for ref, chat_id, type_, encryption, name, creator, direct_key, created_at, digest in self._db.execute(
            _CHATS
        ).fetchall():
            self._refs[chat_id] = ref
            last = self._db.execute(_LAST, (ref, MESSAGE)).fetchone()
            yield MovedChat(
                id=chat_id,
                type=msgspec.convert(type_, ChatType),
                encryption=msgspec.convert(encryption, Encryption),
                name=name,
                creator_id=creator,
                direct_key=direct_key,
                created_at=from_millis(created_at),
                digest=digest,
                head_seq=self._db.execute(_HEAD, (ref,)).fetchone()[0],
                seats=list(self._seats(ref)),
                last_message=(last[0], last[1], from_millis(last[2])) if last else None,
                roster_seq=self._db.execute(_ROSTER, (ref, MESSAGE)).fetchone()[0],
                group=self._group(ref),
            )

    def _seats(self, chat: int) -> Iterator[MovedSeat]:
        for user_id, role, joined, delivered, read, shared, person, written in self._db.execute(_SEATS, (chat,)):
            if checksum(person, chat, role, joined, delivered, read, shared) != written:
                raise self._damaged("a member of a chat does not fit its checksum")
            yield MovedSeat(user_id, role, joined, delivered, read, shared)

    def _group(self, chat: int) -> MovedGroup | None:
        try:
            found = read_info(self._db, chat)
            welcomes = tuple(self._welcomes(chat))
        except RowDamaged as error:
            raise self._damaged(str(error)) from error
        return None if found is None else MovedGroup(*found, welcomes)

    def _welcomes(self, chat: int) -> Iterator[MovedWelcome]:
        for ref, *values, stored in self._db.execute(_WELCOMES, (chat,)).fetchall():
            if bytes_checksum(*values) != stored:
                raise RowDamaged(f"Welcome {values[0]} does not fit its checksum")
            id_, _, generation, epoch, made_at, welcome = values
            devices = tuple(
                self._db.execute("select user, device from welcomed where welcome = ? order by device", (ref,))
            )
            yield MovedWelcome(id_, generation, epoch, from_millis(made_at), welcome, devices)

    def page(self, chat: MovedChat, after: int, limit: int) -> list[MovedRow]:
        """The next rows of a chat after a `seq`."""
        ref = self._refs[chat.id]
        try:
            rows = [
                msgspec.convert(values, Stored, strict=False) for values in self._db.execute(_PAGE, (ref, after, limit))
            ]
            return [MovedRow(to_envelope(row, chat.id, ref), bytes.fromhex(row.digest)) for row in rows]
        except (RowDamaged, msgspec.MsgspecError, sqlite3.DatabaseError) as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, what: str) -> MoveFailed:
        return MoveFailed(
            f"{self._path} is damaged ({what}): restore a backup with `batiyoun restore`, then move that."
        )
