"""Every contract test of the chats' ports runs on every adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contracts.chat_stores import ADAPTERS, Clock, OpenScene, OpenStore, Scene
from tests.harness.postgres import postgres

__all__ = ["clock", "open_scene", "open_store", "postgres", "scene"]


@pytest.fixture(params=sorted(ADAPTERS))
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """How one of the adapters opens a store."""
    return ADAPTERS[request.param]


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
