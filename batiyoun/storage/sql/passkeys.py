"""`PasskeyStore` over SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from batiyoun.auth.passkeys.model import NewPasskey, Passkey
from batiyoun.errors import PasskeyKnown
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import passkeys
from batiyoun.storage.sql.ways_in import add_way_in, remove_way_in

_columns = (
    passkeys.c.id, passkeys.c.user_id, passkeys.c.name, passkeys.c.credential_id, passkeys.c.public_key,
    passkeys.c.sign_count, passkeys.c.transports, passkeys.c.created_at, passkeys.c.last_used_at,
)  # fmt: skip


def _passkey(row: Sequence[Any]) -> Passkey:
    passkey_id, user_id, name, credential_id, public_key, sign_count, transports, created_at, last_used_at = row
    made = NewPasskey(credential_id, public_key, sign_count, tuple(transports.split()))
    return Passkey(passkey_id, user_id, name, made, created_at, last_used_at)


class SqlPasskeyStore:
    """Public keys of people's authenticators, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, passkey: Passkey) -> None:
        """See `PasskeyStore`."""
        try:
            async with self._database.writing() as connection:
                await add_way_in(connection, passkey)
        except IntegrityError as exc:
            if await self.by_credential(passkey.made.credential_id):
                raise PasskeyKnown from exc
            raise

    async def by_credential(self, credential_id: bytes) -> Passkey | None:
        """See `PasskeyStore`."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(*_columns).where(passkeys.c.credential_id == credential_id))
            row = rows.first()
        return None if row is None else _passkey(row)

    async def of_user(self, user_id: str) -> list[Passkey]:
        """See `PasskeyStore`."""
        statement = (
            select(*_columns).where(passkeys.c.user_id == user_id).order_by(passkeys.c.created_at, passkeys.c.id)
        )
        async with self._database.reading() as connection:
            return [_passkey(row) for row in await connection.execute(statement)]

    async def used(self, passkey_id: str, sign_count: int, at: datetime) -> bool:
        """See `PasskeyStore`."""
        # a count of 0, before and now, is that of an authenticator that does not count
        fine = passkeys.c.sign_count < sign_count if sign_count else passkeys.c.sign_count == 0
        statement = (
            update(passkeys).where(passkeys.c.id == passkey_id, fine).values(sign_count=sign_count, last_used_at=at)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def rename(self, user_id: str, passkey_id: str, name: str) -> Passkey | None:
        """See `PasskeyStore`."""
        statement = (
            update(passkeys)
            .where(passkeys.c.user_id == user_id, passkeys.c.id == passkey_id)
            .values(name=name)
            .returning(*_columns)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(statement)).first()
        return None if row is None else _passkey(row)

    async def remove(self, user_id: str, passkey_id: str, *, may_be_last: bool) -> bool:
        """See `PasskeyStore`."""
        async with self._database.writing() as connection:
            return await remove_way_in(connection, passkeys, user_id, passkey_id, may_be_last=may_be_last)
