"""`SessionStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME, Session
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import ended_sessions, sessions, users

#: below the 999 parameters that every SQLite takes
CHUNK = 500

_columns = (
    sessions.c.id, sessions.c.token_hash, sessions.c.user_id, sessions.c.device_id, sessions.c.created_at,
    sessions.c.last_seen_at, sessions.c.user_agent, sessions.c.proved_at,
)  # fmt: skip
_living = select(*_columns).join(users).where(users.c.disabled.is_(False))


def _session(row: Sequence[Any]) -> Session:
    return Session(*row)


class SqlSessionStore:
    """Sign-ins, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, session: Session) -> None:
        """See `SessionStore`."""
        row = {
            "id": session.id,
            "token_hash": session.token_hash,
            "user_id": session.user_id,
            "device_id": session.device_id,
            "created_at": session.created_at,
            "last_seen_at": session.last_seen_at,
            "user_agent": session.user_agent,
            "proved_at": session.proved_at,
        }
        async with self._database.writing() as connection:
            await connection.execute(sessions.insert().values(row))

    async def find(self, token_hashes: Collection[bytes], ids: Collection[str]) -> list[Session]:
        """See `SessionStore`."""
        found: dict[str, Session] = {}
        async with self._database.reading() as connection:
            for column, values in ((sessions.c.token_hash, list(token_hashes)), (sessions.c.id, list(ids))):
                for start in range(0, len(values), CHUNK):
                    rows = await connection.execute(_living.where(column.in_(values[start : start + CHUNK])))
                    found.update((session.id, session) for session in map(_session, rows))
        return list(found.values())

    async def touch(self, seen: Mapping[str, datetime]) -> None:
        """See `SessionStore`."""
        if not seen:
            return
        statement = (
            update(sessions)
            .where(sessions.c.id == bindparam("which"), sessions.c.last_seen_at < bindparam("seen_at"))
            .values(last_seen_at=bindparam("seen_at"))
        )
        # in one order everywhere, so that two processes cannot wait for each other's rows
        rows = [{"which": session_id, "seen_at": seen[session_id]} for session_id in sorted(seen)]
        async with self._database.writing() as connection:
            await connection.execute(statement, rows)

    async def prove(self, session_id: str, at: datetime) -> None:
        """See `SessionStore`."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(sessions).where(sessions.c.id == session_id, sessions.c.proved_at < at).values(proved_at=at)
            )

    async def bind_device(self, session_id: str, device_id: str | None) -> None:
        """See `SessionStore`."""
        async with self._database.writing() as connection:
            await connection.execute(update(sessions).where(sessions.c.id == session_id).values(device_id=device_id))

    async def delete(self, ids: Collection[str]) -> list[Session]:
        """See `SessionStore`."""
        if not ids:
            return []
        async with self._database.writing() as connection:
            rows = await connection.execute(delete(sessions).where(sessions.c.id.in_(list(ids))).returning(*_columns))
            return [_session(row) for row in rows]

    async def revoke(self, ids: Collection[str]) -> list[Session]:
        """See `SessionStore`."""
        if not ids:
            return []
        async with self._database.writing() as connection:
            return await revoke_where(connection, sessions.c.id.in_(list(ids)))

    async def was_revoked(self, token_hash: bytes) -> bool:
        """See `SessionStore`."""
        statement = select(ended_sessions.c.ends_at).where(ended_sessions.c.token_hash == token_hash)
        async with self._database.reading() as connection:
            return (await connection.execute(statement)).first() is not None

    async def of_user(self, user_id: str) -> list[Session]:
        """See `SessionStore`."""
        statement = (
            select(*_columns)
            .where(sessions.c.user_id == user_id)
            .order_by(sessions.c.last_seen_at.desc(), sessions.c.id)
        )
        async with self._database.reading() as connection:
            return [_session(row) for row in await connection.execute(statement)]

    async def delete_expired(self, now: datetime) -> list[Session]:
        """See `SessionStore`."""
        over = or_(sessions.c.last_seen_at <= now - IDLE_LIFETIME, sessions.c.created_at <= now - ABSOLUTE_LIFETIME)
        async with self._database.writing() as connection:
            await connection.execute(delete(ended_sessions).where(ended_sessions.c.ends_at <= now))
            rows = await connection.execute(delete(sessions).where(over).returning(*_columns))
            return [_session(row) for row in rows]


async def revoke_where(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Session]:
    """End these sessions from elsewhere, with what else the transaction does. See `SessionStore`."""
    rows = await connection.execute(delete(sessions).where(which).returning(*_columns))
    ended = [_session(row) for row in rows]
    if ended:
        remembered = [{"token_hash": session.token_hash, "ends_at": session.ends_at()} for session in ended]
        await connection.execute(ended_sessions.insert(), remembered)
    return ended
