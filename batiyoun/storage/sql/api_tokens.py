"""`ApiTokenStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from batiyoun.auth.api_tokens.model import ApiToken
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import api_tokens, users

#: below the 999 parameters that every SQLite takes
CHUNK = 500

_columns = (
    api_tokens.c.id, api_tokens.c.token_hash, api_tokens.c.user_id, api_tokens.c.name, api_tokens.c.scopes,
    api_tokens.c.created_at, api_tokens.c.last_used_at, api_tokens.c.valid_until,
)  # fmt: skip
_living = select(*_columns).join(users).where(users.c.disabled.is_(False))
_holders = select(api_tokens.c.user_id).distinct().join(users).where(users.c.disabled.is_(False))


def _token(row: Sequence[Any]) -> ApiToken:
    token_id, token_hash, user_id, name, scopes, created_at, last_used_at, valid_until = row
    return ApiToken(
        token_id, token_hash, user_id, name, frozenset(scopes.split()), created_at, last_used_at, valid_until
    )


class SqlApiTokenStore:
    """API tokens, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, token: ApiToken) -> None:
        """See `CredentialStore`."""
        row = {
            "id": token.id,
            "token_hash": token.token_hash,
            "user_id": token.user_id,
            "name": token.name,
            "scopes": " ".join(sorted(token.scopes)),
            "created_at": token.created_at,
            "last_used_at": token.last_used_at,
            "valid_until": token.valid_until,
        }
        async with self._database.writing() as connection:
            await connection.execute(api_tokens.insert().values(row))

    async def find(self, token_hashes: Collection[bytes], ids: Collection[str]) -> list[ApiToken]:
        """See `CredentialStore`."""
        found: dict[str, ApiToken] = {}
        async with self._database.reading() as connection:
            for column, values in ((api_tokens.c.token_hash, list(token_hashes)), (api_tokens.c.id, list(ids))):
                for start in range(0, len(values), CHUNK):
                    rows = await connection.execute(_living.where(column.in_(values[start : start + CHUNK])))
                    found.update((token.id, token) for token in map(_token, rows))
        return list(found.values())

    async def touch(self, seen: Mapping[str, datetime]) -> None:
        """See `CredentialStore`."""
        if not seen:
            return
        statement = (
            update(api_tokens)
            .where(
                api_tokens.c.id == bindparam("which"),
                or_(api_tokens.c.last_used_at.is_(None), api_tokens.c.last_used_at < bindparam("seen_at")),
            )
            .values(last_used_at=bindparam("seen_at"))
        )
        # in one order everywhere, so that two processes cannot wait for each other's rows
        rows = [{"which": token_id, "seen_at": seen[token_id]} for token_id in sorted(seen)]
        async with self._database.writing() as connection:
            await connection.execute(statement, rows)

    async def delete(self, ids: Collection[str]) -> list[ApiToken]:
        """See `CredentialStore`."""
        if not ids:
            return []
        statement = delete(api_tokens).where(api_tokens.c.id.in_(list(ids))).returning(*_columns)
        async with self._database.writing() as connection:
            return [_token(row) for row in await connection.execute(statement)]

    async def of_user(self, user_id: str) -> list[ApiToken]:
        """See `ApiTokenStore`."""
        statement = (
            select(*_columns)
            .where(api_tokens.c.user_id == user_id)
            .order_by(api_tokens.c.created_at.desc(), api_tokens.c.id.desc())
        )
        async with self._database.reading() as connection:
            return [_token(row) for row in await connection.execute(statement)]

    async def holders(self, user_ids: Collection[str], now: datetime) -> set[str]:
        """See `ApiTokenStore`."""
        found: set[str] = set()
        people = list(user_ids)
        good = or_(api_tokens.c.valid_until.is_(None), api_tokens.c.valid_until > now)
        async with self._database.reading() as connection:
            for start in range(0, len(people), CHUNK):
                some = api_tokens.c.user_id.in_(people[start : start + CHUNK])
                rows = await connection.execute(_holders.where(some, good))
                found.update(rows.scalars())
        return found

    async def delete_expired(self, now: datetime) -> list[ApiToken]:
        """See `CredentialStore`."""
        statement = delete(api_tokens).where(api_tokens.c.valid_until <= now).returning(*_columns)
        async with self._database.writing() as connection:
            return [_token(row) for row in await connection.execute(statement)]
