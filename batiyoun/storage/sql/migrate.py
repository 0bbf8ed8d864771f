"""Brings the accounts database to this version's tables, once, however many processes start."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from batiyoun.storage.errors import StoreOutdated
from batiyoun.storage.shared.revisions import Phase, Revisions
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import needs

REVISIONS = Revisions(
    Path(__file__).parent / "migrations",
    about="accounts database",
    raise_needs="update needs set revision = :revision where store = 'accounts'",
)
#: any number, the same in every process: names the lock in PostgreSQL
ADVISORY_LOCK = 0x6261746979


async def migrate(database: Database, phase: Phase = "post") -> tuple[str | None, str]:
    """Apply what is missing, in one transaction; returns the revisions (before, now). Raises `Unavailable`."""
    async with database.writing() as connection:
        # SQLite: writing() holds the only write lock already
        if not database.embedded:
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        return await connection.run_sync(REVISIONS.upgrade, phase)


async def check(database: Database) -> None:
    """Whether this version can use the tables. Raises `StoreOutdated`, `StoreTooNew`, `Unavailable`."""
    async with database.reading() as connection:
        REVISIONS.check(*await connection.run_sync(_standing))


async def pending(database: Database) -> bool:
    """Whether migrations are missing that this version cannot do without. Raises `StoreTooNew`, `Unavailable`."""
    try:
        await check(database)
    except StoreOutdated:
        return True
    return False


def head() -> str:
    """The newest revision of this version."""
    return REVISIONS.head


def _standing(connection: Connection) -> tuple[str | None, str | None]:
    """(where the tables stand, the oldest revision that a program must know)."""
    current = REVISIONS.current(connection)
    if current is None or not inspect(connection).has_table(needs.name):
        return current, None
    return current, connection.execute(select(needs.c.revision)).scalar_one_or_none()
