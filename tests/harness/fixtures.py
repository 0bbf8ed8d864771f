"""Fixtures over the harness, for the `conftest.py` of a folder that needs them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.harness.message_stores import STORES, prepare
from tests.harness.people import Town
from tests.harness.server import Server

_towns = itertools.count(1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server of its own for the test."""
    with Server(tmp_path) as running:
        yield running


@pytest.fixture(params=STORES)
def server_on_each_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """As `server`, with its messages in each kind of store."""
    with Server(tmp_path, **prepare(request.param, request)) as running:
        yield running


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server for all tests of a file that leave it as they found it."""
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
async def shared_town(shared_server: Server) -> AsyncIterator[Town]:
    """Makes people on `shared_server`, with names that no other test has."""
    place = Town(shared_server.url, suffix=f"_{next(_towns)}")
    yield place
    await place.close()


@pytest.fixture
async def town(server: Server) -> AsyncIterator[Town]:
    """Makes people on `server`."""
    place = Town(server.url)
    yield place
    await place.close()
