"""The port `SharedCounts`, on each server: limits of several nodes add up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from batiyoun.auth.throttle import Throttle
from batiyoun.errors import RateLimited
from batiyoun.limiting import Backoff, Limiter, Rate
from batiyoun.runtime import Runtime
from batiyoun.shared_limits import SharedLimits
from batiyoun.storage.redis.limits import RedisCounts
from batiyoun.storage.redis.link import RedisLink
from tests.harness.redis import KINDS, RedisServer

#: slow enough that no quota comes back while a test runs
RATE = Rate("login", burst=10, period=60)


@pytest.fixture(params=KINDS)
async def counts(request: pytest.FixtureRequest) -> AsyncIterator[RedisCounts]:
    """Empty counts."""
    server: RedisServer = request.getfixturevalue(f"{request.param}_server")
    server.empty()
    link = RedisLink(server.url, timeout=5)
    yield RedisCounts(link)
    await link.close()


class Node:
    """One node's limits."""

    def __init__(self, counts: RedisCounts) -> None:
        self.limiter = Limiter(RATE)
        self.wrong = Backoff(free=3, first=2, longest=900)
        self.shared = SharedLimits(counts, lambda: 1_000.0)
        self.shared.share(self.limiter)
        self.shared.share_failures("wrong", self.wrong)

    async def hit(self, key: str) -> bool:
        verdict = self.limiter.hit(key, 1_000.0)
        await self.shared.settled()
        return verdict.allowed

    async def fail(self, key: str) -> float:
        self.wrong.failed(key, 1_000.0)
        await self.shared.settled()
        return self.wrong.wait(key, 1_000.0)


MakeNode = Callable[[], Node]


@pytest.fixture
def node(counts: RedisCounts) -> MakeNode:
    return lambda: Node(counts)


async def test_38_a_quota_is_spent_by_all_nodes_together(node: MakeNode) -> None:
    one, two, three = node(), node(), node()
    through = [await each.hit("asha") for _ in range(10) for each in (one, two, three)]
    assert sum(through) <= RATE.burst + 2, "each further node may let one through that it could not know of"
    assert sum(through) >= RATE.burst
    assert not await one.hit("asha")
    assert await one.hit("mohan"), "other keys have their own quota"


async def test_38_a_flood_over_one_node_is_known_to_the_next_after_one(node: MakeNode) -> None:
    one, two = node(), node()
    assert sum([await one.hit("asha") for _ in range(50)]) == RATE.burst
    assert [await two.hit("asha") for _ in range(5)] == [True, False, False, False, False]


async def test_38_the_count_is_kept_no_longer_than_it_matters(node: MakeNode, counts: RedisCounts) -> None:
    for _ in range(100):
        ahead = await counts.hit(RATE, "asha")
    assert RATE.period * (RATE.burst - 1) < ahead <= RATE.period * RATE.burst


async def test_02_wrong_passwords_on_several_nodes_add_up(node: MakeNode) -> None:
    one, two = node(), node()
    assert [await each.fail("asha") for each in (one, two, one)] == [0.0, 0.0, 2.0]
    assert await two.fail("asha") == 4.0
    two.wrong.succeeded("asha")
    await two.shared.settled()
    assert await node().fail("asha") == 0.0


async def test_02_guesses_of_a_second_factor_over_all_nodes_add_up(counts: RedisCounts) -> None:
    runtime = replace(Runtime(), monotonic=lambda: 1_000.0)
    limits = [SharedLimits(counts, runtime.monotonic) for _ in range(2)]
    one, two = (Throttle(runtime, shared=shared) for shared in limits)
    for number in range(25):  # from ever new addresses
        one.code_failed("asha", f"203.0.113.{number}")
        await limits[0].settled()
    two.code_failed("asha", "198.51.100.1")
    await limits[1].settled()
    with pytest.raises(RateLimited), two.code_attempt("asha", "198.51.100.2"):
        pass
