"""The port `PresenceStore`, in memory and on each server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from batiyoun.presence.store import PresenceStore
from batiyoun.storage.memory.presence import MemoryPresence
from batiyoun.storage.redis.link import RedisLink
from batiyoun.storage.redis.presence import ONLINE_TTL, TYPING_QUIET, TYPING_TTL, RedisPresence
from tests.harness.redis import KINDS, RedisServer

#: on a real server a second of the contract takes so long, or the suite would take minutes
SCALE = 0.1


@dataclass
class Place:
    """A store, and a way to let its time pass."""

    store: PresenceStore
    wait: Callable[[float], Awaitable[None]]


@pytest.fixture(params=("memory", *KINDS))
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """An empty store."""
    if request.param == "memory":
        now = 1_000.0

        async def move(seconds: float) -> None:
            nonlocal now
            now += seconds

        yield Place(MemoryPresence(lambda: now), move)
        return
    server: RedisServer = request.getfixturevalue(f"{request.param}_server")
    server.empty()
    link = RedisLink(server.url, timeout=5)
    store = RedisPresence(link, ttl=ONLINE_TTL, typing_ttl=TYPING_TTL * SCALE, quiet=TYPING_QUIET * SCALE)
    yield Place(store, lambda seconds: asyncio.sleep(seconds * SCALE))
    await link.close()


async def test_the_first_to_come_and_the_last_to_go_are_news(place: Place) -> None:
    store = place.store
    assert [await store.arrive("asha", name) for name in ("c1", "c2", "c1")] == [True, False, False]
    assert await store.depart("asha", "c1") is False
    assert await store.depart("asha", "c1") is False
    assert await store.depart("asha", "c2") is True
    assert await store.depart("asha", "c2") is False
    assert await store.depart("nobody", "c9") is False
    assert await store.arrive("asha", "c3") is True


async def test_who_is_here_who_was_and_who_never(place: Place) -> None:
    store = place.store
    await store.arrive("here", "c1")
    await store.arrive("gone", "c2")
    await store.depart("gone", "c2")
    found = await store.online(["here", "gone", "never", "here"])
    assert found.keys() == {"here", "gone"}
    assert found["here"] is None
    assert isinstance(found["gone"], float)
    assert await store.online([]) == {}


async def test_many_are_looked_up_at_once(place: Place) -> None:
    store = place.store
    people = [f"user {number}" for number in range(450)]
    await asyncio.gather(*(store.arrive(person, "c") for person in people[::2]))
    assert set(await store.online(people)) == set(people[::2])


async def test_of_many_at_once_one_is_the_first_and_one_the_last(place: Place) -> None:
    store = place.store
    names = [f"c{number}" for number in range(8)]
    assert sorted(await asyncio.gather(*(store.arrive("asha", name) for name in names))) == [False] * 7 + [True]
    assert sorted(await asyncio.gather(*(store.depart("asha", name) for name in names))) == [False] * 7 + [True]


async def test_refreshing_keeps_those_who_are_here(place: Place) -> None:
    store = place.store
    await store.arrive("asha", "c1")
    await store.refresh([("asha", "c1"), ("asha", "c2"), ("mohan", "c3")])
    await store.refresh([])
    assert (await store.online(["asha"])) == {"asha": None}
    assert await store.gone(10) == {}


async def test_typing_is_news_once_a_second_and_over_after_three(place: Place) -> None:
    store = place.store
    assert [await store.type("chat", "asha") for _ in range(3)] == [True, False, False]
    assert await store.type("chat", "mohan") is True
    assert await store.type("other", "asha") is True
    assert await store.typing("chat") == {"asha", "mohan"}
    await place.wait(1.5)
    assert await store.type("chat", "asha") is True
    await place.wait(2)
    assert await store.typing("chat") == {"asha"}
    await place.wait(2)
    assert await store.typing("chat") == set()
    assert await store.typing("nowhere") == set()
