"""Events and their acknowledgements, both ways."""

from __future__ import annotations

import asyncio

import pytest

from batiyoun.realtime import (
    EngineSettings,
    Limits,
    NotConnected,
    TooManyAcks,
)
from tests.harness.wires import wire
from tests.unit.realtime.apps import App
from tests.unit.realtime.serving import engine_of


async def test_acks_only_when_asked_for() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        client.send('42["silent",1]')
        client.send('420["asked",1,{"a":[null]}]')
        assert await client.text() == '430[1,{"a":[null]}]'
        assert app.events == [("silent", [1]), ("asked", [1, {"a": [None]}])]


async def test_binary_events_and_acks() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        client.send('452-5["blob",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]')
        client.send(b"first")
        client.send(b"second")
        assert await client.text() == ('462-5[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        assert [(await client.receive())[1] for _ in range(2)] == [b"second", b"first"]
        assert app.events == [("blob", [b"second", b"first"])]


async def test_server_acks() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        (socket,) = app.sockets
        first = asyncio.create_task(socket.emit_with_ack("a", 1, timeout=2))
        second = asyncio.create_task(socket.emit_with_ack("b", timeout=2))
        assert await client.text() == '420["a",1]'
        assert await client.text() == '421["b"]'
        client.send("431[2]")
        client.send('430["x",{"y":1}]')
        client.send('430["again"]')
        client.send("4399[]")
        assert await first == ["x", {"y": 1}]
        assert await second == [2]
        with pytest.raises(TimeoutError):
            await socket.emit_with_ack("c", timeout=0.05)
        assert await client.text() == '422["c"]'
        client.send("432[]")
        assert await client.call("alive", 1) == 1
        waiting = asyncio.create_task(socket.emit_with_ack("d", timeout=5))
        await client.text()
        client.close()
        with pytest.raises(NotConnected):
            await waiting
        with pytest.raises(NotConnected):
            await socket.emit_with_ack("e", timeout=1)


async def test_33_a_client_owes_only_so_many_acks() -> None:
    app = App()
    settings = EngineSettings(limits=Limits(enabled=False, owed_acks=3))
    async with engine_of(app.namespace(), settings=settings) as (_, port), wire(port) as client:
        await client.open()
        (socket,) = app.sockets
        waiting = [asyncio.create_task(socket.emit_with_ack("a", timeout=5)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyAcks):
            await socket.emit_with_ack("a", timeout=5)
        client.send("430[]")
        assert await waiting[0] == []
        client.close()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_33_a_client_has_only_so_many_namespaces() -> None:
    app = App()
    settings = EngineSettings(limits=Limits(enabled=False, namespaces=1))
    async with engine_of(app.namespace(), app.namespace(), settings=settings) as (_, port), wire(port) as client:
        await client.open()
        client.send("40/custom,")
        assert await client.closed() == 1002
