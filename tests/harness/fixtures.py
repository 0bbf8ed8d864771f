"""Fixtures over the harness, for the `conftest.py` of a folder that needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.harness.people import Town
from tests.harness.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server of its own for the test."""
    with Server(tmp_path) as running:
        yield running


@pytest.fixture
async def town(server: Server) -> AsyncIterator[Town]:
    """Makes people on `server`."""
    place = Town(server.url)
    yield place
    await place.close()
