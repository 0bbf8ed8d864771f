"""Refuses changes that another site asks for.

The session cookie is SameSite=Lax; this is the second lock. The rules are those of Go's CrossOriginProtection: browsers
send Sec-Fetch-Site or Origin with every unsafe request, a request with neither comes from no page. JSON only: what an
HTML form can send never reaches a route (security check 17).
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from batiyoun.errors import ForeignOrigin
from batiyoun.http import OriginPolicy, Upload
from batiyoun.web.problems import UnsupportedMediaType

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSite:
    """Middleware: raises `ForeignOrigin` and `UnsupportedMediaType` before a route is reached."""

    def __init__(self, app: ASGIApp, *, policy: OriginPolicy, uploads: Mapping[str, Upload] | None = None) -> None:
        """`uploads`: paths that take something else than JSON."""
        self._app = app
        self._policy = policy
        self._uploads = uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # polling checks its origins itself, on GET too, and carries text/plain
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and scope["path"].startswith("/api/"):
            self._check(Headers(scope=scope), self._uploads.get(scope["path"]))
        await self._app(scope, receive, send)

    def _check(self, headers: Headers, upload: Upload | None) -> None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None:
            if not self._policy.allows(origin, headers.get("host", "")):
                raise ForeignOrigin
        elif site not in {None, "same-origin", "none"}:
            raise ForeignOrigin
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if upload is not None and has_body:
            if media_type not in upload.media_types:
                raise UnsupportedMediaType(f"This address takes {', '.join(sorted(upload.media_types))}.")
        elif (has_body or media_type) and media_type != "application/json":
            raise UnsupportedMediaType
