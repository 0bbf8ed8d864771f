"""Keys of people and their devices, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from batiyoun.auth.connections import Connections
from batiyoun.keys.service import Devices, Directory, Identities, KeyService, Packages, Sealed
from batiyoun.keys.telling import Telling
from batiyoun.live import Rooms, chat_room, user_room
from batiyoun.parts.accounts import Accounts
from batiyoun.presence.service import Circle
from batiyoun.storage.sql.keys.devices import SqlDeviceStore
from batiyoun.storage.sql.keys.directory import SqlDirectoryStore
from batiyoun.storage.sql.keys.identities import SqlIdentityStore
from batiyoun.storage.sql.keys.packages import SqlPackageStore
from batiyoun.storage.sql.keys.sealed import SqlSealedStore


def key_service(
    accounts: Accounts,
    connections: Connections,
    rooms: Rooms,
    circle: Callable[[str], Awaitable[Circle]],
    *,
    joined: bool,
) -> KeyService:
    """`circle` says who shares a chat with a person; `joined`: other processes change devices, too."""
    database, settings, runtime = accounts.database, accounts.settings, accounts.runtime

    async def near(user_id: str) -> list[str]:
        found = await circle(user_id)
        return [*map(user_room, found.partners), *map(chat_room, found.groups)]

    directory, telling = Directory(SqlDirectoryStore(database)), Telling(rooms, near)
    if joined:
        directory.believe_nothing()
    identities = SqlIdentityStore(database)
    devices = Devices(
        SqlDeviceStore(database),
        identities,
        directory,
        telling,
        auth=accounts.auth,
        audit=accounts.audit,
        bound=connections.bound,
        runtime=runtime,
    )
    return KeyService(
        directory=directory,
        devices=devices,
        identities=Identities(
            identities,
            devices,
            telling,
            auth=accounts.auth,
            audit=accounts.audit,
            post=accounts.post,
            place=settings.base_url(),
            runtime=runtime,
        ),
        packages=Packages(SqlPackageStore(database), devices, telling, runtime, guard=settings.rate_limits),
        sealed=Sealed(SqlSealedStore(database), telling, accounts.audit, runtime),
    )
