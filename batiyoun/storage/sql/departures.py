"""`DepartureStore` and `NoticeStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.account.store import Departure
from batiyoun.runtime import Runtime
from batiyoun.storage.sql.codes import forget_address
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.sessions import revoke_where
from batiyoun.storage.sql.tables import account_notices, departures, metadata, one_time_tokens, sessions, users
from batiyoun.users.model import fold, name_key

DELETED_NAME = "Deleted account"
#: RFC 2606 §2: no mailbox can ever have such an address
NOWHERE = "deleted.invalid"


def _hanging() -> list[tuple[Table, Any]]:
    """(table, column) of everything that would go with a person's row: what cascades, also when the row stays."""
    return [
        (table, key.parent)
        for table in reversed(metadata.sorted_tables)
        for key in table.foreign_keys
        if key.column is users.c.id and key.ondelete == "CASCADE" and table is not departures
    ]


def _tombstone(user_id: str, now: datetime) -> dict[str, Any]:
    # the random part of the id (RFC 9562 §5.7): unique, and it says nothing
    username = "deleted-" + user_id.replace("-", "")[-24:]
    email = f"{username}@{NOWHERE}"
    return {
        "username": username,
        "username_key": fold(username),
        "display_name": DELETED_NAME,
        "name_key": name_key(DELETED_NAME),
        "email": email,
        "email_key": fold(email),
        "password_hash": None,
        "avatar": None,
        "bio": "",
        "provider": "email",
        "provider_id": None,
        "verified": False,
        "disabled": True,
        "role": "member",
        "deleted_at": now,
        "updated_at": now,
    }


class SqlDepartureStore:
    """Ended accounts, in SQLite or PostgreSQL."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime

    async def wipe(self, user_id: str, now: datetime) -> Departure | None:
        """See `DepartureStore`."""
        living = select(users.c.email, users.c.avatar, users.c.role).where(
            users.c.id == user_id, users.c.deleted_at.is_(None)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(living.with_for_update())).first()
            if row is None:
                return None
            await revoke_where(connection, sessions.c.user_id == user_id)
            for table, column in _hanging():
                await connection.execute(delete(table).where(column == user_id))
            await forget_address(connection, row.email)
            await connection.execute(delete(one_time_tokens).where(one_time_tokens.c.subject == user_id))
            await connection.execute(update(users).where(users.c.id == user_id).values(_tombstone(user_id, now)))
            if row.role == "owner":
                await _hand_over(connection)
            await connection.execute(insert(departures).values(user_id=user_id, avatar=row.avatar, at=now))
            notice = {"id": self._runtime.new_id(), "user_id": user_id, "at": now}
            await connection.execute(insert(account_notices).values(notice))
        return Departure(user_id, row.avatar)

    async def unfinished(self) -> list[Departure]:
        """See `DepartureStore`."""
        statement = select(departures.c.user_id, departures.c.avatar).order_by(departures.c.at)
        async with self._database.reading() as connection:
            return [Departure(*row) for row in await connection.execute(statement)]

    async def finished(self, user_id: str) -> None:
        """See `DepartureStore`."""
        async with self._database.writing() as connection:
            await connection.execute(delete(departures).where(departures.c.user_id == user_id))


async def _hand_over(connection: AsyncConnection) -> None:
    eldest = (
        select(users.c.id)
        .where(users.c.role == "admin", users.c.disabled.is_(False))
        .order_by(users.c.created_at, users.c.id)
        .limit(1)
        .scalar_subquery()
    )
    await connection.execute(update(users).where(users.c.id == eldest).values(role="owner"))


class SqlNoticeStore:
    """Word between processes, in SQLite or PostgreSQL."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime

    async def post(self, user_id: str, now: datetime) -> None:
        """See `NoticeStore`."""
        row = {"id": self._runtime.new_id(), "user_id": user_id, "at": now}
        async with self._database.writing() as connection:
            await connection.execute(account_notices.insert().values(row))

    async def recent(self) -> list[tuple[str, str]]:
        """See `NoticeStore`."""
        statement = select(account_notices.c.id, account_notices.c.user_id).order_by(account_notices.c.id)
        async with self._database.reading() as connection:
            return [(row[0], row[1]) for row in await connection.execute(statement)]

    async def prune(self, before: datetime, ids: Collection[str]) -> None:
        """See `NoticeStore`."""
        old = select(account_notices.c.id).where(account_notices.c.at < before)
        async with self._database.reading() as connection:
            over = [row[0] for row in await connection.execute(old) if row[0] in ids]
        if over:
            async with self._database.writing() as connection:
                await connection.execute(
                    delete(account_notices).where(or_(*(account_notices.c.id == notice_id for notice_id in over)))
                )
