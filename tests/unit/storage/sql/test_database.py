"""storage/sql/database.py: what a database that does not answer becomes, and what stays an error of ours."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from batiyoun.errors import Unavailable
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import migrate
from batiyoun.storage.sql.tables import sessions
from tests.harness.accounts import Clock, sign_in
from tests.harness.postgres import Postgres


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'accounts.db'}")
    await migrate(database)
    yield database
    await database.close()


async def test_sqlite_is_set_up_to_lose_nothing(embedded: Database) -> None:
    values = {}
    async with embedded.reading() as connection:
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            values[name] = (await connection.execute(text(f"pragma {name}"))).scalar()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


async def test_writers_wait_for_each_other_and_readers_for_nobody(embedded: Database) -> None:
    order = []

    async def write(name: str) -> None:
        async with embedded.writing() as connection:
            order.append(f"{name} begins")
            await asyncio.sleep(0.05)
            await connection.execute(text("update users set bio = ''"))
            order.append(f"{name} ends")

    async def read() -> None:
        async with embedded.reading() as connection:
            await connection.execute(text("select count(*) from users"))

    await asyncio.gather(write("a"), write("b"), read())
    assert order in (
        ["a begins", "a ends", "b begins", "b ends"],
        ["b begins", "b ends", "a begins", "a ends"],
    )


async def test_a_writer_that_is_cancelled_frees_the_lock(embedded: Database) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        async with embedded.writing():
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5), embedded.writing() as connection:
        await connection.execute(text("update users set bio = ''"))


async def test_a_broken_rule_stays_what_it_is_and_undoes_the_rest(embedded: Database) -> None:
    stranger = sign_in("01890a5d-ac96-774b-bcce-b302099a8057", "one", Clock())
    row = {name: getattr(stranger, name) for name in sessions.c.keys()}  # noqa: SIM118 a column collection
    with pytest.raises(IntegrityError):
        async with embedded.writing() as connection:
            await connection.execute(sessions.insert().values(row))
    async with embedded.reading() as connection:
        assert (await connection.execute(text("select count(*) from sessions"))).scalar() == 0


async def test_49_errors_hide_what_was_sent(embedded: Database) -> None:
    with pytest.raises(Unavailable) as caught:
        async with embedded.reading() as connection:
            await connection.execute(text("select * from nowhere where x = :x"), {"x": "private words"})
    assert "private words" not in str(caught.value.__cause__)


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for url in ("postgresql+asyncpg://app@127.0.0.1:1/x", f"sqlite+aiosqlite:///{tmp_path}/no/such/accounts.db"):
        database = Database(url)
        with pytest.raises(Unavailable):
            async with database.reading():
                pass
        with pytest.raises(Unavailable):
            async with database.writing():
                pass
        assert not await database.ready()
        await database.close()
    # the driver's thread of a connection that failed reports to the loop once more before it ends
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)


async def test_a_lost_connection_is_unavailable_once_and_then_new(postgres: Postgres) -> None:
    name = postgres.database()
    database = Database(postgres.url(name))
    assert await database.ready()

    async def cut_off() -> None:
        async with database.writing() as connection:
            postgres.cut_off(name)
            await connection.execute(text("select 1"))

    with pytest.raises(Unavailable):
        await cut_off()
    assert await database.ready()
    await database.close()


async def test_a_mistake_of_ours_is_no_outage(postgres: Postgres) -> None:
    database = Database(postgres.url(postgres.database()))
    with pytest.raises(DBAPIError):
        async with database.reading() as connection:
            await connection.execute(text("select * from nowhere"))
    await database.close()


async def test_a_server_that_hangs_costs_the_deadline_and_then_nobody_waits() -> None:
    seconds = 0.5
    with Postgres() as hurt:
        database = Database(hurt.url(hurt.database()), connections=3, seconds=seconds)

        async def use() -> None:
            async with database.reading() as connection:
                await connection.execute(text("select 1"))

        async def refused() -> float:
            started = time.monotonic()
            with pytest.raises(Unavailable):
                await use()
            return time.monotonic() - started

        try:
            await asyncio.gather(*(use() for _ in range(9)))  # more than there are connections
            hurt.freeze()
            # SQLAlchemy lets a connection that it gives up two seconds to say goodbye
            taken = await asyncio.gather(*(refused() for _ in range(9)))
            assert max(taken) < seconds + 4
            assert await refused() < 0.1
            assert not await database.ready()
            hurt.thaw()
            await asyncio.sleep(1.1)
            await use()
            assert await database.ready()
        finally:
            await database.close()


async def test_a_server_that_hangs_within_a_transaction_undoes_it() -> None:
    with Postgres() as hurt:
        database = Database(hurt.url(hurt.database()), seconds=0.5)

        async def write() -> None:
            async with database.writing() as connection:
                await connection.execute(text("insert into things values (1)"))
                hurt.freeze()
                await connection.execute(text("insert into things values (2)"))

        try:
            async with database.writing() as connection:
                await connection.execute(text("create table things(number integer)"))
            with pytest.raises(Unavailable):
                async with asyncio.timeout(6):
                    await write()
            hurt.thaw()
            await asyncio.sleep(1.1)
            async with database.reading() as connection:
                assert (await connection.execute(text("select count(*) from things"))).scalar() == 0
        finally:
            await database.close()
