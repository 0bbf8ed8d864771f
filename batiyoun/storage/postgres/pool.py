"""Connections to PostgreSQL, and what its errors mean to us."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from batiyoun.errors import BatiyounError, Unavailable
from batiyoun.storage.libpq import dsn_of

logger = logging.getLogger(__name__)

PgConnection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy"

#: seconds to connect in
CONNECT_SECONDS = 5.0


class ConnectionLost(Exception):
    """The server did not answer or went away: what was asked of it may have been done or not."""


class TryAgain(Exception):
    """The server undid the transaction because of another one (SQLSTATE 40…); the same may succeed now."""


async def connect(url: str, *, statement_seconds: float) -> asyncpg.Connection:
    """A connection of our own; `url` is libpq's, with `sslmode` and its like.

    The server gives up on a statement after `statement_seconds` (0: never), and on a transaction that a frozen node
    left open, so that its locks do not outlive it by much.
    """
    millis = str(int(statement_seconds * 1000))
    return await asyncpg.connect(
        dsn_of(url),
        timeout=CONNECT_SECONDS,
        server_settings={
            "application_name": "batiyoun",
            # acknowledged means on disk, whatever the role or the database has as its default
            "synchronous_commit": "on",
            "statement_timeout": millis,
            "idle_in_transaction_session_timeout": millis,
            "jit": "off",
        },
    )


class Pool:
    """At most `size` connections; whoever waits for one waits in line. `await open()` before use."""

    def __init__(self, url: str, *, size: int, statement_seconds: float) -> None:
        self._url = url
        self._size = size
        self._statement_seconds = statement_seconds
        self._pool: asyncpg.Pool

    async def open(self) -> None:
        """Connect once, to see that it works. Raises `Unavailable`."""
        self._pool = asyncpg.create_pool(
            min_size=0,
            max_size=self._size,
            # a connection is used for single statements and for transactions that end here: nothing to reset
            reset=_nothing,
            connect=self._connect,
            max_inactive_connection_lifetime=300,
        )
        with translated():
            await self._pool

    async def _connect(self, *_: object, **__: object) -> asyncpg.Connection:
        return await connect(self._url, statement_seconds=self._statement_seconds)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PgConnection]:
        """A connection. Raises `ConnectionLost`, `TryAgain`, `Unavailable`; other errors stay asyncpg's.

        One that did not answer is thrown away: waiting for its cancellation could take for ever.
        """
        with _told_apart():
            connection = await self._pool.acquire()
            try:
                yield connection
            except asyncpg.PostgresError as error:
                if _away(error):
                    connection.terminate()
                elif connection.is_in_transaction():
                    await connection.execute("rollback")
                raise
            except BaseException:
                connection.terminate()
                raise
            finally:
                await self._pool.release(connection)

    async def close(self) -> None:
        """Close all connections, in two seconds at most."""
        try:
            async with asyncio.timeout(2):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def _nothing(_: object) -> None:
    pass


@asynccontextmanager
async def transaction(connection: PgConnection) -> AsyncIterator[None]:
    """A transaction that commits at the end; `Pool.connection` rolls it back when something is raised inside."""
    await connection.execute("begin")
    yield
    await connection.execute("commit")


#: PostgreSQL manual, appendix A: connection exceptions, operator intervention (shutdown, statement timeout), a standby
#: that was a primary before.
_AWAY = ("08", "57", "25006")
#: transaction rollback: deadlock, serialization
_AGAIN = ("40",)
#: insufficient resources: disk full, out of memory, too many connections
_SHORT = ("53",)


def _away(error: BaseException) -> bool:
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate).startswith(_AWAY)
    return isinstance(error, OSError | ssl.SSLError | TimeoutError | asyncpg.InterfaceError | EOFError)


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        if _away(error):
            raise ConnectionLost(str(error)) from error
        if str(error.sqlstate).startswith(_AGAIN):
            raise TryAgain from error
        if str(error.sqlstate).startswith(_SHORT):
            raise _short(error) from error
        raise
    except (OSError, ssl.SSLError, EOFError, asyncpg.InterfaceError) as error:
        if isinstance(error, TimeoutError):
            raise ConnectionLost("it did not answer in time") from error
        if isinstance(error, asyncpg.InterfaceError) and not _closed(error):
            raise
        raise ConnectionLost(str(error) or type(error).__name__) from error


def _closed(error: asyncpg.InterfaceError) -> bool:
    """`DataError`s of asyncpg are interface errors too: those are the fault of what was sent."""
    return not isinstance(error, ValueError)


def _short(error: asyncpg.PostgresError) -> BatiyounError:
    if isinstance(error, asyncpg.DiskFullError):
        logger.error("PostgreSQL's disk is full; sending is refused until space returns")
        return Unavailable(
            "The server's disk is full, so nothing can be stored. Tell the administrator.", retry_after=5
        )
    logger.error("PostgreSQL is short of something: %s", error)
    return Unavailable(retry_after=5)


@contextmanager
def translated() -> Iterator[None]:
    """Everything that a use of PostgreSQL may raise, as people may hear of it."""
    try:
        with _told_apart():
            yield
    except (ConnectionLost, TryAgain) as error:
        raise Unavailable(retry_after=1) from error
    except asyncpg.PostgresError as error:
        logger.exception("PostgreSQL refuses a statement (%s)", error.sqlstate)
        raise Unavailable(retry_after=5) from error
