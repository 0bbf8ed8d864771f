"""`PackageStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.keys.model import Claimed, Package
from batiyoun.runtime import to_millis
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import devices, key_packages, users


def _seconds(now: datetime) -> int:
    return to_millis(now) // 1000


class SqlPackageStore:
    """Key packages, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, device_id: str, packages: Sequence[Package], *, limit: int, now: datetime) -> int | None:
        """See `PackageStore`."""
        async with self._database.writing() as connection:
            mine = select(devices.c.id).where(devices.c.id == device_id).with_for_update()
            if (await connection.execute(mine)).first() is None:
                return None
            wanted = {package.ref: package for package in packages}
            known = select(key_packages.c.ref).where(key_packages.c.ref.in_(list(wanted)))
            for ref in (await connection.execute(known)).scalars().all():
                del wanted[ref]
            waiting = (await _waiting(connection, [device_id], now)).get(device_id, 0)
            kept = list(wanted.values())[: max(0, limit - waiting)]
            if kept:
                rows = [
                    {
                        "ref": package.ref,
                        "device_id": device_id,
                        "package": package.data,
                        "not_after": package.not_after,
                        "added_at": now,
                    }
                    for package in kept
                ]
                await connection.execute(key_packages.insert(), rows)
        return waiting + len(kept)

    async def put_last_resort(self, device_id: str, package: Package) -> bool:
        """See `PackageStore`."""
        values = {"last_resort": package.data, "last_resort_until": package.not_after}
        async with self._database.writing() as connection:
            return (
                await connection.execute(update(devices).where(devices.c.id == device_id).values(values))
            ).rowcount > 0

    async def waiting(self, device_id: str, now: datetime) -> tuple[int, bool]:
        """See `PackageStore`."""
        lasts = select(devices.c.id).where(devices.c.id == device_id, devices.c.last_resort_until > _seconds(now))
        async with self._database.reading() as connection:
            left = (await _waiting(connection, [device_id], now)).get(device_id, 0)
            return left, (await connection.execute(lasts)).first() is not None

    async def claim(self, wanted: Mapping[str, str], *, spare: Collection[str], now: datetime) -> dict[str, Claimed]:
        """See `PackageStore`."""
        of = (
            select(devices.c.id, devices.c.user_id, devices.c.last_resort, devices.c.last_resort_until)
            .join(users, users.c.id == devices.c.user_id)
            .where(devices.c.id.in_(list(wanted)), users.c.disabled.is_(False))
        )
        async with self._database.writing() as connection:
            found = [row for row in await connection.execute(of) if wanted[row.id] == row.user_id]
            taken = await _take(connection, [row.id for row in found if row.id not in spare], now)
            left = await _waiting(connection, list(taken), now)
        claimed = {device_id: Claimed(data, left.get(device_id, 0)) for device_id, data in taken.items()}
        for row in found:
            if row.id not in claimed and row.last_resort is not None and row.last_resort_until > _seconds(now):
                claimed[row.id] = Claimed(row.last_resort, None if row.id in spare else 0)
        return claimed

    async def sweep(self, now: datetime) -> int:
        """See `PackageStore`."""
        async with self._database.writing() as connection:
            over = delete(key_packages).where(key_packages.c.not_after <= _seconds(now))
            return (await connection.execute(over)).rowcount


async def _take(connection: AsyncConnection, device_ids: Sequence[str], now: datetime) -> dict[str, bytes]:
    """One package of each device, the oldest first. What others are taking at this moment is passed over."""
    taken: dict[str, tuple[bytes, bytes]] = {}
    for device_id in device_ids:
        next_one = (
            select(key_packages.c.ref, key_packages.c.package)
            .where(
                key_packages.c.device_id == device_id,
                key_packages.c.package.is_not(None),
                key_packages.c.not_after > _seconds(now),
            )
            .order_by(key_packages.c.added_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (await connection.execute(next_one)).first()
        if row is not None:
            taken[device_id] = (row.ref, row.package)
    if taken:
        refs = [ref for ref, _ in taken.values()]
        await connection.execute(update(key_packages).where(key_packages.c.ref.in_(refs)).values(package=None))
    return {device_id: data for device_id, (_, data) in taken.items()}


async def _waiting(connection: AsyncConnection, device_ids: Sequence[str], now: datetime) -> dict[str, int]:
    counted = (
        select(key_packages.c.device_id, func.count())
        .where(
            key_packages.c.device_id.in_(device_ids),
            key_packages.c.package.is_not(None),
            key_packages.c.not_after > _seconds(now),
        )
        .group_by(key_packages.c.device_id)
    )
    return {row[0]: row[1] for row in await connection.execute(counted)}
