"""Fixtures of several files here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest_asyncio

from batiyoun.realtime import EngineSettings
from tests.unit.realtime.pollers import SETTINGS, Poller, Recorder
from tests.unit.realtime.serving import raw_engine


@asynccontextmanager
async def polling(settings: EngineSettings) -> AsyncIterator[Poller]:
    """A client that polls a server of these settings."""
    ended: list[str] = []

    class Echo(Recorder):
        pass

    Echo.ended = ended
    async with (
        raw_engine(Echo, settings) as (engine, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as http,
    ):
        yield Poller(http, engine, ended)


@pytest_asyncio.fixture
async def poller() -> AsyncIterator[Poller]:
    async with polling(SETTINGS) as client:
        yield client


@pytest_asyncio.fixture
async def patient_poller() -> AsyncIterator[Poller]:
    """Of a server that waits long enough for a machine with much to do."""
    async with polling(replace(SETTINGS, ping_interval_ms=60_000, upgrade_timeout_ms=60_000)) as client:
        yield client


@pytest_asyncio.fixture
async def unasked_poller() -> AsyncIterator[Poller]:
    """Of a server that does not ask, while a test lasts, whether somebody is still there."""
    async with polling(replace(SETTINGS, ping_interval_ms=60_000)) as client:
        yield client
