"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from batiyoun.http import struct_response

router = APIRouter(prefix="/health", tags=["health"])

#: Seconds after which a dependency counts as away, whatever its own timeouts are.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether a dependency can be used, and after how many milliseconds it said so."""

    good: bool
    milliseconds: float


#: name → good?, asked at every readiness check; `Answered` for what lies outside of this process
Readiness = Callable[[], Awaitable[Mapping[str, bool | Answered]]]


async def always_ready() -> Mapping[str, bool | Answered]:
    """For applications without dependencies."""
    return {}


async def answered(check: Awaitable[bool]) -> Answered:
    """Ask a dependency, and measure how long it takes; one that does not answer in time is not good."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            good = await check
    except TimeoutError:
        good = False
    return Answered(good, round((time.perf_counter() - started) * 1000, 2))


async def all_answered(checks: Mapping[str, Awaitable[bool]]) -> dict[str, bool | Answered]:
    """Ask several dependencies at the same time."""
    return dict(zip(checks, await asyncio.gather(*map(answered, checks.values())), strict=True))


@router.get("/live")
async def live() -> dict[str, str]:
    """The event loop turns."""
    return {"status": "ok"}


@router.get("/ready", response_model=None, responses={503: {"description": "A part is not ready."}})
async def ready(request: Request) -> Response:
    """Every part that serving needs is there; 503 while starting, stopping, or without a database.

    `checks` has "ok" or "failed" for each part, `milliseconds` how long those outside of the process took to answer.
    """
    readiness: Readiness = request.app.state.readiness
    states = await readiness()
    checks = {name: "ok" if _is_good(state) else "failed" for name, state in states.items()}
    times = {name: state.milliseconds for name, state in states.items() if isinstance(state, Answered)}
    good = all(map(_is_good, states.values()))
    body = {"status": "ok" if good else "failed", "checks": checks, "milliseconds": times}
    return struct_response(body, 200 if good else 503)


def _is_good(state: bool | Answered) -> bool:
    return state.good if isinstance(state, Answered) else state
