"""account/errands.py: what waits is done at least once, and one that cannot be done does not hold up the others."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from batiyoun.account.errands import WORRYING, Errands
from batiyoun.account.store import Errand
from batiyoun.errors import BatiyounError, Unavailable, UserNotFound
from batiyoun.runtime import Runtime


@dataclass
class Waiting:
    """Errands in memory, all of them due."""

    errands: list[Errand]
    finished: list[str] = field(default_factory=list)

    async def take(self, now: datetime, lease: timedelta, limit: int) -> list[Errand]:
        """See `ErrandStore`."""
        self.errands = [replace(errand, tries=errand.tries + 1) for errand in self.errands]
        return [errand for errand in self.errands if errand.id not in self.finished]

    async def done(self, errand_id: str) -> None:
        """See `ErrandStore`."""
        self.finished.append(errand_id)


def waiting(*kinds: str) -> Waiting:
    """One errand of each kind, which is also its id."""
    return Waiting([Errand(kind, kind, "asha", {}, Runtime().utcnow(), 0) for kind in kinds])


class Handler:
    """Fails as it is told, then succeeds."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.calls = 0

    async def __call__(self, errand: Errand) -> None:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("a mistake")])
async def test_what_cannot_be_done_is_done_later_and_holds_up_nobody(failure: BaseException) -> None:
    store, broken, works = waiting("broken", "works"), Handler(failure), Handler()
    errands = Errands(store, {"broken": broken, "works": works}, Runtime())
    assert await errands.look() == 1
    assert store.finished == ["works"]
    assert await errands.look() == 1
    assert (store.finished, broken.calls, works.calls) == (["works", "broken"], 2, 1)


async def test_what_is_refused_for_good_is_done() -> None:
    refusal: BatiyounError = UserNotFound()
    store = waiting("meet")
    assert await Errands(store, {"meet": Handler(refusal)}, Runtime()).look() == 1
    assert store.finished == ["meet"]


async def test_a_kind_of_a_newer_version_is_left_to_it() -> None:
    store = waiting("unheard of")
    assert await Errands(store, {}, Runtime()).look() == 0
    assert store.finished == []


async def test_one_that_fails_again_and_again_is_told(caplog: pytest.LogCaptureFixture) -> None:
    store = waiting("broken")
    errands = Errands(store, {"broken": Handler(*[Unavailable()] * WORRYING)}, Runtime())
    with caplog.at_level(logging.ERROR):
        for _ in range(WORRYING - 1):
            await errands.look()
        assert caplog.records == []
        await errands.look()
    assert f"tried {WORRYING} times" in caplog.text
