"""`IdentityStore` over SQL."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from batiyoun.auth.oidc.model import Identity
from batiyoun.errors import IdentityTaken
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import identities
from batiyoun.storage.sql.ways_in import add_way_in, remove_way_in

_columns = (
    identities.c.id, identities.c.user_id, identities.c.issuer, identities.c.subject, identities.c.email,
    identities.c.linked_at,
)  # fmt: skip


class SqlIdentityStore:
    """Who people are elsewhere, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, identity: Identity) -> None:
        """See `IdentityStore`."""
        try:
            async with self._database.writing() as connection:
                await add_way_in(connection, identity)
        except IntegrityError as exc:
            if await self.find(identity.issuer, identity.subject):
                raise IdentityTaken from exc
            raise

    async def find(self, issuer: str, subject: str) -> Identity | None:
        """See `IdentityStore`."""
        statement = select(*_columns).where(identities.c.issuer == issuer, identities.c.subject == subject)
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).first()
        return None if row is None else Identity(*row)

    async def of_user(self, user_id: str) -> list[Identity]:
        """See `IdentityStore`."""
        statement = (
            select(*_columns).where(identities.c.user_id == user_id).order_by(identities.c.linked_at, identities.c.id)
        )
        async with self._database.reading() as connection:
            return [Identity(*row) for row in await connection.execute(statement)]

    async def remove(self, user_id: str, identity_id: str, *, may_be_last: bool) -> bool:
        """See `IdentityStore`."""
        async with self._database.writing() as connection:
            return await remove_way_in(connection, identities, user_id, identity_id, may_be_last=may_be_last)
