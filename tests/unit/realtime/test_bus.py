"""Hubs of several nodes over a bus."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from batiyoun.realtime import Hub, Namespace, Socket, channel_of
from batiyoun.realtime.bus import Envelope
from batiyoun.storage.memory.bus import MemoryBus, MemoryExchange
from tests.harness.wires import wire
from tests.unit.realtime.apps import joined
from tests.unit.realtime.serving import engine_of, ignore, until


@pytest.mark.parametrize(
    ("room", "channel"),
    [("chat:1", "chat:1"), ("user:1", "user:1:notifications"), ("open:1", None), ("session:1", None), ("x", None)],
)
def test_channels_are_named_as_the_contract_says(room: str, channel: str | None) -> None:
    assert channel_of(room) == channel


class RecordingBus(MemoryBus):
    """Remembers its subscriptions and what it sent."""

    def __init__(self, exchange: MemoryExchange) -> None:
        super().__init__(exchange)
        self.calls: list[tuple[str, str]] = []
        self.sent: list[bytes] = []

    def subscribe(self, channel: str) -> None:
        self.calls.append(("+", channel))
        super().subscribe(channel)

    def unsubscribe(self, channel: str) -> None:
        self.calls.append(("-", channel))
        super().unsubscribe(channel)

    def publish(self, channel: str, payload: bytes) -> None:
        self.sent.append(payload)
        super().publish(channel, payload)


async def chat(socket: Socket, auth: dict[str, Any] | None) -> None:
    """Everybody is in the same chat."""
    socket.app.hub.join(socket, "chat:1")


async def test_two_nodes_over_a_bus() -> None:
    exchange = MemoryExchange()
    buses = [exchange.node(), exchange.node()]
    hubs = [Hub(bus) for bus in buses]
    namespaces = [Namespace(ignore, chat, hub=hub) for hub in hubs]
    async with (
        engine_of(namespaces[0]) as (_, here),
        engine_of(namespaces[1]) as (_, there),
        wire(here) as ann,
        wire(there) as ben,
        wire(there) as packed,
    ):
        await ann.open()
        await ben.open()
        await packed.text()
        packed.send(msgspec.msgpack.encode({"type": 0, "nsp": "/"}))
        await packed.receive()
        hubs[0].publish("chat:1", "told", {"n": 1}, b"\x07")
        head = '451-["told",{"n":1},{"_placeholder":true,"num":0}]'
        for client in (ann, ben):
            assert await client.text() == head
            assert await client.receive() == (2, b"\x07")
        assert msgspec.msgpack.decode((await packed.receive())[1])["data"] == ["told", {"n": 1}, b"\x07"]
        assert await ann.quiet(), "nothing comes back"
        hubs[0].publish("open:1", "local only")
        assert await ben.quiet()
        buses[0].close()
        hubs[1].publish("chat:1", "alone")
        assert await ben.text() == '42["alone"]'
        assert await ann.quiet()


async def test_subscriptions_follow_membership() -> None:
    bus = RecordingBus(MemoryExchange())
    hub = Hub(bus)
    async with engine_of(Namespace(ignore, chat, hub=hub)) as (_, port):
        clients = [await joined(port) for _ in range(2)]
        assert bus.calls == [("+", "chat:1")]
        clients[0].close()
        await until(lambda: hub.size("chat:1") == 1)
        assert bus.calls == [("+", "chat:1")]
        clients[1].close()
        await until(lambda: bus.calls == [("+", "chat:1"), ("-", "chat:1")])


async def test_own_frames_and_garbage_from_the_bus_are_ignored(caplog: pytest.LogCaptureFixture) -> None:
    bus = RecordingBus(MemoryExchange())
    hub = Hub(bus)
    async with engine_of(Namespace(ignore, chat, hub=hub)) as (_, port), wire(port) as client:
        await client.open()
        hub.publish("chat:1", "told")
        assert await client.text() == '42["told"]'
        bus._receive("chat:1", bus.sent[0])
        bus._receive("chat:1", b"\xc1")
        bus._receive("chat:1", msgspec.msgpack.encode(Envelope("elsewhere", "chat:2", (b'2["x"]',))))
        assert "no envelope" in caplog.text
        assert await client.quiet()
        bus._receive("chat:1", msgspec.msgpack.encode(Envelope("elsewhere", "chat:1", (b'2["x"]',))))
        assert await client.text() == '42["x"]'


async def test_a_delivery_on_its_way_is_dropped_when_membership_ended() -> None:
    exchange = MemoryExchange()
    sender, receiver = exchange.node(), exchange.node()
    got: list[bytes] = []
    receiver.attach(lambda _, payload: got.append(payload))
    receiver.subscribe("chat:1")
    sender.publish("chat:1", b"1")
    await asyncio.sleep(0)
    sender.publish("chat:1", b"2")
    receiver.unsubscribe("chat:1")
    await asyncio.sleep(0)
    assert got == [b"1"]
