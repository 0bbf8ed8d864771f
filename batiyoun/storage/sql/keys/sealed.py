"""`SealedStore` over SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Delete, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from batiyoun.keys.model import Batch, PasskeyCopy
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.keys.devices import locked
from batiyoun.storage.sql.tables import key_archives, key_links, key_passkeys, key_recoveries, passkeys


def forget_passkeys(user_id: str) -> Delete:
    """The statement after which no passkey of the person opens their keys."""
    theirs = select(passkeys.c.id).where(passkeys.c.user_id == user_id)
    return delete(key_passkeys).where(key_passkeys.c.passkey_id.in_(theirs))


def _is_passkey(user_id: str, credential_id: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return passkeys.c.user_id == user_id, passkeys.c.credential_id == credential_id


class SqlSealedStore:
    """What people keep sealed, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.embedded else postgresql.insert

    async def put_recovery(self, user_id: str, wrapped: bytes, now: datetime) -> bool:
        """See `SealedStore`."""
        statement = self._insert(key_recoveries).values(user_id=user_id, wrapped=wrapped, updated_at=now)
        statement = statement.on_conflict_do_update(
            index_elements=["user_id"], set_={"wrapped": wrapped, "updated_at": now}
        )
        before = select(key_recoveries.c.wrapped).where(key_recoveries.c.user_id == user_id)
        async with self._database.writing() as connection:
            if not await locked(connection, user_id):
                return False
            earlier = (await connection.execute(before)).scalar_one_or_none()
            if earlier is not None and earlier != wrapped:
                await connection.execute(forget_passkeys(user_id))
            await connection.execute(statement)
        return True

    async def recovery(self, user_id: str) -> tuple[bytes, datetime] | None:
        """See `SealedStore`."""
        mine = select(key_recoveries.c.wrapped, key_recoveries.c.updated_at).where(key_recoveries.c.user_id == user_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(mine)).first()
        return None if row is None else (row.wrapped, row.updated_at)

    async def put_passkey(self, user_id: str, credential_id: bytes, wrapped: bytes, now: datetime) -> bool | None:
        """See `SealedStore`."""
        # held until the end: removing the passkey waits, and takes the copy along
        theirs = select(passkeys.c.id).where(*_is_passkey(user_id, credential_id)).with_for_update(read=True)
        written = {"wrapped": wrapped, "updated_at": now}
        async with self._database.writing() as connection:
            if not await locked(connection, user_id):
                return None
            passkey_id = (await connection.execute(theirs)).scalar_one_or_none()
            if passkey_id is None:
                return False
            statement = self._insert(key_passkeys).values(passkey_id=passkey_id, **written)
            await connection.execute(statement.on_conflict_do_update(index_elements=["passkey_id"], set_=written))
        return True

    async def passkeys(self, user_id: str) -> list[PasskeyCopy]:
        """See `SealedStore`."""
        statement = (
            select(passkeys.c.credential_id, key_passkeys.c.updated_at)
            .join_from(key_passkeys, passkeys)
            .where(passkeys.c.user_id == user_id)
            .order_by(key_passkeys.c.updated_at.desc(), passkeys.c.id)
        )
        async with self._database.reading() as connection:
            return [PasskeyCopy(*row) for row in await connection.execute(statement)]

    async def passkey(self, user_id: str, credential_id: bytes) -> tuple[bytes, datetime] | None:
        """See `SealedStore`."""
        statement = (
            select(key_passkeys.c.wrapped, key_passkeys.c.updated_at)
            .join_from(key_passkeys, passkeys)
            .where(*_is_passkey(user_id, credential_id))
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).first()
        return None if row is None else (row.wrapped, row.updated_at)

    async def put_batch(
        self, user_id: str, chat_id: str, number: int, data: bytes, now: datetime, *, quota: int, limit: int
    ) -> bool | None:
        """See `SealedStore`."""
        this = (key_archives.c.chat_id == chat_id) & (key_archives.c.batch == number)
        others = select(func.count(), func.coalesce(func.sum(key_archives.c.size), 0)).where(
            key_archives.c.user_id == user_id, ~this
        )
        written = {"data": data, "size": len(data), "updated_at": now}
        statement = self._insert(key_archives).values(user_id=user_id, chat_id=chat_id, batch=number, **written)
        statement = statement.on_conflict_do_update(index_elements=["user_id", "chat_id", "batch"], set_=written)
        async with self._database.writing() as connection:
            if not await locked(connection, user_id):
                return None
            count, size = (await connection.execute(others)).one()
            if count >= limit or size + len(data) > quota:
                return False
            await connection.execute(statement)
        return True

    async def batch(self, user_id: str, chat_id: str, number: int) -> bytes | None:
        """See `SealedStore`."""
        which = (
            key_archives.c.user_id == user_id,
            key_archives.c.chat_id == chat_id,
            key_archives.c.batch == number,
        )
        async with self._database.reading() as connection:
            return (await connection.execute(select(key_archives.c.data).where(*which))).scalar_one_or_none()

    async def batches(self, user_id: str, chat_id: str) -> list[Batch]:
        """See `SealedStore`."""
        statement = (
            select(key_archives.c.batch, key_archives.c.size, key_archives.c.updated_at)
            .where(key_archives.c.user_id == user_id, key_archives.c.chat_id == chat_id)
            .order_by(key_archives.c.batch)
        )
        async with self._database.reading() as connection:
            return [Batch(*row) for row in await connection.execute(statement)]

    async def drop_batches(self, user_id: str, chat_id: str) -> int:
        """See `SealedStore`."""
        those = delete(key_archives).where(key_archives.c.user_id == user_id, key_archives.c.chat_id == chat_id)
        async with self._database.writing() as connection:
            return (await connection.execute(those)).rowcount

    async def put_link(
        self, user_id: str, nonce: str, data: bytes, *, now: datetime, until: datetime, limit: int
    ) -> bytes | None:
        """See `SealedStore`."""
        mine = (key_links.c.user_id == user_id, key_links.c.nonce == nonce)
        first = self._insert(key_links).values(user_id=user_id, nonce=nonce, data=data, expires_at=until)
        counted = select(func.count()).select_from(key_links).where(key_links.c.user_id == user_id)
        async with self._database.writing() as connection:
            await connection.execute(delete(key_links).where(key_links.c.expires_at <= now))
            kept: bytes | None = (await connection.execute(select(key_links.c.data).where(*mine))).scalar_one_or_none()
            if kept is not None:
                return kept
            if (await connection.execute(counted)).scalar_one() >= limit:
                return None
            await connection.execute(first.on_conflict_do_nothing())
            kept = (await connection.execute(select(key_links.c.data).where(*mine))).scalar_one_or_none()
            return kept

    async def link(self, user_id: str, nonce: str, now: datetime) -> bytes | None:
        """See `SealedStore`."""
        which = (key_links.c.user_id == user_id, key_links.c.nonce == nonce, key_links.c.expires_at > now)
        async with self._database.reading() as connection:
            return (await connection.execute(select(key_links.c.data).where(*which))).scalar_one_or_none()
