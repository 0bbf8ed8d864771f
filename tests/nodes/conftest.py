"""Two nodes over a memory bus, Redis and Valkey."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.nodes import Node, open_nodes
from tests.harness.people import Person, Town
from tests.harness.postgres import postgres
from tests.harness.redis import KINDS, RedisServer, redis_server, valkey_server

__all__ = ["postgres", "redis_server", "valkey_server"]

_names = itertools.count()


@pytest.fixture(params=("memory", *KINDS))
async def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[Node]]:
    """Two nodes of one installation."""
    redis: str | None = None
    if request.param in KINDS:
        server: RedisServer = request.getfixturevalue(f"{request.param}_server")
        server.empty()
        redis = server.url
    async with open_nodes(tmp_path, 2, redis=redis) as running:
        yield running


class Village:
    """People who signed up on the nodes by turns."""

    def __init__(self, nodes: list[Node]) -> None:
        self._towns = [Town(node.url) for node in nodes]

    async def people(self, count: int) -> list[Person]:
        """New ones, the first on the first node."""
        turns = itertools.cycle(self._towns)
        return [await next(turns).sign_up(f"node{next(_names)}") for _ in range(count)]

    async def close(self) -> None:
        """Close their connections."""
        for town in self._towns:
            await town.close()


@pytest.fixture
async def village(nodes: list[Node]) -> AsyncIterator[Village]:
    """Makes people on the nodes."""
    place = Village(nodes)
    yield place
    await place.close()
