"""What a slow member costs: itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
import pytest

from batiyoun.realtime import EngineSettings
from tests.harness.wires import Wire, wire
from tests.unit.realtime.apps import Lobby
from tests.unit.realtime.serving import NO_LIMITS, engine_of

SLOW = EngineSettings(high_water=20_000, max_queue=50_000, max_lag_ms=60_000, ping_interval_ms=60_000, limits=NO_LIMITS)


async def stuffed(lobby: Lobby, client: Wire) -> None:
    """Publish until the client, who does not read, makes the engine drop frames."""
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
    (socket,) = lobby.sockets
    for number in range(20_000):
        lobby.hub.publish("room", "told", number, "x" * 1_000)
        if socket.missed:
            return
        if number % 10 == 0:
            await asyncio.sleep(0)
    pytest.fail("nothing was ever dropped")


async def test_a_slow_member_is_capped_and_told_to_resync() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace, settings=SLOW) as (_, port), wire(port) as client:
        await client.open()
        await stuffed(lobby, client)
        (socket,) = lobby.sockets
        session = socket.session
        held = sum(map(len, session.out))
        assert held <= SLOW.max_queue + 2_000
        for _ in range(1_000):
            lobby.hub.publish("room", "told", -1, "x" * 1_000)
        assert sum(map(len, session.out)) == held, "what is dropped takes no memory"
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]  # a read transport as well
        numbers = []
        while (message := await client.text()) != '42["resync",{"reason":"slow"}]':
            numbers.append(msgspec.json.decode(message[2:])[1])
        assert numbers == list(range(len(numbers))), "what was kept comes in order, then the hint"
        assert not socket.missed
        lobby.hub.publish("room", "live again")
        assert await client.text() == '42["live again"]'


async def test_a_slow_member_does_not_slow_the_others() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace, settings=SLOW) as (_, port), wire(port) as slow:
        await slow.open()
        await stuffed(lobby, slow)
        async with wire(port) as quick:
            await quick.open()
            for number in range(200):
                lobby.hub.publish("room", "told", number)
                assert await quick.text() == f'42["told",{number}]'


async def test_being_slow_for_too_long_counts_as_too_slow() -> None:
    lobby = Lobby()
    settings = replace(SLOW, max_lag_ms=50, max_queue=10**9)
    async with engine_of(lobby.namespace, settings=settings) as (_, port), wire(port) as client:
        await client.open()
        await stuffed(lobby, client)
        assert lobby.sockets[0].session.lagging


async def test_what_must_not_be_dropped_closes_a_client_that_never_reads() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace, settings=SLOW) as (engine, port), wire(port) as client:
        await client.open()
        await stuffed(lobby, client)
        (socket,) = lobby.sockets
        for _ in range(1_000):
            socket.emit("direct", "x" * 1_000)
        assert socket.is_gone
        assert engine.stats().sessions == 0
