"""storage/postgres/migrate.py: the schema is made once, alone or beside the accounts; old and new nodes get along."""

from __future__ import annotations

import asyncio

import pytest

from batiyoun.runtime import Runtime
from batiyoun.storage.errors import StoreOutdated, StoreTooNew, StoreUnusable
from batiyoun.storage.postgres import PostgresChatLog
from batiyoun.storage.postgres.migrate import head, migrate
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import migrate as migrate_accounts
from tests.harness.postgres import Postgres


@pytest.fixture
def name(postgres: Postgres) -> str:
    """An empty database."""
    return postgres.database()


@pytest.fixture
def url(postgres: Postgres, name: str) -> str:
    return postgres.url(name)


async def opens(url: str) -> None:
    store = PostgresChatLog(url, Runtime())
    try:
        await store.open()
    finally:
        await store.close()


async def test_once_however_often(url: str) -> None:
    assert await migrate(url) == (None, head())
    assert await migrate(url) == (head(), head())
    await opens(url)


async def test_many_that_start_at_once_migrate_once(url: str) -> None:
    outcomes = await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert sorted(before or "" for before, _ in outcomes) == ["", head(), head(), head()]


async def test_beside_the_accounts_in_one_database(url: str, postgres: Postgres, name: str) -> None:
    database = Database(url)
    try:
        await migrate_accounts(database)
        await migrate(url)
        assert (await migrate_accounts(database))[0] is not None
    finally:
        await database.close()
    await opens(url)
    tables = postgres.sql("select count(*) from information_schema.tables where table_schema = 'chatlog'", name)
    assert int(tables) >= 4


async def test_an_empty_database_is_refused_with_the_way_out(url: str) -> None:
    with pytest.raises(StoreOutdated, match="batiyoun migrate"):
        await opens(url)


async def test_a_node_that_is_older_than_the_tables_goes_on(url: str, postgres: Postgres, name: str) -> None:
    """While a deployment is under way: what was added does not disturb it, and its `migrate` takes nothing back."""
    await migrate(url)
    postgres.sql("update chatlog.alembic_version set version_num = '9999'", name)
    await opens(url)
    assert await migrate(url) == ("9999", "9999")


async def test_a_node_that_is_too_old_for_the_tables_says_so(url: str, postgres: Postgres, name: str) -> None:
    await migrate(url)
    postgres.sql("update chatlog.alembic_version set version_num = '9999'", name)
    postgres.sql("update chatlog.needs set revision = '9000'", name)
    with pytest.raises(StoreTooNew, match="9000"):
        await opens(url)


async def test_a_server_that_is_not_there_is_named_with_its_setting() -> None:
    with pytest.raises(StoreUnusable, match="BATIYOUN_MESSAGES_URL"):
        await opens("postgresql://app@127.0.0.1:1/x")
