"""Fills the schema `chatlog` of a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from batiyoun.errors import Unavailable
from batiyoun.storage.move.model import MovedChat, MovedRow, MoveFailed
from batiyoun.storage.postgres.groups import put_group, put_welcome
from batiyoun.storage.postgres.migrate import migrate
from batiyoun.storage.postgres.pool import connect
from batiyoun.storage.postgres.rows import COLUMNS, to_stored

_BEGIN = """
    insert into chatlog.chats(id, type, encryption, name, creator_id, direct_key, created_at, digest)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
"""
_HEAD = """
    select c.ref, coalesce((select max(seq) from chatlog.log l where l.chat = c.ref), 0)
    from chatlog.chats c where c.id = $1
"""
_FIELDS = (
    "chat", "seq", "timestamp", "encrypted", "notify", "kind", "type", "id", "sender_id", "sender_device_id",
    "client_id", "iv", "digest", "metadata", "content", "mls",
)  # fmt: skip
_PAGE = f"select {COLUMNS}, l.digest from chatlog.log l where chat = $1 and seq > $2 order by seq limit $3"  # noqa: S608
_FINISH = """
    update chatlog.chats
    set head_seq = $2, roster_seq = $3, last_message_seq = $4, last_message_at = $5, name = $6 where ref = $1
"""
_SEAT = """
    insert into chatlog.members(chat, user_id, role, joined_seq, delivered_seq, read_seq, shared_read_seq)
    values ($1, $2, $3, $4, $5, $6, $7)
"""


class PostgresTarget:
    """See `Target`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._refs: dict[str, int] = {}

    async def open(self) -> None:
        """See `Target`."""
        try:
            await migrate(self._url)
            # a statement may take as long as it needs: nobody waits for this server yet
            self._connection = await connect(self._url, statement_seconds=0)
        except (Unavailable, OSError, asyncpg.PostgresError) as error:
            raise MoveFailed(f"PostgreSQL cannot be filled ({error}): start it, or correct the address.") from error

    async def close(self) -> None:
        """See `Target`."""
        if self._connection is not None:
            await self._connection.close()

    @property
    def _db(self) -> asyncpg.Connection:
        assert self._connection is not None  # noqa: S101  # open() made it
        return self._connection

    async def ids(self) -> set[str]:
        """See `Target`."""
        return {record[0] for record in await self._db.fetch("select id from chatlog.chats")}

    async def begin(self, chat: MovedChat) -> int:
        """See `Target`."""
        await self._db.execute(
            _BEGIN, chat.id, chat.type, chat.encryption, chat.name, chat.creator_id, chat.direct_key, chat.created_at,
            chat.digest,
        )  # fmt: skip
        found = await self._db.fetchrow(_HEAD, chat.id)
        if found is None:
            raise MoveFailed(f"The target has chat {chat.id} under another id: move into an empty store.")
        self._refs[chat.id] = found[0]
        return int(found[1])

    async def put(self, chat: MovedChat, rows: Sequence[MovedRow]) -> None:
        """See `Target`. One COPY: all of them or none."""
        ref = self._refs[chat.id]
        await self._db.copy_records_to_table(
            "log", schema_name="chatlog", columns=_FIELDS, records=[_record(ref, row) for row in rows]
        )

    async def page(self, chat: MovedChat, after: int, limit: int) -> list[MovedRow]:
        """See `Target`."""
        found = [
            to_stored(record, chat.id) for record in await self._db.fetch(_PAGE, self._refs[chat.id], after, limit)
        ]
        return [MovedRow(stored.envelope, stored.digest) for stored in found]

    async def finish(self, chat: MovedChat) -> None:
        """See `Target`."""
        ref = self._refs[chat.id]
        _, seq, at = chat.last_message or (None, 0, None)
        seats = [
            (ref, seat.user_id, seat.role, seat.joined_seq, seat.delivered_seq, seat.read_seq, seat.shared_read_seq)
            for seat in chat.seats
        ]
        async with self._db.transaction():
            await self._db.execute(_FINISH, ref, chat.head_seq, chat.roster_seq, seq, at, chat.name)
            await self._db.execute("delete from chatlog.members where chat = $1", ref)
            await self._db.executemany(_SEAT, seats)
            await self._db.execute("delete from chatlog.welcomes where chat = $1", ref)
            if chat.group is not None:
                await put_group(self._db, ref, chat.group.group, chat.group.info)
                for each in chat.group.welcomes:
                    welcome = (each.id, ref, each.generation, each.epoch, each.made_at, each.welcome)
                    await put_welcome(self._db, welcome, each.devices)


def _record(ref: int, row: MovedRow) -> tuple[object, ...]:
    each = row.envelope
    metadata = msgspec.json.encode(each.metadata).decode() if each.metadata else None
    return (
        ref, each.seq, each.timestamp, each.encrypted, each.notify, each.kind, each.type, each.id, each.sender_id,
        each.sender_device_id, each.client_id, each.iv, row.digest, metadata, each.content, each.mls,
    )  # fmt: skip
