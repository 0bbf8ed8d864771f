"""Every contract test of the chats' ports runs on every adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contracts.chat_stores import Clock, OpenScene, OpenStore, Scene
from tests.harness.message_stores import STORES, MessageStores, stores_of
from tests.harness.mongo import mongo
from tests.harness.postgres import postgres
from tests.harness.redis import redis_server, valkey_server

__all__ = ["clock", "mongo", "open_scene", "open_store", "postgres", "redis_server", "scene", "valkey_server"]


@pytest.fixture(scope="session", params=STORES)
def message_stores(request: pytest.FixtureRequest) -> MessageStores:
    """Empty stores on each database."""
    return stores_of(request.param, request)


@pytest.fixture(scope="session", params=[kind for kind in STORES if kind != "sqlite"])
def shared_stores(request: pytest.FixtureRequest) -> MessageStores:
    """The same of those that several nodes may use at once."""
    return stores_of(request.param, request)


@pytest.fixture
def open_store(message_stores: MessageStores) -> OpenStore:
    """How one of the adapters opens a store."""
    return message_stores.opened


@pytest.fixture
def clock() -> Clock:
    """The clock of the test."""
    return Clock()


@pytest.fixture
def open_scene(open_store: OpenStore, clock: Clock) -> OpenScene:
    """Opens the store of a place, again and again if the test wants."""

    @asynccontextmanager
    async def opened(place: Path) -> AsyncIterator[Scene]:
        async with open_store(place, clock.runtime()) as store:
            yield Scene(store, clock)

    return opened


@pytest_asyncio.fixture
async def scene(open_scene: OpenScene, tmp_path: Path) -> AsyncIterator[Scene]:
    """An empty store."""
    async with open_scene(tmp_path) as opened:
        yield opened
