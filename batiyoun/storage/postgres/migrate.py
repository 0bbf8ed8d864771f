"""Brings the schema `chatlog` to this version's tables, once, however many nodes start.

Old and new nodes run side by side while a deployment is under way: a migration that only adds is applied before the new
nodes start, and one that takes away in a later release, when no old node is left. `chatlog.needs` holds the oldest
revision a program must know; the migration that takes away raises it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from batiyoun.storage.errors import StoreOutdated, StoreTooNew
from batiyoun.storage.postgres.pool import PgConnection, connect, translated

SCHEMA = "chatlog"
SCRIPTS = Path(__file__).parent / "migrations"
#: any number, the same in every process: names the lock in PostgreSQL
ADVISORY_LOCK = 0x6261746C6F67


async def migrate(url: str) -> tuple[str | None, str]:
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
                return await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def check(connection: PgConnection) -> None:
    """Whether this version can use the tables. Raises `StoreOutdated`, `StoreTooNew` with the way out."""
    try:
        revision = await connection.fetchval(f"select version_num from {SCHEMA}.alembic_version")  # noqa: S608
        needs = await connection.fetchval(f"select revision from {SCHEMA}.needs")  # noqa: S608  # a constant
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        revision = needs = None
    if revision is None or revision < head():
        raise StoreOutdated("The message store has the tables of an older version: run `batiyoun migrate`.")
    if needs > head():
        raise StoreTooNew(
            f"The message store needs a newer Batiyoun (revision {needs}, this one has {head()}). Install that version."
        )


@cache
def head() -> str:
    """The newest revision of this version; revisions are numbers of four digits."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("the package has no migrations")
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> tuple[str | None, str]:
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    before = context.get_current_revision()
    if before is not None and before > head():
        return before, before  # a newer version was here: what it added stays
    config = _config()
    config.attributes |= {"connection": connection, "schema": SCHEMA}
    command.upgrade(config, "head")
    return before, head()
