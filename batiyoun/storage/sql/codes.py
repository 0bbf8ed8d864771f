"""`CodeStore` and `TokenStore` over SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.auth.model import Challenge, OneTimeToken, TokenPurpose
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import email_codes, one_time_tokens
from batiyoun.users.model import fold

_challenge = (
    email_codes.c.request_hash, email_codes.c.purpose, email_codes.c.email, email_codes.c.code_hash,
    email_codes.c.expires_at,
)  # fmt: skip
_token = (
    one_time_tokens.c.token_hash, one_time_tokens.c.purpose, one_time_tokens.c.subject, one_time_tokens.c.expires_at,
)  # fmt: skip


async def forget_address(connection: AsyncConnection, email: str) -> None:
    """Void what was sent to that address, inside the caller's transaction."""
    await connection.execute(delete(email_codes).where(email_codes.c.email == email))
    # what resets a password names the address in the form in which addresses are compared
    await connection.execute(delete(one_time_tokens).where(one_time_tokens.c.subject.in_({email, fold(email)})))


class SqlCodeStore:
    """Codes sent by mail, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, challenge: Challenge, *, replaces: bytes | None, now: datetime) -> None:
        """See `CodeStore`."""
        row = {
            "request_hash": challenge.request_hash,
            "purpose": challenge.purpose,
            "email": challenge.email,
            "code_hash": challenge.code_hash,
            "tries": 0,
            "expires_at": challenge.expires_at,
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(email_codes).where(email_codes.c.expires_at <= now))
            if replaces is not None:
                await connection.execute(delete(email_codes).where(email_codes.c.request_hash == replaces))
            await connection.execute(email_codes.insert().values(row))

    async def attempt(self, request_hash: bytes, now: datetime, max_tries: int) -> Challenge | None:
        """See `CodeStore`."""
        # one statement decides: of parallel tries each sees the count of the one before
        counted = (
            update(email_codes)
            .where(
                email_codes.c.request_hash == request_hash,
                email_codes.c.tries < max_tries,
                email_codes.c.expires_at > now,
            )
            .values(tries=email_codes.c.tries + 1)
            .returning(*_challenge)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(counted)).first()
        return None if row is None else Challenge(*row)

    async def consume(self, request_hash: bytes) -> bool:
        """See `CodeStore`."""
        async with self._database.writing() as connection:
            done = await connection.execute(delete(email_codes).where(email_codes.c.request_hash == request_hash))
            return done.rowcount > 0


class SqlTokenStore:
    """Secrets that open one thing once, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, token: OneTimeToken, now: datetime) -> None:
        """See `TokenStore`."""
        row = {
            "token_hash": token.token_hash,
            "purpose": token.purpose,
            "subject": token.subject,
            "expires_at": token.expires_at,
        }
        insert = sqlite.insert if self._database.embedded else postgresql.insert
        statement = insert(one_time_tokens).values(row)
        statement = statement.on_conflict_do_update(
            index_elements=["purpose", "subject"],
            set_={"token_hash": statement.excluded.token_hash, "expires_at": statement.excluded.expires_at},
        )
        async with self._database.writing() as connection:
            await connection.execute(delete(one_time_tokens).where(one_time_tokens.c.expires_at <= now))
            await connection.execute(statement)

    async def find(self, token_hash: bytes, purpose: TokenPurpose, now: datetime) -> OneTimeToken | None:
        """See `TokenStore`."""
        good = select(*_token).where(
            one_time_tokens.c.token_hash == token_hash,
            one_time_tokens.c.purpose == purpose,
            one_time_tokens.c.expires_at > now,
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(good)).first()
        return None if row is None else OneTimeToken(*row)

    async def consume(self, token_hash: bytes, purpose: TokenPurpose, now: datetime) -> OneTimeToken | None:
        """See `TokenStore`."""
        taken = (
            delete(one_time_tokens)
            .where(
                one_time_tokens.c.token_hash == token_hash,
                one_time_tokens.c.purpose == purpose,
                one_time_tokens.c.expires_at > now,
            )
            .returning(*_token)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(taken)).first()
        return None if row is None else OneTimeToken(*row)
