"""Bounds the size of request bodies, and compresses large JSON answers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batiyoun.errors import InvalidInput, PayloadTooLarge
from batiyoun.http import FORM_LIMIT, FORMS, Upload


class BodyLimit:
    """Middleware: refuses a body over `limit` bytes, by its Content-Length before a byte of it is read.

    `uploads`: paths with a limit of their own; `large`: the same by how a path ends. Forms have a smaller one
    (`FORM_LIMIT`).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int,
        uploads: Mapping[str, Upload] | None = None,
        large: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._limit = limit
        self._form = min(limit, FORM_LIMIT)
        self._uploads = uploads or {}
        self._large = large or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # polling has its own, smaller limit
        if scope["type"] != "http" or scope["path"].startswith("/socket.io/"):
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isascii() or not announced.isdigit():
            raise InvalidInput("The Content-Length header is not a number.")
        limit = self._limit_of(scope["path"])
        if int(announced) > limit:
            raise PayloadTooLarge
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    # FastAPI turns every other exception of a body into 400
                    raise HTTPException(413)
            return message

        await self._app(scope, count, send)

    def _limit_of(self, path: str) -> int:
        upload = self._uploads.get(path)
        if upload is not None:
            return upload.limit
        if path.startswith(FORMS):
            return self._form
        return max([self._limit, *(limit for end, limit in self._large.items() if path.endswith(end))])


class JsonCompression:
    """Middleware: gzip for API answers over 1 KB. Answers of `auth` hold secrets and are left alone (BREACH)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # level 1: messages are ciphertext in base64, of which no level makes much less
        self._compressing = GZipMiddleware(app, minimum_size=1024, compresslevel=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        compress = scope["type"] == "http" and path.startswith("/api/") and not path.startswith("/api/auth/")
        await (self._compressing if compress else self._app)(scope, receive, send)
