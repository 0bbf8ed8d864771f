"""`DirectoryStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from batiyoun.keys.model import DeviceRecord
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import devices, identity_keys, users

#: below the 999 parameters that every SQLite takes
CHUNK = 500


class SqlDirectoryStore:
    """The directory of devices, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def records(self, user_ids: Collection[str]) -> list[DeviceRecord]:
        """See `DirectoryStore`."""
        statement = (
            select(devices.c.user_id, devices.c.id, identity_keys.c.key, devices.c.signature_key)
            .join(identity_keys, identity_keys.c.user_id == devices.c.user_id)
            .join(users, users.c.id == devices.c.user_id)
            .where(users.c.disabled.is_(False))
            .order_by(devices.c.created_at, devices.c.id)
        )
        wanted, found = list(user_ids), []
        async with self._database.reading() as connection:
            for start in range(0, len(wanted), CHUNK):
                rows = await connection.execute(statement.where(devices.c.user_id.in_(wanted[start : start + CHUNK])))
                found += [DeviceRecord(*row) for row in rows]
        return found
