"""The port `Bus`, in memory and over each server."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from batiyoun.realtime.bus import Bus
from batiyoun.storage.memory.bus import MemoryExchange
from batiyoun.storage.redis.bus import RedisBus
from tests.harness.redis import KINDS, RedisServer

PATIENCE = 5


class Node:
    """One node's end of the bus, and what came out of it."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard: list[tuple[str, bytes]] = []
        self.restored = 0
        bus.attach(lambda channel, payload: self.heard.append((channel, payload)), self._restore)

    def _restore(self) -> None:
        self.restored += 1

    async def listen(self, *channels: str) -> None:
        for channel in channels:
            self.bus.subscribe(channel)
        await self.bus.settled()


@pytest.fixture(params=("memory", *KINDS))
async def nodes(request: pytest.FixtureRequest) -> AsyncIterator[list[Node]]:
    """Three nodes."""
    if request.param == "memory":
        exchange = MemoryExchange()
        yield [Node(exchange.node()) for _ in range(3)]
        return
    server: RedisServer = request.getfixturevalue(f"{request.param}_server")
    async with AsyncExitStack() as stack:
        buses = [RedisBus(server.url, timeout=5) for _ in range(3)]
        for bus in buses:
            bus.start()
            stack.push_async_callback(bus.close)
        await until(lambda: all(bus.up for bus in buses))
        yield [Node(bus) for bus in buses]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in another process
            await asyncio.sleep(0.005)


async def test_what_is_published_reaches_those_who_listen_and_nobody_else(nodes: list[Node]) -> None:
    one, two, three = nodes
    await two.listen("chat:1", "user:2:notifications")
    await three.listen("chat:2")
    one.bus.publish("chat:1", b"\x00a")
    one.bus.publish("user:2:notifications", b"b", keep="name")
    one.bus.publish("chat:2", b"c")
    await until(lambda: len(two.heard) == 2 and len(three.heard) == 1)
    assert two.heard == [("chat:1", b"\x00a"), ("user:2:notifications", b"b")]
    assert three.heard == [("chat:2", b"c")]
    assert one.heard == []


async def test_payloads_of_one_publisher_keep_their_order(nodes: list[Node]) -> None:
    one, two, _ = nodes
    await two.listen("chat:1", "chat:2")
    sent = [(channel, b"%d" % number) for number, channel in zip(range(500), itertools.cycle(("chat:1", "chat:2")))]
    for number, (channel, payload) in enumerate(sent):
        one.bus.publish(channel, payload)
        if number % 50 == 0:
            await asyncio.sleep(0)
    await until(lambda: len(two.heard) == len(sent))
    assert two.heard == sent


async def test_everything_after_settled_arrives(nodes: list[Node]) -> None:
    one, two, _ = nodes
    for number in range(20):
        await two.listen(f"chat:{number}")
        one.bus.publish(f"chat:{number}", b"x")
    await until(lambda: len(two.heard) == 20)


async def test_many_channels_at_once(nodes: list[Node]) -> None:
    one, two, _ = nodes
    channels = [f"chat:{number}" for number in range(2_500)]
    await two.listen(*channels)
    for channel in channels[::100]:
        one.bus.publish(channel, b"x")
    await until(lambda: len(two.heard) == 25)


async def test_who_stopped_listening_hears_nothing_more(nodes: list[Node]) -> None:
    one, two, three = nodes
    await two.listen("chat:1")
    await three.listen("chat:1")
    two.bus.unsubscribe("chat:1")
    two.bus.unsubscribe("never")
    one.bus.publish("chat:1", b"x")
    await until(lambda: len(three.heard) == 1)
    await two.listen("chat:2")
    assert two.heard == []
    two.bus.subscribe("chat:1")
    two.bus.unsubscribe("chat:1")
    await two.listen("chat:1")
    one.bus.publish("chat:1", b"again")
    await until(lambda: two.heard == [("chat:1", b"again")])
