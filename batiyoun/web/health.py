"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request, Response

from batiyoun.http import struct_response

router = APIRouter(prefix="/health", tags=["health"])

#: name → good?; asked at every readiness check
Readiness = Callable[[], Awaitable[Mapping[str, bool]]]


async def always_ready() -> Mapping[str, bool]:
    """For applications without dependencies."""
    return {}


@router.get("/live")
async def live() -> dict[str, str]:
    """The event loop turns."""
    return {"status": "ok"}


@router.get("/ready", response_model=None, responses={503: {"description": "A part is not ready."}})
async def ready(request: Request) -> Response:
    """Every part that serving needs is there; 503 while starting, stopping, or without a database."""
    readiness: Readiness = request.app.state.readiness
    checks = {name: "ok" if good else "failed" for name, good in (await readiness()).items()}
    good = all(state == "ok" for state in checks.values())
    return struct_response({"status": "ok" if good else "failed", "checks": checks}, 200 if good else 503)
