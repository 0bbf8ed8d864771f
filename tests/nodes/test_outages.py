"""Two nodes when what joins them fails: chats heal by the log, sessions fail closed, nobody loses what they have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import socketio

from batiyoun.live import Caller
from tests.harness.nodes import LossyBus, Node, open_nodes
from tests.harness.redis import RedisServer
from tests.nodes.conftest import Village
from tests.nodes.test_chats import contents, seqs, settled

TIMEOUT = 0.3


@pytest.fixture
async def unreliable(tmp_path: Path) -> AsyncIterator[list[Node]]:
    """Two nodes over a bus that loses what the test tells it to."""
    async with open_nodes(tmp_path, 2) as running:
        yield running


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """One that the test may hurt."""
    with RedisServer("valkey") as running:
        yield running


@pytest.fixture
async def fragile(tmp_path: Path, server: RedisServer) -> AsyncIterator[list[Node]]:
    """Two nodes over that server."""
    async with open_nodes(tmp_path, 2, redis=server.url, redis_timeout_ms=int(TIMEOUT * 1000)) as running:
        yield running


def lose(nodes: list[Node], losing: bool) -> None:
    for node in nodes:
        bus = node.app.hub.bus
        assert isinstance(bus, LossyBus)
        bus.losing = losing


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in another process
            await asyncio.sleep(0.01)


async def test_lost_publishes_are_read_from_the_log_when_the_next_one_shows_the_gap(unreliable: list[Node]) -> None:
    village = Village(unreliable)
    one, two, former = await village.people(3)
    group = await one.create_chat(two, former, name="Lossy")
    async with (
        unreliable[0].online(one) as here,
        unreliable[1].online(two) as there,
        unreliable[1].online(former) as gone,
    ):
        await here.send(group, "heard", "k0")
        await there.wait_for("new_message")
        lose(unreliable, True)
        for number in range(5):
            await here.send(group, f"lost {number}", f"k1-{number}")
        await one.http.delete(f"/api/chats/{group}/members/{former.id}")
        await here.send(group, "private", "k2")
        lose(unreliable, False)
        await here.send(group, "shows the gap", "k3")
        await there.wait_for("new_message", lambda args: args[0]["content"] == "shows the gap")
        assert seqs(there) == list(range(1, 10))
        await gone.wait_for("chat_removed", lambda args: args[0]["chatId"] == group)
        assert contents(gone) == ["heard", *(f"lost {number}" for number in range(5))]
    await village.close()


async def test_a_word_about_somebody_new_that_is_lost_is_put_right_by_sync(unreliable: list[Node]) -> None:
    village = Village(unreliable)
    one, two = await village.people(2)
    async with unreliable[1].online(two) as there:
        lose(unreliable, True)
        chat = await one.create_chat(two)
        lose(unreliable, False)
        await one.put(chat, "first")
        await settled(there)
        await one.put(chat, "second")
        await there.wait_for("new_message", lambda args: args[0]["content"] == "second")
    await village.close()


async def test_while_redis_hangs_a_node_goes_on_alone_and_then_catches_up(
    fragile: list[Node], server: RedisServer
) -> None:
    village = Village(fragile)
    one, two, neighbour, newcomer = await village.people(4)
    group = await one.create_chat(two, neighbour, name="Through an outage")
    async with (
        fragile[0].online(one) as here,
        fragile[0].online(neighbour) as near,
        fragile[1].online(two) as there,
        fragile[1].online(newcomer) as new,
    ):
        server.pause()
        await until(lambda: not any(node.app.redis is not None and node.app.redis.bus.up for node in fragile))
        for number in range(3):
            started = time.monotonic()
            assert (await here.send(group, f"alone {number}", f"k{number}"))["ok"]
            assert time.monotonic() - started < 1
        await near.wait_for("new_message", lambda args: args[0]["content"] == "alone 2")
        assert await here.call("typing", {"chatId": group}) == {"ok": True}
        assert (await near.call("join_chat", {"chatId": group}))["ok"] is True
        await fragile[0].app.members.add(Caller(one.id, "of a test"), group, [newcomer.id])
        assert contents(there) == []

        # Security check 50: who one is cannot be found out, so nobody gets in, and nobody waits long to hear it.
        started = time.monotonic()
        answer = await one.http.get("/api/chats")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with fragile[0].online(two):
                pass
        assert time.monotonic() - started < 10 * TIMEOUT
        assert (await one.http.get("/health/live")).status_code == 200
        ready = await one.http.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]["redis"]) == (503, "failed")

        server.resume()
        await there.wait_for("new_message", lambda args: args[0]["content"] == "alone 2")
        assert [content for content in contents(there) if content] == ["alone 0", "alone 1", "alone 2"]
        await new.wait_for("chat_updated", lambda args: args[0]["chatId"] == group)
        await until(lambda: all(node.app.redis is not None and node.app.redis.bus.up for node in fragile))
        await there.send(group, "together again", "k9")
        for live in (here, near, there, new):
            await live.wait_for("new_message", lambda args: args[0]["content"] == "together again")
        assert seqs(there) == list(range(1, 6))
        assert (await one.http.get("/health/ready")).status_code == 200
    await village.close()


async def test_a_redis_that_forgot_everything_signs_people_out_without_wiping_what_they_have(
    fragile: list[Node], server: RedisServer
) -> None:
    village = Village(fragile)
    one, _ = await village.people(2)
    async with fragile[0].online(one) as here:
        server.kill()
        server.start()
        assert (await here.wait_for("session_revoked"))[0] == {"reason": "expired"}
    answer = await one.http.get("/api/chats")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    signed_in = await one.http.post("/api/auth/login", json={"identifier": one.username, "password": one.password})
    assert signed_in.status_code == 200
    async with fragile[1].online(one) as back:
        await settled(back)
    await village.close()


async def test_09_a_revocation_that_nobody_could_be_told_of_is_found_afterwards(
    fragile: list[Node], server: RedisServer
) -> None:
    village = Village(fragile)
    one, _ = await village.people(2)
    async with fragile[1].online(one) as there:
        await settled(there)
        bus = fragile[0].app.redis
        assert bus is not None
        bus.bus.publish = lambda *_, **__: None  # type: ignore[method-assign]  # the word is lost
        await one.http.post("/api/auth/logout")
        server.pause()
        other = fragile[1].app.redis
        assert other is not None
        await until(lambda: not other.bus.up)
        server.resume()
        await there.wait_for("session_revoked")
    await village.close()
