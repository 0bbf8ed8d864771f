"""storage/redis/link.py: pipelines, scripts, deadlines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from redis.exceptions import ResponseError

from batiyoun.errors import Unavailable
from batiyoun.storage.redis import link as module
from batiyoun.storage.redis.link import RedisLink, Script
from tests.harness.redis import RedisServer

TIMEOUT = 0.2


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """One that the test may hurt."""
    with RedisServer("valkey") as running:
        yield running


def commands(server: RedisServer) -> int:
    """Round trips are not counted by the server, but the commands of a pipeline come in one read."""
    line = next(line for line in server.call("INFO", "stats").split(b"\r\n") if line.startswith(b"total_reads"))
    return int(line.partition(b":")[2])


async def test_what_is_asked_for_in_one_tick_travels_together(server: RedisServer) -> None:
    link = RedisLink(server.url)
    await link.run("PING")
    before = commands(server)
    answers = await asyncio.gather(*(link.run("INCR", f"key {number % 7}") for number in range(300)))
    assert sorted(answers) == sorted(number // 7 + 1 for number in range(300))
    assert commands(server) - before < 20
    await link.close()


async def test_more_than_one_pipeline_s_worth(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BATCH", 10)
    link = RedisLink(server.url, connections=2)
    assert await link.all([("ECHO", str(number)) for number in range(95)]) == [b"%d" % n for n in range(95)]
    await link.close()


async def test_a_wrong_command_hurts_nobody_else(server: RedisServer) -> None:
    link = RedisLink(server.url)
    await link.run("SET", "text", "x")
    good, wrong, also_good = link.ask("ECHO", "1"), link.ask("INCR", "text"), link.ask("ECHO", "2")
    assert (await good, await also_good) == (b"1", b"2")
    with pytest.raises(ResponseError):
        await wrong
    await link.close()


async def test_a_script_is_loaded_when_the_server_does_not_know_it(server: RedisServer) -> None:
    link = RedisLink(server.url)
    script = Script("return ARGV[1] .. KEYS[1]")
    assert await link.script(script, ("key",), "a") == b"akey"
    server.call("SCRIPT", "FLUSH")
    assert await link.script(script, ("key",), "b") == b"bkey"
    await link.close()


async def test_a_server_that_was_restarted_is_found_again(server: RedisServer) -> None:
    link = RedisLink(server.url)
    await link.run("PING")
    server.kill()
    server.start()
    assert await link.run("ECHO", "x") == b"x"
    await link.close()


async def test_50_a_server_that_hangs_fails_closed_in_time_and_then_at_once(server: RedisServer) -> None:
    link = RedisLink(server.url, timeout=TIMEOUT)
    await link.run("PING")
    server.pause()
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await link.run("GET", "x")
        assert time.monotonic() - started < TIMEOUT * 3
    started = time.monotonic()
    for _ in range(100):
        with pytest.raises(Unavailable):
            await link.run("GET", "x")
    assert time.monotonic() - started < TIMEOUT, "the circuit is open"
    assert not await link.ready()
    server.resume()
    async with asyncio.timeout(5):
        while not await link.ready():  # noqa: ASYNC110  # it is another process
            await asyncio.sleep(0.02)
    assert await link.run("ECHO", "x") == b"x"
    await link.close()


async def test_a_server_that_is_gone_refuses_at_once(server: RedisServer) -> None:
    link = RedisLink(server.url, timeout=5)
    server.kill()
    async with asyncio.timeout(1):
        with pytest.raises(Unavailable):
            await link.run("GET", "x")
        assert not await link.ready()
    await link.close()


async def test_a_full_server_is_unavailable_not_wrong(server: RedisServer) -> None:
    link = RedisLink(server.url)
    server.call("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(Unavailable):
        await link.run("SET", "key", "x" * 1000)
    with pytest.raises(Unavailable):
        await link.script(Script("return redis.call('SET', KEYS[1], 'x')"), ("key",))
    await link.close()


async def test_who_goes_away_does_not_take_others_along(server: RedisServer) -> None:
    link = RedisLink(server.url)
    leaving = asyncio.ensure_future(link.run("ECHO", "1"))
    staying = asyncio.ensure_future(link.run("ECHO", "2"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == b"2"
    await link.close()
