"""Token buckets by any clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.realtime.limits import Accounts, Bucket
from batiyoun.realtime.settings import Rate

RATE = Rate(10, 5)


def test_a_burst_then_the_rate() -> None:
    bucket = Bucket(RATE, 0)
    assert [bucket.take(RATE, 0) for _ in range(5)] == [0.0] * 5
    assert bucket.take(RATE, 0) == pytest.approx(0.1)
    assert bucket.take(RATE, 0.05) == pytest.approx(0.05), "a refusal costs nothing"
    assert bucket.take(RATE, 0.1) == 0.0
    assert bucket.take(RATE, 0.1) > 0


def test_a_cost_above_the_burst_waits_for_a_full_bucket() -> None:
    bucket = Bucket(RATE, 0)
    assert bucket.take(RATE, 0, 1_000) == 0.0
    assert bucket.take(RATE, 0, 1_000) == pytest.approx(0.5)
    assert bucket.take(RATE, 0.5, 1_000) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 5)), max_size=60))
def test_never_more_than_burst_plus_rate_times_time(takes: list[tuple[float, float]]) -> None:
    bucket = Bucket(RATE, 0)
    now = spent = 0.0
    for pause, cost in takes:
        now += pause
        wait = bucket.take(RATE, now, cost)
        if wait == 0.0:
            spent += cost
        else:
            again = Bucket(RATE, 0)
            again._tokens, again._stamp = bucket._tokens, bucket._stamp
            assert again.take(RATE, now + wait + 1e-6, cost) == 0.0, "retryAfter is enough"
        assert spent <= RATE.burst + RATE.per_second * now + 1e-6


def test_accounts_are_forgotten_when_forgetting_changes_nothing() -> None:
    accounts = Accounts(RATE, RATE)
    online = accounts.of("online", 0)
    online.sockets = 1
    spent = accounts.of("spent", 0)
    spent.events.take(RATE, 0, 5)
    for number in range(Accounts.SWEEP):
        accounts.of(f"passer-by {number}", 0)
    assert accounts.of("online", 0) is online
    assert accounts.of("spent", 0) is spent
    assert len(accounts) <= 10
    for number in range(Accounts.SWEEP):
        accounts.of(f"later passer-by {number}", 60)
    assert accounts.of("spent", 60) is not spent
