"""The adapters of the account ports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.accounts import Clock, Stores, open_stores
from tests.harness.postgres import Postgres

ADAPTERS = ("sqlite", "postgresql")


@pytest.fixture
def clock() -> Clock:
    """Stands still."""
    return Clock()


@pytest.fixture(params=ADAPTERS)
async def stores(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Stores]:
    """Empty stores on each database."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'accounts.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.database())
    async with open_stores(url, clock.runtime()) as opened:
        yield opened
