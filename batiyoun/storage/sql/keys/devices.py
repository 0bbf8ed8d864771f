"""`DeviceStore` over SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.keys.model import Device
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import devices, identity_keys

#: what `device_of` reads
DEVICE_COLUMNS = (
    devices.c.id, devices.c.user_id, devices.c.session_id, devices.c.name, devices.c.certificate,
    devices.c.signature_key, devices.c.created_at, devices.c.last_seen_at,
)  # fmt: skip


def device_of(row: Sequence[Any]) -> Device:
    """A row of `DEVICE_COLUMNS`."""
    return Device(*row)


async def locked(connection: AsyncConnection, user_id: str) -> bool:
    """Take the person's turn until the transaction ends; False without an identity key."""
    mine = select(identity_keys.c.user_id).where(identity_keys.c.user_id == user_id).with_for_update()
    return (await connection.execute(mine)).first() is not None


class SqlDeviceStore:
    """Devices, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, device_id: str) -> Device | None:
        """See `DeviceStore`."""
        return await self._one(devices.c.id == device_id)

    async def of_session(self, session_id: str) -> Device | None:
        """See `DeviceStore`."""
        return await self._one(devices.c.session_id == session_id)

    async def of_user(self, user_id: str) -> list[Device]:
        """See `DeviceStore`."""
        statement = (
            select(*DEVICE_COLUMNS).where(devices.c.user_id == user_id).order_by(devices.c.created_at, devices.c.id)
        )
        async with self._database.reading() as connection:
            return [device_of(row) for row in await connection.execute(statement)]

    async def put(self, device: Device, *, limit: int) -> bool:
        """See `DeviceStore`."""
        try:
            async with self._database.writing() as connection:
                return await locked(connection, device.user_id) and await _put(connection, device, limit)
        except IntegrityError:  # somebody else's device took the id at this moment
            return False

    async def seen(self, device_id: str, at: datetime) -> None:
        """See `DeviceStore`."""
        late = (devices.c.id == device_id, devices.c.last_seen_at < at)
        async with self._database.writing() as connection:
            await connection.execute(update(devices).where(*late).values(last_seen_at=at))

    async def remove(self, device_id: str, *, seen_at: datetime | None = None) -> Device | None:
        """See `DeviceStore`."""
        async with self._database.writing() as connection:
            gone = delete(devices).where(devices.c.id == device_id).returning(*DEVICE_COLUMNS)
            row = (await connection.execute(gone)).first()
            if row is None:
                return None
            device = device_of(row)
            seen = seen_at or device.last_seen_at
            earlier = or_(identity_keys.c.seen_at.is_(None), identity_keys.c.seen_at < seen)
            await connection.execute(
                update(identity_keys).where(identity_keys.c.user_id == device.user_id, earlier).values(seen_at=seen)
            )
        return device

    async def not_seen_since(self, before: datetime, limit: int) -> list[Device]:
        """See `DeviceStore`."""
        statement = select(*DEVICE_COLUMNS).where(devices.c.last_seen_at < before).order_by(devices.c.id).limit(limit)
        async with self._database.reading() as connection:
            return [device_of(row) for row in await connection.execute(statement)]

    async def _one(self, which: ColumnElement[bool]) -> Device | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*DEVICE_COLUMNS).where(which))).first()
        return None if row is None else device_of(row)


async def _put(connection: AsyncConnection, device: Device, limit: int) -> bool:
    """In the person's turn."""
    near = select(*DEVICE_COLUMNS).where(or_(devices.c.id == device.id, devices.c.session_id == device.session_id))
    found = [device_of(row) for row in await connection.execute(near)]
    values = {
        "session_id": device.session_id,
        "name": device.name,
        "certificate": device.certificate,
        "last_seen_at": device.last_seen_at,
    }
    if found:
        same = (device.id, device.user_id, device.signature_key)
        if [(each.id, each.user_id, each.signature_key) for each in found] != [same]:
            return False
        await connection.execute(update(devices).where(devices.c.id == device.id).values(values))
        return True
    counted = select(func.count()).select_from(devices).where(devices.c.user_id == device.user_id)
    if (await connection.execute(counted)).scalar_one() >= limit:
        return False
    new = {
        "id": device.id,
        "user_id": device.user_id,
        "signature_key": device.signature_key,
        "created_at": device.created_at,
    }
    await connection.execute(devices.insert().values(values | new))
    return True
