"""storage/redis/presence.py: what expires, and who is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from batiyoun.storage.redis.link import RedisLink
from batiyoun.storage.redis.presence import RedisPresence
from tests.harness.redis import RedisServer

#: seconds that an entry lives here instead of five minutes
TTL = 0.3


@pytest.fixture
async def store(valkey_server: RedisServer) -> AsyncIterator[RedisPresence]:
    valkey_server.empty()
    link = RedisLink(valkey_server.url, timeout=5)
    yield RedisPresence(link, ttl=TTL)
    await link.close()


async def test_the_keys_and_lives_are_the_contract_s(valkey_server: RedisServer) -> None:
    valkey_server.empty()
    link = RedisLink(valkey_server.url, timeout=5)
    store = RedisPresence(link)
    await store.arrive("asha", "c1")
    await store.type("chat", "asha")
    assert await link.run("TYPE", "user:online:asha") == b"zset"
    assert 299_000 < await link.run("PTTL", "user:online:asha") <= 300_000
    assert 2_000 < await link.run("PTTL", "chat:chat:typing") <= 3_000
    await link.close()


async def test_who_is_not_refreshed_is_gone_and_told_of_once(store: RedisPresence) -> None:
    await store.arrive("asha", "c1")
    await store.arrive("mohan", "c2")
    await asyncio.sleep(TTL * 0.7)
    await store.refresh([("mohan", "c2")])
    await asyncio.sleep(TTL * 0.5)
    assert await store.online(["asha", "mohan"]) == {"mohan": None}
    found = await asyncio.gather(*(store.gone(10) for _ in range(5)))
    assert [list(each) for each in found if each] == [["asha"]]
    assert (await store.online(["asha"]))["asha"] == next(each for each in found if each)["asha"]
    assert await store.arrive("asha", "c3") is True


async def test_a_dead_node_s_connection_does_not_keep_anybody_here(store: RedisPresence) -> None:
    await store.arrive("asha", "dead")
    await asyncio.sleep(TTL * 1.2)
    assert await store.arrive("asha", "alive") is True
    assert await store.depart("asha", "alive") is True


async def test_a_connection_that_fades_is_gone_unless_there_is_another(store: RedisPresence) -> None:
    await store.arrive("asha", "c1")
    await store.arrive("mohan", "c2")
    await store.fade([("asha", "c1"), ("mohan", "c2"), ("nobody", "c9")], 0.05)
    assert await store.arrive("mohan", "c3") is False, "back before anybody noticed"
    await asyncio.sleep(0.1)
    assert list(await store.gone(10)) == ["asha"]
    assert await store.online(["mohan"]) == {"mohan": None}
    assert await store.gone(10) == {}
