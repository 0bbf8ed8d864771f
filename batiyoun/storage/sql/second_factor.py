"""`SecondFactorStore` and `PendingStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.auth.second_factor.model import Authenticator, PendingLogin
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import authenticators, pending_logins, recovery_codes

_authenticator = (
    authenticators.c.user_id, authenticators.c.sealed, authenticators.c.confirmed, authenticators.c.last_step,
)  # fmt: skip
_pending = (
    pending_logins.c.token_hash, pending_logins.c.user_id, pending_logins.c.proof, pending_logins.c.expires_at,
)  # fmt: skip


class SqlSecondFactorStore:
    """Authenticator apps and recovery codes, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, user_id: str) -> Authenticator | None:
        """See `SecondFactorStore`."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(*_authenticator).where(authenticators.c.user_id == user_id))
            row = rows.first()
        return None if row is None else Authenticator(*row)

    async def begin(self, user_id: str, sealed: bytes) -> bool:
        """See `SecondFactorStore`."""
        insert = sqlite.insert if self._database.embedded else postgresql.insert
        row = {"user_id": user_id, "sealed": sealed, "confirmed": False, "last_step": 0}
        statement = insert(authenticators).values(row)
        statement = statement.on_conflict_do_update(
            index_elements=["user_id"],
            set_={"sealed": statement.excluded.sealed},
            where=authenticators.c.confirmed.is_(False),
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def confirm(self, user_id: str, sealed: bytes, step: int, code_hashes: Collection[bytes]) -> bool:
        """See `SecondFactorStore`."""
        statement = (
            update(authenticators)
            .where(
                authenticators.c.user_id == user_id,
                authenticators.c.sealed == sealed,
                authenticators.c.confirmed.is_(False),
            )
            .values(confirmed=True, last_step=step)
        )
        async with self._database.writing() as connection:
            if (await connection.execute(statement)).rowcount == 0:
                return False
            await _put_codes(connection, user_id, code_hashes)
        return True

    async def use_step(self, user_id: str, step: int) -> bool:
        """See `SecondFactorStore`."""
        statement = (
            update(authenticators)
            .where(
                authenticators.c.user_id == user_id,
                authenticators.c.confirmed.is_(True),
                authenticators.c.last_step < step,
            )
            .values(last_step=step)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def replace_codes(self, user_id: str, code_hashes: Collection[bytes]) -> bool:
        """See `SecondFactorStore`."""
        # the row of the app is locked, so that two sets of codes do not mix
        held = (
            select(authenticators.c.user_id)
            .where(authenticators.c.user_id == user_id, authenticators.c.confirmed.is_(True))
            .with_for_update()
        )
        async with self._database.writing() as connection:
            if (await connection.execute(held)).first() is None:
                return False
            await _put_codes(connection, user_id, code_hashes)
        return True

    async def use_code(self, user_id: str, code_hash: bytes) -> bool:
        """See `SecondFactorStore`."""
        statement = delete(recovery_codes).where(
            recovery_codes.c.user_id == user_id, recovery_codes.c.code_hash == code_hash
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def codes_left(self, user_id: str) -> int:
        """See `SecondFactorStore`."""
        statement = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.user_id == user_id)
        async with self._database.reading() as connection:
            return (await connection.execute(statement)).scalar_one()

    async def remove(self, user_id: str) -> bool:
        """See `SecondFactorStore`."""
        gone = delete(authenticators).where(authenticators.c.user_id == user_id).returning(authenticators.c.confirmed)
        async with self._database.writing() as connection:
            row = (await connection.execute(gone)).first()
            await connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
        return row is not None and bool(row[0])


async def _put_codes(connection: AsyncConnection, user_id: str, code_hashes: Collection[bytes]) -> None:
    await connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": code_hash} for code_hash in code_hashes]
    await connection.execute(recovery_codes.insert(), rows)


class SqlPendingStore:
    """Sign-ins that wait for the second factor, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, pending: PendingLogin, now: datetime) -> None:
        """See `PendingStore`."""
        row = {
            "token_hash": pending.token_hash,
            "user_id": pending.user_id,
            "proof": pending.proof,
            "tries": 0,
            "expires_at": pending.expires_at,
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(pending_logins).where(pending_logins.c.expires_at <= now))
            await connection.execute(pending_logins.insert().values(row))

    async def find(self, token_hash: bytes, now: datetime) -> PendingLogin | None:
        """See `PendingStore`."""
        statement = select(*_pending).where(
            pending_logins.c.token_hash == token_hash, pending_logins.c.expires_at > now
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).first()
        return None if row is None else PendingLogin(*row)

    async def attempt(self, token_hash: bytes, now: datetime, max_tries: int) -> bool:
        """See `PendingStore`."""
        # one statement decides: of parallel tries each sees the count of the one before
        counted = (
            update(pending_logins)
            .where(
                pending_logins.c.token_hash == token_hash,
                pending_logins.c.tries < max_tries,
                pending_logins.c.expires_at > now,
            )
            .values(tries=pending_logins.c.tries + 1)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(counted)).rowcount > 0

    async def consume(self, token_hash: bytes) -> bool:
        """See `PendingStore`."""
        async with self._database.writing() as connection:
            done = await connection.execute(delete(pending_logins).where(pending_logins.c.token_hash == token_hash))
            return done.rowcount > 0

    async def forget(self, user_id: str) -> None:
        """See `PendingStore`."""
        async with self._database.writing() as connection:
            await connection.execute(delete(pending_logins).where(pending_logins.c.user_id == user_id))
