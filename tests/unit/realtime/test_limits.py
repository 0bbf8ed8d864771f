"""Token buckets by any clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.realtime.limits import Accounts, Bucket, Meter, take_all
from batiyoun.realtime.settings import Allowance, Rate

RATE = Rate(10, 5)
PLENTY = Rate(1e9, 1e9)
ALLOWANCE = Allowance(events=RATE, bytes=Rate(1_000, 500), joins=Rate(1, 2))


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


EVENTS = Allowance(events=RATE, bytes=PLENTY, joins=PLENTY)
BYTES = Allowance(events=PLENTY, bytes=RATE, joins=PLENTY)
JOINS = Allowance(events=PLENTY, bytes=PLENTY, joins=RATE)


@pytest.mark.parametrize("allowance", [EVENTS, BYTES, JOINS])
def test_a_meter_limits_each_kind(allowance: Allowance) -> None:
    meter = Meter(allowance, 0)
    assert [meter.take(0, 1, is_join=True) for _ in range(5)] == [0.0] * 5
    assert meter.take(0, 1, is_join=True) == pytest.approx(0.1)
    assert meter.take(0.05, 1, is_join=True) == pytest.approx(0.05), "a refusal costs nothing"
    assert meter.take(0.1, 1, is_join=True) == 0.0
    assert meter.take(0.1, 1, is_join=True) > 0
    if allowance is JOINS:
        assert meter.take(0.1, 1, is_join=False) == 0.0, "only joins are used up"


def test_a_meter_tells_the_longest_wait() -> None:
    meter = Meter(ALLOWANCE, 0)
    for _ in range(2):
        assert meter.take(0, 250, is_join=True) == 0.0
    assert meter.take(0, 10, is_join=False) == pytest.approx(0.01), "bytes"
    assert meter.take(0, 10, is_join=True) == pytest.approx(1), "joins"
    assert meter.take(0.01, 10, is_join=False) == 0.0


def test_an_event_above_the_burst_of_bytes_waits_for_all_of_them() -> None:
    meter = Meter(BYTES, 0)
    assert meter.take(0, 1_000, is_join=False) == 0.0
    assert meter.take(0, 1_000, is_join=False) == pytest.approx(0.5)
    assert meter.take(0.5, 1_000, is_join=False) == 0.0


def meters() -> tuple[Meter, ...]:
    """A connection's, its user's, its address's; what each has least of differs."""
    return Meter(EVENTS, 0), Meter(BYTES, 0), Meter(JOINS, 0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_who_is_refused_by_one_limit_does_not_use_up_the_others(order: tuple[int, ...]) -> None:
    each = meters()
    asked = tuple(each[number] for number in order)
    each[2].take(0, 0, is_join=True)
    for _ in range(4):
        assert take_all(asked, 0, 1, is_join=True) == 0.0
    for _ in range(20):
        assert take_all(asked, 0, 1, is_join=True) == pytest.approx(0.1)
    assert each[0].take(0, 0, is_join=False) == 0.0, "the fifth event was given back"
    assert each[1].take(0, 1, is_join=False) == 0.0, "and its byte"


Takes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 700), st.booleans()), max_size=60)


@given(Takes)
def test_no_limit_is_passed_and_every_wait_is_enough(takes: list[tuple[float, int, bool]]) -> None:
    def both() -> tuple[Meter, Meter]:
        return Meter(ALLOWANCE, 0), Meter(Allowance(Rate(5, 9), Rate(700, 900), Rate(2, 1)), 0)

    asked, granted = both(), list[tuple[float, int, bool]]()
    now = 0.0
    for pause, size, is_join in takes:
        now += pause
        wait = take_all(asked, now, size, is_join=is_join)
        if wait == 0.0:
            granted.append((now, size, is_join))
            continue
        again = both()
        for when, *what in granted:
            assert take_all(again, when, what[0], is_join=bool(what[1])) == 0.0, "refusals change nothing"
        assert take_all(again, now + wait + 1e-6, size, is_join=is_join) == 0.0, "retryAfter is enough"
    assert len(granted) <= min(5 + 10 * now, 9 + 5 * now) + 1e-6
    assert sum(is_join for _, _, is_join in granted) <= min(2 + now, 1 + 2 * now) + 1e-6
    assert sum(min(size, 500) for _, size, _ in granted) <= 500 + 1_000 * now + 1e-6
    assert sum(min(size, 900) for _, size, _ in granted) <= 900 + 700 * now + 1e-6


def test_accounts_are_forgotten_when_forgetting_changes_nothing() -> None:
    accounts = Accounts(ALLOWANCE, RATE)
    online = accounts.of("online", 0)
    online.sockets = 1
    spent = accounts.of("spent", 0)
    spent.meter.take(0, 500, is_join=False)
    for number in range(Accounts.SWEEP):
        accounts.of(f"passer-by {number}", 0)
    assert accounts.of("online", 0) is online
    assert accounts.of("spent", 0) is spent
    assert len(accounts) <= 10
    for number in range(Accounts.SWEEP):
        accounts.of(f"later passer-by {number}", 60)
    assert accounts.of("spent", 60) is not spent
