"""Brings the accounts database to this version's tables, once, however many processes start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from batiyoun.storage.sql.database import Database

SCRIPTS = Path(__file__).parent / "migrations"
#: any number, the same in every process: names the lock in PostgreSQL
ADVISORY_LOCK = 0x6261746979


def alembic_config() -> Config:
    """Alembic's configuration, without an ini file: it works from an installed wheel."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


async def migrate(database: Database) -> tuple[str | None, str]:
    """Apply what is missing, in one transaction; returns the revisions (before, now). Raises `Unavailable`."""
    async with database.writing() as connection:
        # SQLite: writing() holds the only write lock already
        if not database.embedded:
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        return await connection.run_sync(_upgrade)


async def pending(database: Database) -> bool:
    """Whether migrations are missing. Raises `Unavailable`."""
    async with database.reading() as connection:
        return await connection.run_sync(_current) != head()


def head() -> str:
    """The newest revision of this version."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:
        raise RuntimeError("the package has no migrations")
    return revision


def _upgrade(connection: Connection) -> tuple[str | None, str]:
    before = _current(connection)
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, head()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
