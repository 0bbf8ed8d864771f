"""Whether two answers can be told apart by the time that they take (security check 1).

A busy machine only ever adds time, and by chance to either. So the two are asked for in turn, in random order, and
compared by their quick answers (the lower quartile), which load moves least and which whoever attacks looks at, too
(Crosby, Wallach, Riedi: Opportunities and Limits of Remote Timing Attacks, 2009). A difference that is there stays
however often one looks, and one that is chance does not: before two are said to differ, more samples are taken.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Awaitable, Callable

#: seconds: what security check 1 allows
ALIKE = 0.005
ROUNDS = 40
MOST_ROUNDS = 320

#: does what is measured once; returns the seconds that it took
Measured = Callable[[], Awaitable[float]]


async def seconds(work: Awaitable[object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


async def difference(first: Measured, second: Measured, *, rounds: int = ROUNDS, most: int = MOST_ROUNDS) -> float:
    """Seconds by which `first` takes longer than `second`, after as many of `most` rounds as it needs."""
    taken: tuple[list[float], list[float]] = ([], [])
    while True:
        for _ in range(rounds):
            for which in random.sample((0, 1), 2):
                taken[which].append(await (first, second)[which]())
        apart = _quick(taken[0]) - _quick(taken[1])
        if abs(apart) < ALIKE or len(taken[0]) + rounds > most:
            return apart
        rounds = len(taken[0])


def _quick(samples: list[float]) -> float:
    return statistics.quantiles(samples, n=4)[0]
