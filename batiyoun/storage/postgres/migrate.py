"""Brings the schema `chatlog` to this version's tables, once, however many nodes start (see `shared/revisions.py`).

`chatlog.needs` holds the oldest revision that a program must know.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from batiyoun.storage.postgres.pool import PgConnection, connect, translated
from batiyoun.storage.shared.revisions import Phase, Revisions

SCHEMA = "chatlog"
REVISIONS = Revisions(
    Path(__file__).parent / "migrations",
    about="message store",
    raise_needs=f"update {SCHEMA}.needs set revision = :revision",  # noqa: S608  # a constant
    schema=SCHEMA,
)
#: any number, the same in every process: names the lock in PostgreSQL
ADVISORY_LOCK = 0x6261746C6F67


async def migrate(url: str, phase: Phase = "post") -> tuple[str | None, str]:
    """Apply what is missing, in one transaction; returns the revisions (before, now). Raises `Unavailable`."""

    async def creator() -> asyncpg.Connection:
        # a migration may take as long as it needs
        return await connect(url, statement_seconds=0)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=creator)
    try:
        with translated():
            async with engine.begin() as connection:
                await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
                await connection.execute(text(f"create schema if not exists {SCHEMA}"))
                return await connection.run_sync(REVISIONS.upgrade, phase)
    finally:
        await engine.dispose()


async def check(connection: PgConnection) -> None:
    """Whether this version can use the tables. Raises `StoreOutdated`, `StoreTooNew` with the way out."""
    try:
        revision = await connection.fetchval(f"select version_num from {SCHEMA}.alembic_version")  # noqa: S608
        needs = await connection.fetchval(f"select revision from {SCHEMA}.needs")  # noqa: S608  # a constant
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        revision = needs = None
    REVISIONS.check(revision, needs)


def head() -> str:
    """The newest revision of this version."""
    return REVISIONS.head
