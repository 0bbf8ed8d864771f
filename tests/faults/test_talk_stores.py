"""People talk while the message store of their server is killed, frozen or fails over: criterion P (reliability.md)."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.test_talk import PATIENT, Fault, talk_through
from tests.harness.message_stores import new_store
from tests.harness.mongo import Mongod
from tests.harness.postgres import Postgres
from tests.harness.server import Server

#: how long the server waits for its store
STORE = PATIENT | {"MESSAGES_TIMEOUT_MS": "1500"}
Store = Postgres | Mongod


@pytest.fixture(scope="module", params=["postgresql", "mongodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """On its own: it is killed and frozen."""
    with Postgres() if request.param == "postgresql" else Mongod() as running:
        yield running


@pytest.fixture(scope="module")
def three() -> Iterator[Mongod]:
    """A replica set that survives the loss of a member."""
    with Mongod(3) as running:
        yield running


def killing(store: Store) -> Fault:
    async def fault(_: Server) -> None:
        await asyncio.to_thread(store.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(store.start)

    return fault


def freezing(store: Store) -> Fault:
    async def fault(_: Server) -> None:
        await asyncio.to_thread(store.freeze)
        await asyncio.sleep(3)
        await asyncio.to_thread(store.thaw)

    return fault


@pytest.mark.parametrize("happens", [killing, freezing], ids=["killed", "frozen"])
async def test_p_holds(store: Store, tmp_path: Path, happens: Callable[[Store], Fault]) -> None:
    with Server(tmp_path, **STORE, MESSAGES_URL=await new_store(store)) as server:
        history = await talk_through(server, [happens(store)], seed=1)
        assert await asyncio.to_thread(server.becomes_ready)
    assert history.violations() == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
async def test_p_holds_over_a_failover(three: Mongod, tmp_path: Path, end: signal.Signals) -> None:
    """The primary goes and does not come back while people talk; the set goes on with the two others."""
    took: list[float] = []
    lost = await asyncio.to_thread(three.primary)

    async def fault(_: Server) -> None:
        lost.signal(end)
        began = time.monotonic()
        await asyncio.to_thread(three.primary, lost)
        took.append(time.monotonic() - began)

    url = await new_store(three)
    try:
        with Server(tmp_path, **STORE, MESSAGES_URL=url) as server:
            history = await talk_through(server, [fault], seed=2)
            assert await asyncio.to_thread(server.becomes_ready)
    finally:
        lost.kill()
        await asyncio.to_thread(three.start)
    assert history.violations() == []
    assert took[0] < 60, "the set did not choose another in time"


@pytest.mark.soak
async def test_p_holds_for_a_long_time(store: Store, tmp_path: Path) -> None:
    chance = random.Random(21)  # noqa: S311  # repeatable, not secret
    with Server(tmp_path, **STORE, MESSAGES_URL=await new_store(store)) as server:
        faults = [chance.choice([killing, freezing])(store) for _ in range(30)]
        history = await talk_through(server, faults, seed=6)
    assert history.violations() == []
