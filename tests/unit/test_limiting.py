"""limiting.py: how often something may happen. The time is an argument, so nothing here waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batiyoun.limiting import Backoff, Limiter, Rate

TEN = Rate("ten", burst=10, period=2)


def test_a_burst_then_one_each_period() -> None:
    limiter = Limiter(TEN)
    assert [limiter.hit("a", 0).allowed for _ in range(11)] == [True] * 10 + [False]
    assert not limiter.hit("a", 1.99).allowed
    assert limiter.hit("a", 2.01).allowed
    assert not limiter.hit("a", 2.02).allowed


def test_the_wait_that_is_told_is_enough_and_not_too_long() -> None:
    limiter = Limiter(TEN)
    for _ in range(10):
        limiter.hit("a", 100)
    wait = limiter.hit("a", 100.5).retry_after
    assert not limiter.hit("a", 100.5 + wait - 0.01).allowed
    assert limiter.hit("a", 100.5 + wait).allowed


def test_keys_do_not_share_and_a_pause_fills_up() -> None:
    limiter = Limiter(TEN)
    for _ in range(10):
        limiter.hit("a", 0)
    assert limiter.hit("b", 0).remaining == 9
    assert limiter.hit("a", 1_000).remaining == 9


@given(st.lists(st.floats(0, 60), max_size=200))
def test_never_more_than_the_burst_and_the_rate_allow(times: list[float]) -> None:
    limiter = Limiter(TEN)
    allowed = [now for now in sorted(times) if limiter.hit("a", now).allowed]
    for start in allowed:
        for end in allowed:
            if end >= start:
                count = sum(start <= now <= end for now in allowed)
                assert count <= TEN.burst + (end - start) / TEN.period + 1e-6


def test_a_flood_of_keys_is_bounded_and_keeps_the_busiest() -> None:
    limiter = Limiter(TEN, max_keys=100)
    for _ in range(10):
        limiter.hit("busy", 0)
    for number in range(1_000):
        limiter.hit(f"key{number}", 0.001 * number)
    assert len(limiter) <= 100
    assert not limiter.hit("busy", 1).allowed


def test_38_the_headers_follow_the_draft() -> None:
    limiter = Limiter(TEN)
    assert limiter.hit("a", 0).headers() == {"RateLimit-Policy": '"ten";q=10;w=20', "RateLimit": '"ten";r=9;t=2'}
    for _ in range(9):
        limiter.hit("a", 0)
    assert limiter.hit("a", 0.5).headers()["RateLimit"] == '"ten";r=0;t=2'


def test_failures_wait_longer_and_longer_up_to_a_bound() -> None:
    backoff = Backoff(free=3, first=2, longest=60)
    now, waits = 0.0, []
    for _ in range(10):
        backoff.failed("a", now)
        waits.append(backoff.wait("a", now))
        now += waits[-1]
    assert waits == [0, 0, 2, 4, 8, 16, 32, 60, 60, 60]
    assert backoff.wait("b", now) == 0


def test_a_success_or_a_long_pause_forgets() -> None:
    backoff = Backoff(free=1, first=10, longest=60)
    backoff.failed("a", 0)
    assert backoff.wait("a", 4) == 6
    backoff.succeeded("a")
    assert backoff.wait("a", 4) == 0
    for _ in range(3):
        backoff.failed("b", 0)
    assert backoff.wait("b", 0) == 40
    backoff.failed("b", 200)
    assert backoff.wait("b", 200) == 10


def test_a_flood_of_failing_keys_is_bounded() -> None:
    backoff = Backoff(free=1, first=10, longest=60, max_keys=50)
    for number in range(500):
        backoff.failed(f"key{number}", number)
    assert len(backoff._failures) <= 50
    assert backoff.wait("key499", 499) == 10
