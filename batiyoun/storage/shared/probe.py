"""What a server of ours says of itself, for `doctor`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

#: round trips that are measured
_TIMES = 5


@dataclass(frozen=True, slots=True)
class Probe:
    """`is_`: name and version of the server, with how it stands. `milliseconds`: a round trip, the median of some.

    `ahead`: seconds that its clock is ahead of ours. `faults` keep it from being served; `hints` are worth a look. Both
    are whole sentences.
    """

    is_: str
    milliseconds: float
    ahead: float
    faults: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


async def round_trip(ask: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of a question, the median of some."""
    taken = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - started)
    return round(statistics.median(taken) * 1000, 1)


async def clock_ahead(now: Callable[[], datetime], ask: Callable[[], Awaitable[datetime]]) -> float:
    """Seconds that the other clock is ahead: what it said, against the middle of our question."""
    before = now()
    there = await ask()
    return (there - (before + (now() - before) / 2)).total_seconds()
