"""Connections to MongoDB, and what its errors mean to us."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC
from typing import Any, TypeAlias

import pymongo
from bson.errors import BSONError
from bson.timestamp import Timestamp
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from batiyoun.errors import Unavailable
from batiyoun.storage.errors import StoreUnfit

logger = logging.getLogger(__name__)

Document: TypeAlias = dict[str, Any]
Session: TypeAlias = AsyncClientSession
Collection: TypeAlias = AsyncCollection[Document]

#: what the server knows our connections by
APP_NAME = "batiyoun"
#: the database when the address names none
DATABASE = "batiyoun"
#: MongoDB 5.0, the oldest with what is used here
_OLDEST_WIRE_VERSION = 13
#: on a majority's disks: what is acknowledged survives the loss of any node
DURABLE = WriteConcern(w="majority", j=True)

# https://www.mongodb.com/docs/manual/reference/error-codes/
_DUPLICATE_KEY = 11000
_OUT_OF_DISK_SPACE = 14031
_WRITE_CONFLICT = 112


class ConnectionLost(Exception):
    """Nobody answered: what was asked may have been done or not."""


class TryAgain(Exception):
    """The transaction was undone because of another one, or before its commit was sent; the same may succeed now."""


class Conflict(TryAgain):
    """The server answers, and somebody else's transaction is in the way."""


class Duplicate(Exception):
    """A unique index has such an entry already; the transaction was undone."""


class Mongo:
    """A client and the collections of the message store.

    `url` is MongoDB's, with its options (`tls`, `authSource`, …); what durability needs is decided here, not there.
    """

    def __init__(self, url: str, *, connections: int, seconds: float) -> None:
        self._seconds = seconds
        self.client: AsyncMongoClient[Document] = AsyncMongoClient(
            url,
            appname=APP_NAME,
            tz_aware=True,
            tzinfo=UTC,
            maxPoolSize=connections,
            connectTimeoutMS=5_000,
            timeoutMS=int(seconds * 1000),
            retryWrites=True,
            retryReads=True,
            readPreference="primary",
        )
        database: AsyncDatabase[Document] = self.client.get_default_database(DATABASE)
        # what a failover could take back is never shown
        database = database.with_options(read_concern=ReadConcern("majority"), write_concern=DURABLE)
        self.database = database
        self.chats: Collection = database["chats"]
        self.members: Collection = database["members"]
        self.messages: Collection = database["messages"]
        #: `_id` is the key of a direct chat: unique, and `chats` can be sharded by its own
        self.directs: Collection = database["directs"]
        #: `_id` is the chat's: the MLS group of an encrypted chat
        self.groups: Collection = database["groups"]
        self.welcomes: Collection = database["welcomes"]
        #: when the newest write of this node happened, as the set counts: readers wait for it after a failover
        self._written: Timestamp | None = None

    async def check(self) -> None:
        """Whether this server keeps what the log promises. Raises `StoreUnfit` with the way out, `Unavailable`."""
        with translated():
            hello = await self.client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise StoreUnfit(
                "This MongoDB is a standalone server, which has no transactions: start mongod with --replSet rs0 and "
                "run rs.initiate() once (a set of one member will do)."
            )
        if hello["maxWireVersion"] < _OLDEST_WIRE_VERSION:
            raise StoreUnfit("MongoDB 5.0 or newer is needed: update the server.")

    @contextmanager
    def limit(self) -> Iterator[None]:
        """The time in which everything inside must be answered; the server stops working on it then, too."""
        with pymongo.timeout(self._seconds):
            yield

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """A session whose reads follow each other, and all writes of this node."""
        async with self.client.start_session(causal_consistency=True) as session:
            if self._written is not None:
                session.advance_operation_time(self._written)
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A transaction that commits at the end, on a majority's disks.

        What it reads is one moment, and is durable when it has committed. Raises `TryAgain`, `Duplicate` (both: undone)
        and `ConnectionLost` (nobody knows).
        """
        async with self.client.start_session(causal_consistency=False) as session:
            with told_apart():
                await session.start_transaction(ReadConcern("snapshot"), DURABLE)
                try:
                    yield session
                except BaseException:
                    if session.in_transaction:
                        await session.abort_transaction()
                    raise
                await _commit(session)
            self.wrote(session)

    def wrote(self, session: Session) -> None:
        """A write of that session was acknowledged."""
        moment = session.operation_time
        if moment is not None and (self._written is None or moment > self._written):
            self._written = moment

    async def close(self) -> None:
        """Let the connections go."""
        await self.client.close()


async def _commit(session: Session) -> None:
    """Commit, and ask again while the answer is unknown: a commit happens once (MongoDB manual, "Transactions")."""
    while True:
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if error.timeout or not error.has_error_label("UnknownTransactionCommitResult"):
                raise
        else:
            return


def duplicate(error: PyMongoError) -> bool:
    """A unique index has such an entry already."""
    if isinstance(error, BulkWriteError):
        return any(each.get("code") == _DUPLICATE_KEY for each in error.details.get("writeErrors", ()))
    return isinstance(error, DuplicateKeyError)


def _transient(error: PyMongoError) -> bool:
    return error.has_error_label("TransientTransactionError") and not error.timeout


def _lost(error: PyMongoError) -> bool:
    unknown = error.has_error_label("UnknownTransactionCommitResult")
    return error.timeout or unknown or isinstance(error, ConnectionFailure)


@contextmanager
def told_apart() -> Iterator[None]:
    """Turns the driver's errors into those above and `Unavailable`; what was wrong with a statement stays."""
    try:
        yield
    except PyMongoError as error:
        if duplicate(error):
            raise Duplicate from error
        if _transient(error):
            in_the_way = isinstance(error, OperationFailure) and error.code == _WRITE_CONFLICT
            raise (Conflict if in_the_way else TryAgain) from error
        if _lost(error):
            raise ConnectionLost(str(error)) from error
        if isinstance(error, OperationFailure) and error.code == _OUT_OF_DISK_SPACE:
            logger.error("MongoDB's disk is full; sending is refused until space returns")  # noqa: TRY400
            raise Unavailable(
                "The server's disk is full, so nothing can be stored. Tell the administrator.", retry_after=5
            ) from error
        raise


@contextmanager
def translated() -> Iterator[None]:
    """Everything that a use of MongoDB may raise, as people may hear of it."""
    try:
        with understood(), told_apart():
            yield
    except (ConnectionLost, TryAgain, Duplicate) as error:
        raise Unavailable(retry_after=1) from error


@contextmanager
def understood() -> Iterator[None]:
    """Errors of the driver that nothing else was made of."""
    try:
        yield
    except PyMongoError as error:
        code = error.code if isinstance(error, OperationFailure) else None
        # not the exception: its text quotes documents
        logger.error("MongoDB refuses a command (%s, code %s)", type(error).__name__, code)  # noqa: TRY400
        raise Unavailable(retry_after=5) from error


#: What BSON says of text and numbers that it cannot hold.
UNFIT = (BSONError, UnicodeError, OverflowError, TypeError)
