"""The connection to the accounts database: SQLite in one file, or PostgreSQL, by the same code."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from batiyoun.errors import Unavailable
from batiyoun.storage.libpq import dsn_of
from batiyoun.storage.shared.patience import Patience

#: execution option of connections that only read; SQLite's own autocommit does for them, setting it would cost a
#: round trip to the connection's thread
READING = "batiyoun_reading"


class Database:
    """Hands out connections; a database that does not answer is `Unavailable`, other errors stay SQLAlchemy's."""

    def __init__(self, url: str, *, connections: int = 20, seconds: float | None = None) -> None:
        """Nothing is connected yet. `url` is SQLAlchemy's, with aiosqlite or asyncpg as the driver.

        Of a server: `connections` at most, and `seconds` for everything that is done with one; None lets a migration
        take the time it needs.
        """
        self.url = make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        # parameters of failed statements would put addresses and hashes into the log
        options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": 10}
        if self.embedded:
            # begin and commit are said by us: the driver's own habits leave DDL outside of transactions
            options |= {"pool_size": 4, "max_overflow": 0}
            options["connect_args"] = {"isolation_level": None, "timeout": 10}
        else:
            options |= {"pool_size": connections, "max_overflow": 0, "pool_pre_ping": True}
            # asyncpg reads the address itself: SQLAlchemy knows neither `sslmode` nor what else libpq's have
            options["async_creator"] = partial(asyncpg.connect, dsn_of(url), timeout=min(10, seconds or 10))
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        self._patience: Patience | None = None
        if seconds is not None and not self.embedded:
            self._patience = Patience("PostgreSQL (accounts)", seconds, time.monotonic)
        #: single statements: no BEGIN and COMMIT around each
        self._single = self.engine.execution_options(
            **({READING: True} if self.embedded else {"isolation_level": "AUTOCOMMIT"})
        )
        if self.embedded:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_immediate)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for statements that stand alone. Raises `Unavailable`."""
        async with self._limit():
            with _Translated():
                async with self._single.connect() as connection:
                    yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that commits at the end. Raises `Unavailable`, `IntegrityError`."""
        async with self._limit():
            with _Translated():
                async with self.engine.begin() as connection:
                    yield connection

    def _limit(self) -> AbstractAsyncContextManager[None]:
        """A deadline, and nobody waits for a server that does not answer."""
        return nullcontext() if self._patience is None else self._patience.limit()

    async def ready(self) -> bool:
        """Whether the database answers within two seconds."""
        try:
            async with asyncio.timeout(2), self.reading() as connection:
                await connection.execute(text("select 1"))
        except (Unavailable, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


class _Translated:
    """Turns the driver's errors into ours."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and _may_pass(error):
            raise Unavailable from error


def _may_pass(error: BaseException) -> bool:
    """Whether the database, not the statement, is at fault: trying again later may help."""
    if not isinstance(error, DBAPIError):
        # asyncpg and the pool raise these unwrapped while connecting
        return isinstance(error, PoolTimeout | OSError | TimeoutError)
    # PostgreSQL, appendix A: connection, rollback, resources, operator intervention
    state = str(getattr(error.orig, "sqlstate", ""))[:2]
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return lost or state in {"08", "40", "53", "57"}


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"pragma {pragma}")
    _use_wal(cursor)
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Write-ahead logging: a property of the file, so the first connection of all makes it so.

    Of several that do at once, SQLite refuses all but one without waiting, whatever the busy timeout.
    """
    for left in reversed(range(50)):
        cursor.execute("pragma journal_mode")
        if cursor.fetchone()[0] == "wal":
            return
        try:
            cursor.execute("pragma journal_mode=WAL")
        except sqlite3.OperationalError:
            if left == 0:
                raise
            time.sleep(0.02)


def _begin_immediate(connection: Any) -> None:
    # a deferred transaction that turns to writing while another writes fails at once, whatever the busy timeout
    # (sqlite.org/lang_transaction.html §2.2)
    if not connection.get_execution_options().get(READING):
        connection.exec_driver_sql("begin immediate")
