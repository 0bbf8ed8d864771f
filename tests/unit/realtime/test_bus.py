"""Hubs of several nodes over a bus."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from batiyoun.realtime import Hub, Namespace, Socket, channel_of
from batiyoun.realtime.bus import listens_to
from batiyoun.realtime.crossing import VERSION, Framed, Message, Stamped, Told
from batiyoun.realtime.frames import Broadcast
from batiyoun.storage.memory.bus import MemoryBus, MemoryExchange
from tests.harness.wires import wire
from tests.unit.realtime.apps import joined
from tests.unit.realtime.serving import engine_of, ignore, until


@pytest.mark.parametrize(
    ("room", "channel", "listens"),
    [
        ("chat:1", "chat:1", "chat:1"),
        ("user:1", "user:1:notifications", "user:1:notifications"),
        ("open:1", "chat:1", None),
        ("session:1", None, None),
        ("x", None, None),
    ],
)
def test_channels_are_named_as_the_contract_says(room: str, channel: str | None, listens: str | None) -> None:
    assert channel_of(room) == channel
    assert listens_to(room) == listens


def payload(message: Message, version: bytes = VERSION) -> bytes:
    """What a node with an id of zeros would publish."""
    return version + bytes(16) + msgspec.msgpack.encode(message)


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

    def publish(self, channel: str, payload: bytes, *, keep: str | None = None) -> None:
        self.sent.append(payload)
        super().publish(channel, payload, keep=keep)


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
        hubs[0].publish("session:1", "local only")
        hubs[0].publish("open:1", "nobody shows it")
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
        bus._receive("chat:1", VERSION + bytes(16) + b"\xc1")
        bus._receive("chat:1", b"")
        for _ in range(3):
            bus._receive("chat:1", payload(Framed("chat:1", (b'2["newer"]',)), version=b"\x63"))
        bus._receive("chat:1", payload(Framed("chat:2", (b'2["x"]',))))
        bus._receive("chat:1", payload(Stamped("chat:1", (b'2["nobody decides"]',), b"1")))
        bus._receive("chat:1", payload(Told("chat:1", "unheard", b"")))
        assert "no message" in caplog.text
        assert caplog.text.count("version 63") == 1
        assert await client.quiet()
        bus._receive("chat:1", payload(Framed("chat:1", (b'2["x"]',))))
        assert await client.text() == '42["x"]'


async def test_a_delivery_on_its_way_is_dropped_when_membership_ended() -> None:
    exchange = MemoryExchange()
    sender, receiver = exchange.node(), exchange.node()
    got: list[bytes] = []
    receiver.attach(lambda _, payload: got.append(payload), lambda: None)
    receiver.subscribe("chat:1")
    sender.publish("chat:1", b"1")
    await asyncio.sleep(0)
    sender.publish("chat:1", b"2")
    receiver.unsubscribe("chat:1")
    await asyncio.sleep(0)
    assert got == [b"1"]


async def test_an_event_for_those_who_show_a_chat_travels_on_the_chat_s_channel() -> None:
    exchange = MemoryExchange()
    here, there = Hub(exchange.node()), Hub(exchange.node())
    async with engine_of(Namespace(ignore, chat, hub=there)) as (_, port):
        shows, hides = [await joined(port) for _ in range(2)]
        for socket in there.members("chat:1"):
            there.join(socket, "open:1")
        there.leave(next(iter(there.members("chat:1"))), "open:1")
        here.publish("open:1", "shown")
        heard = [not await client.quiet() for client in (shows, hides)]
        assert sorted(heard) == [False, True]
        for client in (shows, hides):
            client.close()


async def test_what_is_stamped_or_told_goes_to_the_application() -> None:
    exchange = MemoryExchange()
    here, there = Hub(exchange.node()), Hub(exchange.node())
    heard: list[tuple[Any, ...]] = []
    kept: list[Broadcast] = []

    def stamped(room: str, prepared: Broadcast, stamp: bytes) -> None:
        heard.append((room, stamp))
        kept.append(prepared)

    there.listen(stamped=stamped, told={"word": lambda room, data: heard.append((room, data))})
    async with engine_of(Namespace(ignore, chat, hub=there)) as (_, port):
        client = await joined(port)
        here.send("chat:1", here.prepare("chat:1", "told", 1), b"7")
        here.tell("chat:1", "word", b"data")
        here.tell("chat:2", "word", b"nobody listens")
        assert await client.quiet(), "the application decides"
        assert heard == [("chat:1", b"7"), ("chat:1", b"data")]
        there.deliver("chat:1", kept[0])
        assert await client.text() == '42["told",1]'
        there.publish_here("chat:1", "alone")
        assert await client.text() == '42["alone"]'
        closed: list[str] = []
        there.on_closed = closed.append
        client.close()
        await until(lambda: closed == ["chat:1"])


async def test_without_a_bus_nothing_crosses() -> None:
    hub = Hub()
    hub.listen(stamped=lambda *_: None, told={"word": lambda *_: None}, restored=lambda: None)
    hub.send("chat:1", hub.prepare("chat:1", "told"), b"")
    hub.tell("chat:1", "word", b"")
    await hub.settled()
