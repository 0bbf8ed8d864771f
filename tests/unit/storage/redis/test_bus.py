"""storage/redis/bus.py: what becomes of the bus when its server is killed, hangs or refuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from batiyoun.storage.redis import bus as module
from batiyoun.storage.redis.bus import RedisBus
from tests.harness.redis import RedisServer

PATIENCE = 8
TIMEOUT = 0.3


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """One that the test may hurt."""
    with RedisServer("valkey") as running:
        yield running


class Node:
    """A bus and what it brought."""

    def __init__(self, server: RedisServer) -> None:
        self.bus = RedisBus(server.url, timeout=TIMEOUT)
        self.heard: list[bytes] = []
        self.restored = 0
        self.bus.attach(lambda _, payload: self.heard.append(payload), self._restore)
        self.bus.start()

    def _restore(self) -> None:
        self.restored += 1


@pytest.fixture
async def pair(server: RedisServer) -> AsyncIterator[tuple[Node, Node]]:
    """A node that publishes and one that listens to chat:1."""
    one, two = Node(server), Node(server)
    two.bus.subscribe("chat:1")
    await until(lambda: one.bus.up and two.bus.up)
    await two.bus.settled()
    yield one, two
    await one.bus.close()
    await two.bus.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in another process
            await asyncio.sleep(0.01)


async def test_after_a_crash_it_listens_again_and_says_what_it_kept(
    server: RedisServer, pair: tuple[Node, Node], caplog: pytest.LogCaptureFixture
) -> None:
    one, two = pair
    one.bus.subscribe("chat:1")
    server.kill()
    await until(lambda: not one.bus.up and not two.bus.up)
    one.bus.publish("chat:1", b"dropped")
    one.bus.publish("chat:1", b"older", keep="chat:1")
    one.bus.publish("chat:1", b"newest", keep="chat:1")
    one.bus.publish("chat:1", b"other", keep="other")
    async with asyncio.timeout(1):
        await two.bus.settled()
    two.bus.subscribe("chat:2")
    server.start()
    await until(lambda: one.restored == two.restored == 1)
    # Others may be back later than the publisher: they look at the log. It hears itself.
    await until(lambda: one.heard == [b"newest", b"other"])
    one.bus.publish("chat:2", b"after")
    await until(lambda: two.heard[-1:] == [b"after"])
    assert "The bus is away" in caplog.text
    assert "The bus is back" in caplog.text


async def test_a_server_that_hangs_is_noticed_and_nobody_waits_for_it(
    server: RedisServer, pair: tuple[Node, Node]
) -> None:
    one, two = pair
    server.pause()
    one.bus.publish("chat:1", b"nobody knows", keep="chat:1")
    two.bus.subscribe("chat:2")
    async with asyncio.timeout(TIMEOUT * 4):
        await two.bus.settled()
    assert not two.bus.up
    server.resume()
    await until(lambda: two.restored == 1 and one.restored == 1)
    one.bus.publish("chat:2", b"after")
    await until(lambda: two.heard[-1:] == [b"after"])


async def test_without_a_server_it_waits_for_one(server: RedisServer) -> None:
    server.kill()
    node = Node(server)
    node.bus.subscribe("chat:1")
    await node.bus.settled()
    assert not node.bus.up
    server.start()
    await until(lambda: node.bus.up)
    assert node.restored == 0, "nothing was missed"
    node.bus.publish("chat:1", b"to oneself")
    await until(lambda: node.heard == [b"to oneself"])
    await node.bus.close()


async def test_what_is_kept_is_bounded(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 3)
    server.kill()
    one = Node(server)
    for number in range(10):
        one.bus.publish("chat:1", b"%d" % number, keep=str(number))
    one.bus.subscribe("chat:1")
    server.start()
    await until(lambda: len(one.heard) == 3)
    assert one.heard == [b"7", b"8", b"9"]
    await one.bus.close()


async def test_a_refused_publish_is_logged_and_the_next_goes_through(
    server: RedisServer, pair: tuple[Node, Node], caplog: pytest.LogCaptureFixture
) -> None:
    one, two = pair
    server.call("ACL", "SETUSER", "default", "resetchannels", "&chat:1")
    caplog.set_level(logging.WARNING)
    one.bus.publish("chat:9", b"forbidden", keep="x")
    one.bus.publish("chat:1", b"allowed")
    await until(lambda: two.heard == [b"allowed"])
    assert "NOPERM" in caplog.text
    assert one.bus.up


async def test_a_receiver_that_fails_hears_the_next(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    node = Node(server)
    heard: list[bytes] = []

    def fail(_: str, payload: bytes) -> None:
        heard.append(payload)
        raise RuntimeError("it hurts")

    node.bus.attach(fail, lambda: None)
    node.bus.subscribe("chat:1")
    await until(lambda: node.bus.up)
    node.bus.publish("chat:1", b"1")
    node.bus.publish("chat:1", b"2")
    await until(lambda: heard == [b"1", b"2"])
    assert "could not be delivered" in caplog.text
    await node.bus.close()
