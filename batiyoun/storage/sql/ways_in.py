"""What can open an account, over all tables: so that nobody removes their own last way in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.auth.oidc.model import Identity
from batiyoun.auth.passkeys.model import Passkey
from batiyoun.errors import LastWayIn
from batiyoun.storage.sql.tables import authenticators, identities, passkeys, recovery_codes, users


async def add_way_in(connection: AsyncConnection, way_in: Passkey | Identity) -> None:
    """Keep what somebody signs in with. Raises `IntegrityError` when somebody has it."""
    if isinstance(way_in, Passkey):
        await connection.execute(passkeys.insert().values(passkey_row(way_in)))
    else:
        await connection.execute(identities.insert().values(asdict(way_in)))


def passkey_row(passkey: Passkey) -> dict[str, Any]:
    """A passkey as a row."""
    return {
        "id": passkey.id,
        "user_id": passkey.user_id,
        "name": passkey.name,
        "credential_id": passkey.made.credential_id,
        "public_key": passkey.made.public_key,
        "sign_count": passkey.made.sign_count,
        "transports": " ".join(passkey.made.transports),
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
    }


async def remove_way_in(
    connection: AsyncConnection, table: Table, user_id: str, way_id: str, *, may_be_last: bool
) -> bool:
    """Delete the row of that id from `passkeys` or `identities`; False when the person has none.

    Raises `LastWayIn` when nothing else would be left, unless it `may_be_last`. To be called in a transaction.
    """
    # the row of the person is locked: of two removals at once the second sees what the first left
    held = select(users.c.password_hash).where(users.c.id == user_id).with_for_update()
    password_hash = (await connection.execute(held)).scalar()
    gone = await connection.execute(delete(table).where(table.c.user_id == user_id, table.c.id == way_id))
    if gone.rowcount == 0:
        return False
    if may_be_last or password_hash is not None:
        return True
    for other in (passkeys, identities):
        left = select(func.count()).select_from(other).where(other.c.user_id == user_id)
        if (await connection.execute(left)).scalar_one():
            return True
    raise LastWayIn


async def forget_ways_in(connection: AsyncConnection, user_id: str) -> None:
    """Forget every way in but the password, and the second factor, of somebody who may have been somebody else."""
    for table in (passkeys, identities, authenticators, recovery_codes):
        await connection.execute(delete(table).where(table.c.user_id == user_id))
