"""Groups and Welcomes in log.db. What writes runs inside a transaction of its caller."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any
from zlib import crc32

import msgspec

from batiyoun.chats.groups.model import Group, Step, WaitingWelcome
from batiyoun.runtime import to_millis
from batiyoun.storage.shared.leaves import pack, unpack
from batiyoun.storage.sqlite.errors import RowDamaged
from batiyoun.storage.sqlite.rows import checksum

#: what one answer carries at most of Welcomes, unless a single one is larger
WELCOME_BYTES = 2_000_000


def read_group(db: sqlite3.Connection, chat: int) -> Group | None:
    """The group of chat number `chat`. Raises `RowDamaged`."""
    row = db.execute(
        "select chat, generation, epoch, open_from, leaves, checksum from groups where chat = ?", (chat,)
    ).fetchone()
    return None if row is None else _group(row)


def read_info(db: sqlite3.Connection, chat: int) -> tuple[Group, bytes] | None:
    """The same with its public description. Raises `RowDamaged`."""
    row = db.execute(
        "select g.chat, generation, epoch, open_from, leaves, g.checksum, info, i.checksum"
        " from groups g join group_infos i on i.chat = g.chat where g.chat = ?",
        (chat,),
    ).fetchone()
    if row is None:
        return None
    if bytes_checksum(chat, row[6]) != row[7]:
        raise RowDamaged(f"the public description of the group of chat number {chat} does not fit its checksum")
    return _group(row[:6]), row[6]


def _group(row: tuple[Any, ...]) -> Group:
    chat, generation, epoch, open_from, leaves, stored = row
    if group_checksum(chat, generation, epoch, open_from, leaves) != stored:
        raise RowDamaged(f"the group of chat number {chat} does not fit its checksum")
    try:
        return Group(generation, epoch, open_from, unpack(leaves))
    except msgspec.MsgspecError as error:
        raise RowDamaged(f"the group of chat number {chat} cannot be read") from error


def group_checksum(chat: int, generation: int, epoch: int, open_from: int, leaves: bytes) -> int:
    """Over a row of `groups`."""
    return checksum(chat, generation, epoch, open_from, leaves)


def bytes_checksum(*values: Any) -> int:
    """Over a row whose last value is large."""
    *small, large = values
    return checksum(*small, crc32(large))


def write_step(db: sqlite3.Connection, chat: int, commit_id: str, step: Step, millis: int) -> None:
    """The group as it is after the commit, and the Welcomes for those it brought in."""
    group = step.group
    row = (chat, group.generation, group.epoch, group.open_from, pack(group.leaves))
    db.execute("insert or replace into groups values (?,?,?,?,?,?)", (*row, group_checksum(*row)))
    db.execute("insert or replace into group_infos values (?,?,?)", (chat, step.info, bytes_checksum(chat, step.info)))
    if step.welcome is None:
        return
    welcome = (commit_id, chat, group.generation, group.epoch, millis, step.welcome)
    db.execute(
        "insert into welcomes(id, chat, generation, epoch, made_at, welcome, checksum) values (?,?,?,?,?,?,?)",
        (*welcome, bytes_checksum(*welcome)),
    )
    [(ref,)] = db.execute("select ref from welcomes where id = ?", (commit_id,)).fetchall()
    db.executemany(
        "insert into welcomed values (?,?,?)", [(device_id, ref, user_id) for user_id, device_id in step.welcomed]
    )


def read_welcomes(
    db: sqlite3.Connection, user_id: str, device_id: str, since: datetime, limit: int
) -> list[WaitingWelcome]:
    """See `GroupStore.welcomes`. Raises `RowDamaged`."""
    found: list[WaitingWelcome] = []
    room = WELCOME_BYTES
    for *values, chat_id, stored in db.execute(
        "select w.id, w.chat, w.generation, w.epoch, w.made_at, w.welcome, c.id, w.checksum"
        " from welcomed d join welcomes w on w.ref = d.welcome join chats c on c.ref = w.chat"
        " where d.device = ? and d.user = ? and w.made_at > ? order by w.ref limit ?",
        (device_id, user_id, to_millis(since), limit),
    ):
        if bytes_checksum(*values) != stored:
            raise RowDamaged(f"Welcome {values[0]} does not fit its checksum")
        id_, _, generation, epoch, _, welcome = values
        if found and len(welcome) > room:
            break
        room -= len(welcome)
        found.append(WaitingWelcome(id_, chat_id, generation, epoch, welcome))
    return found


def forget_welcome(db: sqlite3.Connection, user_id: str, device_id: str, welcome_id: str) -> bool:
    """Take the device off the Welcome, and the Welcome away with its last one. Whether anything changed."""
    row = db.execute(
        "select w.ref from welcomes w join welcomed d on d.welcome = w.ref"
        " where w.id = ? and d.device = ? and d.user = ?",
        (welcome_id, device_id, user_id),
    ).fetchone()
    if row is None:
        return False
    db.execute("delete from welcomed where device = ? and welcome = ?", (device_id, row[0]))
    db.execute(
        "delete from welcomes where ref = ? and not exists (select 1 from welcomed where welcome = ref)", (row[0],)
    )
    return True


def forget_welcomes(db: sqlite3.Connection, before: datetime) -> int:
    """Let go of old ones; returns how many."""
    millis = to_millis(before)
    db.execute("delete from welcomed where welcome in (select ref from welcomes where made_at <= ?)", (millis,))
    return db.execute("delete from welcomes where made_at <= ?", (millis,)).rowcount
