"""Gives every request an id and writes one line about it to the log."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batiyoun.observe.logging import request_id
from batiyoun.runtime import Runtime

log = logging.getLogger("batiyoun.access")


class RequestContext:
    """Middleware: `X-Request-Id` on the answer and in every log line of the request."""

    def __init__(self, app: ASGIApp, *, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own_id = self._runtime.random_bytes(8).hex()
        token = request_id.set(own_id)
        started = time.perf_counter()
        status = 0

        async def add(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", own_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, add)
        finally:
            if log.isEnabledFor(logging.INFO):
                self._write(scope, status, time.perf_counter() - started)
            request_id.reset(token)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        """The route's pattern instead of the path: no ids, no queries, no addresses of people."""
        route = getattr(scope.get("route"), "path", None)
        if route is None and not scope["path"].startswith("/api/"):
            return  # a file of the client
        details = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("%(method)s %(route)s %(status)s %(ms)s ms", details, extra={"details": details})
