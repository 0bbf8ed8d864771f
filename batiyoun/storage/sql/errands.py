"""`ErrandStore` and `RetentionStore` over SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.account.store import Errand
from batiyoun.reports.model import KEPT
from batiyoun.runtime import Runtime
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import (
    account_notices,
    departures,
    email_codes,
    errands,
    invites,
    one_time_tokens,
    pending_logins,
    reports,
    users,
)

#: whoever decided does it at once; this is how long they have for that
_AT_ONCE = timedelta(seconds=3)
#: the pause between tries doubles up to this
_LONGEST = timedelta(hours=1)
#: rows deleted in one transaction
_BITE = 500

_EXPIRING: tuple[tuple[Table, Column[Any], timedelta], ...] = (
    (email_codes, email_codes.c.expires_at, timedelta(0)),
    (one_time_tokens, one_time_tokens.c.expires_at, timedelta(0)),
    (pending_logins, pending_logins.c.expires_at, timedelta(0)),
    # shown as over for a while; who came by it stays written in the security log
    (invites, invites.c.expires_at, timedelta(days=30)),
    (reports, reports.c.closed_at, KEPT),
    # seen by all that run within seconds; those that nobody saw were left by a server that is gone
    (account_notices, account_notices.c.at, timedelta(days=1)),
)


async def remember(
    connection: AsyncConnection, runtime: Runtime, kind: str, user_id: str, details: Mapping[str, Any]
) -> None:
    """Keep an errand, in the caller's transaction, as its last statement: `at` is the moment of the decision."""
    now = runtime.utcnow()
    row = {
        "id": runtime.new_id(),
        "kind": kind,
        "user_id": user_id,
        "details": json.dumps(details, sort_keys=True),
        "at": now,
        "due_at": now + _AT_ONCE,
        "tries": 0,
    }
    await connection.execute(errands.insert().values(row))


async def end_sessions(
    connection: AsyncConnection, runtime: Runtime, user_id: str, *, keep: Collection[str] = (), tokens: bool
) -> None:
    """From now on no sign-in of before is good, wherever sessions are kept; half ones are void with the commit.

    `tokens`: API tokens neither. Those in `keep` stay.
    """
    await connection.execute(delete(pending_logins).where(pending_logins.c.user_id == user_id))
    await remember(connection, runtime, "end_sessions", user_id, {"keep": sorted(keep), "tokens": tokens})


class SqlErrandStore:
    """Errands, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, now: datetime, lease: timedelta, limit: int) -> list[Errand]:
        """See `ErrandStore`."""
        due = select(errands).where(errands.c.due_at <= now).order_by(errands.c.due_at, errands.c.id).limit(limit)
        async with self._database.reading() as connection:
            rows = list(await connection.execute(due))
        taken = []
        for row in rows:
            again = now + min(lease * 2**row.tries, _LONGEST)
            # of several that saw it, one finds it as it was
            mine = (
                update(errands)
                .where(errands.c.id == row.id, errands.c.tries == row.tries, errands.c.due_at == row.due_at)
                .values(tries=row.tries + 1, due_at=again)
            )
            async with self._database.writing() as connection:
                if (await connection.execute(mine)).rowcount:
                    taken.append(Errand(row.id, row.kind, row.user_id, json.loads(row.details), row.at, row.tries + 1))
        return taken

    async def done(self, errand_id: str) -> None:
        """See `ErrandStore`."""
        async with self._database.writing() as connection:
            await connection.execute(delete(errands).where(errands.c.id == errand_id))


class SqlRetentionStore:
    """What is over, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, now: datetime) -> Mapping[str, int]:
        """See `RetentionStore`."""
        gone = {}
        for table, moment, kept in _EXPIRING:
            count = await self._forget(table, moment <= now - kept)
            if count:
                gone[table.name] = count
        return gone

    async def _forget(self, table: Table, over: Any) -> int:
        (key,) = table.primary_key.columns
        count = 0
        while True:
            async with self._database.writing() as connection:
                bite = list((await connection.execute(select(key).where(over).limit(_BITE))).scalars())
                if bite:
                    count += (await connection.execute(delete(table).where(key.in_(bite), over))).rowcount
            if len(bite) < _BITE:
                return count

    async def avatars(self) -> set[str]:
        """See `RetentionStore`."""
        async with self._database.reading() as connection:
            named = set((await connection.execute(select(users.c.avatar).where(users.c.avatar.is_not(None)))).scalars())
            named |= set((await connection.execute(select(departures.c.avatar))).scalars())
        return {avatar for avatar in named if avatar is not None}
