"""One wheel for all timers, on a clock the test turns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVarTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.realtime.wheel import Timer, Wheel

_Args = TypeVarTuple("_Args")


class Clock(asyncio.SelectorEventLoop):
    """A loop of which only time and `call_at` are used; time passes when told."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = 1000.0
        self.calls: list[Any] = []

    def time(self) -> float:
        return self.moment

    def call_at(
        self, when: float, callback: Callable[[*_Args], object], *args: *_Args, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self)
        self.calls.append(handle)
        return handle

    def turn(self, seconds: float) -> None:
        """Let time pass, calling what becomes due in order."""
        end = self.moment + seconds
        while due := sorted((h for h in self.calls if not h.cancelled() and h.when() <= end), key=lambda h: h.when()):
            self.calls.remove(due[0])
            self.moment = max(self.moment, due[0].when())
            due[0]._run()
        self.moment = end


class Bell(Timer):
    """Remembers when it rang."""

    __slots__ = ("clock", "rang", "then")

    def __init__(self, clock: Clock, then: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.rang: list[float] = []
        self.then = then

    def fire(self) -> None:
        self.rang.append(round((self.clock.moment - 1000) * 1000, 3))
        if self.then is not None:
            self.then()


@pytest.fixture
def clock() -> Any:
    clock = Clock()
    yield clock
    clock.close()


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=30), st.integers(1, 250))
def test_each_timer_fires_once_at_its_time_or_up_to_a_tick_later(delays: list[int], tick: int) -> None:
    clock = Clock()
    wheel = Wheel(clock, tick)
    bells = [Bell(clock) for _ in delays]
    for bell, delay in zip(bells, delays, strict=True):
        wheel.start(bell, delay)
    clock.turn(10)
    clock.close()
    for bell, delay in zip(bells, delays, strict=True):
        assert len(bell.rang) == 1
        assert delay - 0.01 <= bell.rang[0] <= delay + tick + 0.01


def test_starting_again_replaces_and_cancelling_prevents(clock: Clock) -> None:
    wheel = Wheel(clock, 10)
    moved, cancelled = Bell(clock), Bell(clock)
    wheel.start(moved, 100)
    wheel.start(cancelled, 100)
    clock.turn(0.05)
    wheel.start(moved, 200)
    wheel.cancel(cancelled)
    wheel.cancel(cancelled)
    clock.turn(1)
    assert moved.rang in ([250], [260])
    assert cancelled.rang == []


def test_a_timer_may_start_itself_and_others_or_cancel_them(clock: Clock) -> None:
    wheel = Wheel(clock, 10)
    victim = Bell(clock)
    again = Bell(clock)
    again.then = lambda: wheel.start(again, 50) if len(again.rang) < 3 else None
    killer = Bell(clock, lambda: wheel.cancel(victim))
    wheel.start(again, 50)
    wheel.start(killer, 100)
    wheel.start(victim, 300)
    clock.turn(1)
    assert len(again.rang) == 3
    assert victim.rang == []


def test_those_due_in_the_same_tick_may_cancel_each_other(clock: Clock) -> None:
    wheel = Wheel(clock, 10)
    first, second = Bell(clock), Bell(clock)
    first.then = lambda: wheel.cancel(second)
    second.then = lambda: wheel.cancel(first)
    wheel.start(first, 5)
    wheel.start(second, 5)
    clock.turn(1)
    assert len(first.rang) + len(second.rang) == 1


def test_a_failing_timer_harms_no_other(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    wheel = Wheel(clock, 10)

    def fail() -> None:
        raise RuntimeError

    bells = [Bell(clock, fail), Bell(clock), Bell(clock)]
    for bell, delay in zip(bells, (5, 5, 500), strict=True):
        wheel.start(bell, delay)
    with caplog.at_level(logging.ERROR):
        clock.turn(1)
    assert [len(bell.rang) for bell in bells] == [1, 1, 1]
    assert "A timer failed" in caplog.text


def test_nothing_is_scheduled_while_nothing_is_started_and_one_call_serves_many(clock: Clock) -> None:
    wheel = Wheel(clock, 100)
    assert clock.calls == []
    for _ in range(1000):
        wheel.start(Bell(clock), 50)
    assert len([call for call in clock.calls if not call.cancelled()]) == 1
    clock.turn(1)
    assert clock.calls == []


def test_an_earlier_timer_moves_the_next_turn(clock: Clock) -> None:
    wheel = Wheel(clock, 10)
    late, early = Bell(clock), Bell(clock)
    wheel.start(late, 1000)
    wheel.start(early, 20)
    clock.turn(0.1)
    assert early.rang == [30]
    clock.turn(2)
    assert late.rang == [1010]


def test_closing_ends_everything(clock: Clock) -> None:
    wheel = Wheel(clock, 10)
    bell = Bell(clock)
    wheel.start(bell, 20)
    wheel.close()
    clock.turn(1)
    assert bell.rang == []
