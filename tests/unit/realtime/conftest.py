"""Fixtures of several files here."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tests.unit.realtime.pollers import SETTINGS, Poller, Recorder
from tests.unit.realtime.serving import raw_engine


@pytest_asyncio.fixture
async def poller() -> AsyncIterator[Poller]:
    ended: list[str] = []

    class Echo(Recorder):
        pass

    Echo.ended = ended
    async with (
        raw_engine(Echo, SETTINGS) as (engine, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as http,
    ):
        yield Poller(http, engine, ended)
