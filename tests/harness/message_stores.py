"""Message stores on every database: where they live, and how they are opened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from batiyoun.runtime import Runtime
from batiyoun.storage.messages import MessageStore, message_store, migrate_messages
from tests.harness import forge
from tests.harness.mongo import Mongod
from tests.harness.postgres import Postgres

#: the stores of messages, by the scheme of their address
STORES = ("mongodb", "postgresql", "sqlite")


class MessageStores:
    """Empty stores of one kind; the same place gives the same store again."""

    def __init__(self, kind: str, server: Postgres | Mongod | None) -> None:
        self.kind = kind
        self.server = server
        self._urls: dict[Path, str] = {}
        self._template: str | None = None

    async def url(self, place: Path) -> str:
        """The address of the store in that place, as `BATIYOUN_MESSAGES_URL` takes it; made and migrated when new."""
        if place not in self._urls:
            self._urls[place] = await self._make(place)
        return self._urls[place]

    async def _make(self, place: Path) -> str:
        if isinstance(self.server, Postgres):
            if self._template is None:
                self._template = await asyncio.to_thread(self.server.database)
                await migrate_messages(_plain(self.server.url(self._template)))
            return _plain(self.server.url(await asyncio.to_thread(self.server.database, self._template)))
        if isinstance(self.server, Mongod):
            url = self.server.url()
            await migrate_messages(url)
            return url
        return f"sqlite:///{place / 'log.db'}"

    @asynccontextmanager
    async def opened(self, place: Path, runtime: Runtime, *, seconds: float = 10.0) -> AsyncIterator[MessageStore]:
        """The store of that place; `seconds` is how long it may take to answer."""
        store = message_store(await self.url(place), runtime, connections=10, seconds=seconds)
        await store.open()
        try:
            yield store
        finally:
            await store.close()


def _plain(url: str) -> str:
    """Without SQLAlchemy's name of the driver."""
    return url.replace("+asyncpg", "")


async def new_store(server: Postgres | Mongod) -> str:
    """The address of an empty message store on that server."""
    url = _plain(server.url(server.database())) if isinstance(server, Postgres) else server.url()
    await migrate_messages(url)
    return url


def stores_of(kind: str, request: pytest.FixtureRequest) -> MessageStores:
    """Stores of that kind on the test session's server, which starts when it is first needed."""
    fixture = {"postgresql": "postgres", "mongodb": "mongo"}.get(kind)
    return MessageStores(kind, request.getfixturevalue(fixture) if fixture else None)


def prepare(kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of a server that keeps its messages in a new store of that kind, made by `batiyoun migrate`.

    On PostgreSQL the accounts are in the same database.
    """
    if kind == "sqlite":
        return {}
    stores = stores_of(kind, request)
    server = stores.server
    if isinstance(server, Postgres):
        url = _plain(server.url(server.database()))
        settings = {"MESSAGES_URL": url, "DATABASE_URL": url}
    else:
        assert isinstance(server, Mongod)
        settings = {"MESSAGES_URL": server.url()}
    environment = {f"BATIYOUN_{name}": value for name, value in settings.items()} | {"PATH": os.environ.get("PATH", "")}
    folder = str(request.getfixturevalue("tmp_path") / "data")
    done = forge.run("migrate", environment=environment | {"BATIYOUN_DATA_DIR": folder})
    assert done.returncode == 0, done.stderr
    assert "Messages: migrated from empty to" in done.stdout
    return settings
