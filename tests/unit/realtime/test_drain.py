"""The end of an engine: what clients are told, and how long it may take."""

from __future__ import annotations

import asyncio
import json

import httpx

from batiyoun.realtime import (
    Engine,
    Namespace,
)
from tests.harness.wires import Wire, wire
from tests.unit.realtime.apps import App
from tests.unit.realtime.serving import engine_of, until


async def polling_get(port: int, **query: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(
            f"http://127.0.0.1:{port}/socket.io/", params={"EIO": "4", "transport": "polling", **query}
        )


async def test_draining_refuses_new_clients_and_tells_the_old_ones_to_come_back() -> None:
    app = App()
    async with engine_of(app.namespace()) as (engine, port):
        clients = [await Wire.connect(port) for _ in range(30)]
        for client in clients:
            await client.open()
            await client.text()
        draining = asyncio.create_task(engine.drain(30))
        await asyncio.sleep(0)
        refused = await polling_get(port)
        assert refused.status_code == 503
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        async with wire(port) as late:
            assert late.status == 503
            assert "retry-after" in late.headers
        assert await asyncio.gather(*(client.closed() for client in clients)) == [1012] * 30
        await draining
        assert engine.stats().sessions == engine.stats().websockets == 0
        assert {reason for _, reason in app.ended} == {"server shutting down"}


async def test_draining_spreads_the_goodbyes() -> None:
    times: list[float] = []
    app = Namespace(App().on_event, disconnect=lambda *_: times.append(asyncio.get_running_loop().time()))
    async with engine_of(app) as (engine, port):
        clients = [await Wire.connect(port) for _ in range(100)]
        for client in clients:
            await client.open()
        closing = [asyncio.create_task(client.closed()) for client in clients]
        await engine.drain(4)
        assert await asyncio.gather(*closing) == [1012] * 100
        assert max(times) - min(times) > 0.05, "not all in the same instant"


async def test_draining_waits_for_the_next_poll_of_clients_that_are_between_two() -> None:
    async with engine_of() as (engine, port):
        sid = json.loads((await polling_get(port)).text[1:])["sid"]
        draining = asyncio.create_task(engine.drain(30))
        await asyncio.sleep(0.1)
        assert not draining.done()
        assert (await polling_get(port, sid=sid)).text == "1"
        async with asyncio.timeout(5):
            await draining


async def test_draining_takes_no_longer_than_its_limit_whatever_clients_do() -> None:
    async with engine_of() as (engine, port), wire(port) as client:
        await client.open()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
        await polling_get(port)  # and never again
        async with asyncio.timeout(5):  # a busy machine is not the engine's; what never ends would take for ever
            await engine.drain(0.3)


async def test_an_engine_that_is_closed_ends_connects_that_hang() -> None:
    app = App()
    app.gate = asyncio.Event()
    engine: Engine
    async with engine_of(app.namespace()) as (engine, port), wire(port) as client:
        await client.text()
        client.send("40")
        await until(lambda: app.sockets)
        engine.close()
        assert await client.closed() == 1001
