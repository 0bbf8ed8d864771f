"""The adapters of the ports that Redis can keep, too: sessions and codes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from pathlib import Path

import pytest

from batiyoun.storage.redis.codes import RedisCodeStore
from batiyoun.storage.redis.link import RedisLink
from batiyoun.storage.redis.sessions import RedisSessionStore
from tests.contracts.account_stores import clock
from tests.harness.accounts import Clock, Stores, open_stores
from tests.harness.postgres import Postgres
from tests.harness.redis import KINDS, RedisServer

__all__ = ["clock", "stores"]


@pytest.fixture(params=("sqlite", "postgresql", *KINDS))
async def stores(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Stores]:
    """Empty stores on each server; with Redis the accounts are in SQLite."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'accounts.db'}"
    if request.param == "postgresql":
        database: Postgres = request.getfixturevalue("postgres")
        url = database.url(database.database())
    async with open_stores(url, clock.runtime()) as opened:
        if request.param not in KINDS:
            yield opened
            return
        server: RedisServer = request.getfixturevalue(f"{request.param}_server")
        server.empty()
        link = RedisLink(server.url, timeout=5)

        async def disabled(user_ids: Collection[str]) -> set[str]:
            found = await opened.users.get_many(user_ids)
            return {user.id for user in found.values() if user.disabled}

        sessions = RedisSessionStore(link, clock.runtime(), disabled)
        yield replace(opened, sessions=sessions, codes=RedisCodeStore(link))
        await link.close()
