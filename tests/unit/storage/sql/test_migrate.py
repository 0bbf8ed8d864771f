"""storage/sql/migrate.py: the tables are those the code expects, made once, however many start."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import REVISIONS, head, migrate, pending
from batiyoun.storage.sql.tables import metadata
from tests.harness.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'accounts.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.url(server.database())


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    await opened.close()


async def test_an_empty_database_is_brought_to_the_newest_and_stays(database: Database) -> None:
    assert await pending(database)
    assert await migrate(database) == (None, head())
    assert not await pending(database)
    assert await migrate(database) == (head(), head())


async def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    await migrate(database)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_many_that_start_at_once_migrate_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    try:
        outcomes = await asyncio.gather(*(migrate(database) for database in databases))
        assert sorted(before or "" for before, _ in outcomes) == ["", head(), head(), head()]
    finally:
        for database in databases:
            await database.close()


async def test_a_migration_that_fails_leaves_nothing_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = command.upgrade

    def breaks(config: Config, revision: str) -> None:
        real(config, revision)
        raise RuntimeError("the power went")

    monkeypatch.setattr(command, "upgrade", breaks)
    with pytest.raises(RuntimeError, match="power"):
        await migrate(database)
    async with database.reading() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory.from_config(REVISIONS.config)
    assert scripts.get_heads() == [head()]


def test_the_command_says_what_it_did(url: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from batiyoun.cli import main; main()", "migrate"]
    environment = {"BATIYOUN_DATABASE_URL": url, "BATIYOUN_DATA_DIR": str(tmp_path / "data"), "PATH": ""}
    said = []
    for _ in range(2):
        done = subprocess.run(program, check=False, capture_output=True, text=True, env=environment, timeout=60)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.strip())
    assert said == [f"Accounts: migrated from empty to {head()}.", f"Accounts: at {head()} already."]
