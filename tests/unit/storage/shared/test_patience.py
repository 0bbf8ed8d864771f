"""storage/shared/patience.py: a deadline for each, and none for those who come after two failures."""

from __future__ import annotations

import asyncio

import pytest

from batiyoun.errors import Busy, Unavailable
from batiyoun.storage.shared.patience import Patience


class Monotonic:
    """Moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def fail(patience: Patience) -> None:
    with pytest.raises(Unavailable):
        async with patience.limit():
            raise Unavailable


async def test_what_takes_too_long_is_unavailable() -> None:
    patience = Patience("a store", 0.01, Monotonic())
    with pytest.raises(Unavailable):
        async with patience.limit():
            await asyncio.sleep(10)


async def test_after_two_failures_one_tries_in_a_second() -> None:
    clock = Monotonic()
    patience = Patience("a store", 5, clock)
    await fail(patience)
    assert not patience.lost
    await fail(patience)
    assert patience.lost
    tried = False
    with pytest.raises(Unavailable):
        async with patience.limit():
            tried = True
    assert not tried
    clock.now += 1.5
    async with patience.limit():
        tried = True
    assert tried
    assert not patience.lost


async def test_other_errors_say_nothing_about_the_store() -> None:
    patience = Patience("a store", 5, Monotonic())
    for _ in range(5):
        with pytest.raises(ValueError, match="mine"):
            async with patience.limit():
                raise ValueError("mine")
    assert not patience.lost


async def test_nobody_queues_up_without_end() -> None:
    patience = Patience("a store", 5, Monotonic(), max_waiting=2)
    go = asyncio.Event()

    async def use() -> None:
        async with patience.limit():
            await go.wait()

    users = [asyncio.create_task(use()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        async with patience.limit():
            pass
    go.set()
    await asyncio.gather(*users)
    async with patience.limit():
        pass
