"""`AdminStore` over SQL."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from batiyoun.runtime import Runtime
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.errands import end_sessions
from batiyoun.storage.sql.tables import users
from batiyoun.storage.sql.users import SqlAccountStore, SqlUserStore
from batiyoun.users.model import Role, User


class SqlAdminStore:
    """Everybody's accounts, in SQLite or PostgreSQL."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime
        self._accounts = SqlAccountStore(database, runtime)
        self._users = SqlUserStore(database, runtime)

    async def people(self, *, after: str | None, limit: int) -> list[User]:
        """See `AdminStore`."""
        # ids are UUIDv7: in the order of time
        statement = select(users.c.id).order_by(users.c.id).limit(limit)
        if after is not None:
            statement = statement.where(users.c.id > after)
        async with self._database.reading() as connection:
            ids = list((await connection.execute(statement)).scalars())
        found = await self._users.get_many(ids)
        return [found[user_id] for user_id in ids if user_id in found]

    async def find(self, identifier: str) -> User | None:
        """See `AdminStore`."""
        try:
            by_id = str(UUID(identifier)) == identifier
        except ValueError:
            by_id = False
        account = await (self._accounts.by_id if by_id else self._accounts.by_identifier)(identifier)
        return account.user if account else None

    async def set_disabled(self, user_id: str, disabled: bool) -> bool:
        """See `AdminStore`."""
        return await self._change(user_id, users.c.disabled.is_not(disabled), {"disabled": disabled}, out=disabled)

    async def set_role(self, user_id: str, role: Role) -> bool:
        """See `AdminStore`."""
        return await self._change(user_id, users.c.role != role, {"role": role})

    async def _change(self, user_id: str, differs: Any, values: dict[str, Any], *, out: bool = False) -> bool:
        values["updated_at"] = self._runtime.utcnow()
        statement = update(users).where(users.c.id == user_id, users.c.deleted_at.is_(None), differs).values(values)
        async with self._database.writing() as connection:
            changed = (await connection.execute(statement)).rowcount > 0
            if changed and out:
                await end_sessions(connection, self._runtime, user_id, tokens=False)
            return changed
