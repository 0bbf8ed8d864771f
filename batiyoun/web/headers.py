"""Response headers that make browsers careful, on every answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Only our own files, no inline code or style, no frames; scripts go through our Trusted Types policy.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
)

SECURITY_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",  # for browsers without frame-ancestors
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()",
}
#: two years; without includeSubDomains, because the neighbours of a self-hosted server are not ours
HSTS = "max-age=63072000"
#: everything that is not the client's files
UNCACHED = ("/api/", "/health/", "/socket.io/")


class SecurityHeaders:
    """Middleware: adds the headers, `no-store` to the API, and what the request collected in `response_headers`."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        headers = SECURITY_HEADERS | ({"strict-transport-security": HSTS} if secure else {})
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._names = frozenset(name for name, _ in self._headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        uncached = scope["path"].startswith(UNCACHED)

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if pair[0].lower() not in self._names]
                message["headers"] += self._headers
                headers = MutableHeaders(raw=message["headers"])
                if uncached:
                    headers["cache-control"] = "no-store"
                for name, value in state.get("response_headers", {}).items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, add)
