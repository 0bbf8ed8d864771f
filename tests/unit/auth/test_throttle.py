"""auth/throttle.py: guessing becomes slow, nobody is locked out by somebody else (security check 2)."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from batiyoun.auth.throttle import LOGIN, SLOWEST, Throttle, network_of
from batiyoun.errors import RateLimited
from tests.harness.accounts import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock.runtime(), sleep=clock.sleep)


def attempt(throttle: Throttle, identifier: str, address: str) -> None:
    """A try of a password that came out as nothing; raises `RateLimited`."""
    with throttle.attempt(identifier, address):
        pass


def test_02_wrong_passwords_wait_longer_and_longer(throttle: Throttle, clock: Clock) -> None:
    waits = []
    for _ in range(8):
        attempt(throttle, "asha", "203.0.113.7")
        throttle.failed("asha", "203.0.113.7")
        try:
            attempt(throttle, "asha", "203.0.113.7")
        except RateLimited as exc:
            waits.append(exc.retry_after)
            clock.now += exc.retry_after or 0
    assert waits == [2, 4, 8, 16]


def test_02_the_wait_is_for_one_account_from_one_address(throttle: Throttle) -> None:
    for _ in range(9):
        throttle.failed("asha", "203.0.113.7")
    with pytest.raises(RateLimited):
        attempt(throttle, "ASHA", "203.0.113.7")
    attempt(throttle, "asha", "203.0.113.8")
    attempt(throttle, "ravi", "203.0.113.7")


def test_02_passwords_that_are_tried_at_once_count_before_they_come_out(throttle: Throttle) -> None:
    with ExitStack() as trying:
        for _ in range(5):
            trying.enter_context(throttle.attempt("asha", "203.0.113.7"))
        with pytest.raises(RateLimited):
            attempt(throttle, "asha", "203.0.113.7")
        attempt(throttle, "asha", "198.51.100.1")
    attempt(throttle, "asha", "203.0.113.7")
    assert not throttle._running, "what came out is not kept"


def test_02_codes_that_are_tried_at_once_from_everywhere_count_before_they_come_out(throttle: Throttle) -> None:
    with ExitStack() as trying:
        for number in range(20):
            trying.enter_context(throttle.code_attempt("asha", f"203.0.113.{number}"))
        with pytest.raises(RateLimited), throttle.code_attempt("asha", "198.51.100.1"):
            pass
        with throttle.code_attempt("asha", "198.51.100.1", guessable=False):
            pass
    assert not throttle._running


def test_a_good_password_forgets_the_wrong_ones(throttle: Throttle) -> None:
    for _ in range(9):
        throttle.failed("asha", "203.0.113.7")
    throttle.succeeded("asha", "203.0.113.7")
    attempt(throttle, "asha", "203.0.113.7")


async def test_02_an_attack_from_everywhere_slows_down_and_locks_nobody_out(throttle: Throttle, clock: Clock) -> None:
    for number in range(200):
        throttle.failed("asha", f"198.51.100.{number}")
    attempt(throttle, "asha", "203.0.113.7")
    await throttle.slow_down("asha")
    await throttle.slow_down("ravi")
    assert len(clock.slept) == 1
    assert 0 < clock.slept[0] <= SLOWEST


async def test_it_can_be_switched_off(clock: Clock) -> None:
    throttle = Throttle(clock.runtime(), enabled=False, sleep=clock.sleep)
    for _ in range(200):
        throttle.failed("asha", "203.0.113.7")
        attempt(throttle, "asha", "203.0.113.7")
        assert throttle.check(LOGIN, "203.0.113.7") is None
    await throttle.slow_down("asha")
    assert clock.slept == []


def test_each_rate_counts_by_itself(throttle: Throttle) -> None:
    verdicts = [throttle.check(LOGIN, "203.0.113.7") for _ in range(LOGIN.burst + 1)]
    assert [verdict.allowed for verdict in verdicts if verdict] == [True] * LOGIN.burst + [False]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_one_customer_is_one_caller(address: str, network: str) -> None:
    assert network_of(address) == network
