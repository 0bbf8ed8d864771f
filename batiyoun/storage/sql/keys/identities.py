"""`IdentityStore` over SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from batiyoun.keys.model import Device, IdentityKey, Reset
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.keys.devices import DEVICE_COLUMNS, device_of
from batiyoun.storage.sql.keys.sealed import forget_passkeys
from batiyoun.storage.sql.tables import devices, identity_keys, key_archives, key_recoveries

_columns = (
    identity_keys.c.user_id, identity_keys.c.key, identity_keys.c.created_at, identity_keys.c.next_key,
    identity_keys.c.reset_at, identity_keys.c.reset_by, identity_keys.c.seen_at,
)  # fmt: skip
_NO_RESET = {"next_key": None, "reset_at": None, "reset_by": None}


def _identity(row: Sequence[Any]) -> IdentityKey:
    user_id, key, created_at, next_key, reset_at, reset_by, seen_at = row
    reset = None if reset_at is None else Reset(next_key, reset_at, reset_by)
    return IdentityKey(user_id, key, created_at, reset, seen_at)


class SqlIdentityStore:
    """Identity keys, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, user_id: str, key: bytes, now: datetime) -> IdentityKey:
        """See `IdentityStore`."""
        insert = sqlite.insert if self._database.embedded else postgresql.insert
        first = insert(identity_keys).values(user_id=user_id, key=key, created_at=now).on_conflict_do_nothing()
        async with self._database.writing() as connection:
            await connection.execute(first)
            kept = select(*_columns).where(identity_keys.c.user_id == user_id)
            return _identity((await connection.execute(kept)).one())

    async def of(self, user_id: str) -> IdentityKey | None:
        """See `IdentityStore`."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*_columns).where(identity_keys.c.user_id == user_id))).first()
        return None if row is None else _identity(row)

    async def ask_reset(self, user_id: str, reset: Reset) -> bool:
        """See `IdentityStore`."""
        free = (identity_keys.c.user_id == user_id, identity_keys.c.reset_at.is_(None))
        values = {"next_key": reset.key, "reset_at": reset.at, "reset_by": reset.session_id}
        async with self._database.writing() as connection:
            return (await connection.execute(update(identity_keys).where(*free).values(values))).rowcount > 0

    async def cancel_reset(self, user_id: str, session_id: str | None = None) -> bool:
        """See `IdentityStore`."""
        waits = update(identity_keys).where(identity_keys.c.user_id == user_id, identity_keys.c.reset_at.is_not(None))
        if session_id is not None:
            waits = waits.where(identity_keys.c.reset_by == session_id)
        async with self._database.writing() as connection:
            return (await connection.execute(waits.values(_NO_RESET))).rowcount > 0

    async def reset(self, user_id: str, reset: Reset, now: datetime) -> list[Device] | None:
        """See `IdentityStore`."""
        waits = (
            identity_keys.c.user_id == user_id,
            identity_keys.c.next_key == reset.key,
            identity_keys.c.reset_at == reset.at,
            identity_keys.c.reset_by == reset.session_id,
        )
        values = {"key": reset.key, "created_at": now, "seen_at": None, **_NO_RESET}
        async with self._database.writing() as connection:
            if not (await connection.execute(update(identity_keys).where(*waits).values(values))).rowcount:
                return None
            rows = await connection.execute(
                delete(devices).where(devices.c.user_id == user_id).returning(*DEVICE_COLUMNS)
            )
            gone = [device_of(row) for row in rows]
            for table in (key_recoveries, key_archives):
                await connection.execute(delete(table).where(table.c.user_id == user_id))
            await connection.execute(forget_passkeys(user_id))
        return gone

    async def due_resets(self, now: datetime) -> list[tuple[str, Reset]]:
        """See `IdentityStore`."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(*_columns).where(identity_keys.c.reset_at <= now))
            found = [_identity(row) for row in rows]
        return [(identity.user_id, identity.reset) for identity in found if identity.reset is not None]
