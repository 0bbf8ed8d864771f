"""`InviteStore` over SQL, and the use of an invitation inside another transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.invites.model import Invite
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import invite_uses, invites, users

_columns = (
    invites.c.id, invites.c.inviter_id, invites.c.max_uses, invites.c.uses, invites.c.note, invites.c.created_at,
    invites.c.expires_at,
)  # fmt: skip
_by_living = select(users.c.id).where(users.c.id == invites.c.inviter_id, users.c.disabled.is_(False)).exists()


def _invite(row: Sequence[Any]) -> Invite:
    return Invite(*row)


async def use_invite(
    connection: AsyncConnection, code_hash: bytes, user_id: str, now: datetime, *, embedded: bool
) -> tuple[Invite, bool] | None:
    """See `InviteStore.use`; inside the caller's transaction. On None nothing was written."""
    kept = select(*_columns).where(invites.c.code_hash == code_hash, _by_living)
    row = (await connection.execute(kept)).first()
    if row is None:
        return None
    mine = select(invite_uses.c.at).where(invite_uses.c.invite_id == row.id, invite_uses.c.user_id == user_id)
    if (await connection.execute(mine)).first() is not None:
        return _invite(row), False
    # one statement decides: whoever waited for the row sees the count of those before
    counted = (
        update(invites)
        .where(invites.c.id == row.id, invites.c.uses < invites.c.max_uses, invites.c.expires_at > now)
        .values(uses=invites.c.uses + 1)
        .returning(*_columns)
    )
    used = (await connection.execute(counted)).first()
    if used is None:  # perhaps by a request of the same person, while this one waited
        return None if (await connection.execute(mine)).first() is None else (_invite(row), False)
    insert = sqlite.insert if embedded else postgresql.insert
    noted = insert(invite_uses).values(invite_id=row.id, user_id=user_id, at=now).on_conflict_do_nothing()
    if (await connection.execute(noted)).rowcount == 0:
        await connection.execute(update(invites).where(invites.c.id == row.id).values(uses=invites.c.uses - 1))
        return _invite(row), False
    return _invite(used), True


class SqlInviteStore:
    """Invitations, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, invite: Invite, code_hash: bytes, *, limit: int) -> bool:
        """See `InviteStore`."""
        good = select(func.count()).where(
            invites.c.inviter_id == invite.inviter_id,
            invites.c.uses < invites.c.max_uses,
            invites.c.expires_at > invite.created_at,
        )
        row = {
            "id": invite.id,
            "code_hash": code_hash,
            "inviter_id": invite.inviter_id,
            "max_uses": invite.max_uses,
            "uses": invite.uses,
            "note": invite.note,
            "created_at": invite.created_at,
            "expires_at": invite.expires_at,
        }
        async with self._database.writing() as connection:
            # the lock on one's own row keeps parallel requests from passing the limit together
            await connection.execute(select(users.c.id).where(users.c.id == invite.inviter_id).with_for_update())
            if (await connection.execute(good)).scalar_one() >= limit:
                return False
            await connection.execute(invites.insert().values(row))
        return True

    async def of_user(self, user_id: str) -> list[Invite]:
        """See `InviteStore`."""
        statement = select(*_columns).where(invites.c.inviter_id == user_id).order_by(invites.c.id.desc())
        async with self._database.reading() as connection:
            return [_invite(row) for row in await connection.execute(statement)]

    async def delete(self, invite_id: str, user_id: str) -> bool:
        """See `InviteStore`."""
        async with self._database.writing() as connection:
            done = await connection.execute(
                delete(invites).where(invites.c.id == invite_id, invites.c.inviter_id == user_id)
            )
            return done.rowcount > 0

    async def find(self, code_hash: bytes, now: datetime) -> Invite | None:
        """See `InviteStore`."""
        good = select(*_columns).where(
            invites.c.code_hash == code_hash,
            invites.c.uses < invites.c.max_uses,
            invites.c.expires_at > now,
            _by_living,
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(good)).first()
        return None if row is None else _invite(row)

    async def use(self, code_hash: bytes, user_id: str, now: datetime) -> tuple[Invite, bool] | None:
        """See `InviteStore`."""
        async with self._database.writing() as connection:
            return await use_invite(connection, code_hash, user_id, now, embedded=self._database.embedded)
