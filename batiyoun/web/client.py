"""Serves the built web app: hashed assets for ever, the rest checked again, compressed siblings, explicit types."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send

#: where the build puts the client (hatch_build.py)
CLIENT_DIR = Path(__file__).parent.parent / "static"

#: not from the machine's registry: slim containers have none, and some desktops say text/plain for .js
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
IMMUTABLE = "public, max-age=31536000, immutable"
#: WebKit keeps a page that was left asleep for "back", with its lock and its half-done transactions, and the next page
#: waits for both; over HTTPS it keeps none that says this (seen in WebKitGTK 2.50, also through a service worker)
PAGE = "no-store"
#: never answered with the app's page
SERVER_PATHS = ("/api", "/socket.io", "/health", "/metrics")

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Batiyoun: client not built</title></head><body>
<h1>The server runs, the web app is missing</h1>
<p>This is a source checkout whose client was not built. Run <code>make run</code>, which builds it, and
reload this page. The API works: <a href="/health/ready">/health/ready</a>.</p>
</body></html>
"""


def client_built(directory: Path = CLIENT_DIR) -> bool:
    """Whether there is a web app to serve."""
    return (directory / "index.html").is_file()


class StaticClient(StaticFiles):
    """The web app's files. Paths without a suffix are pages of the app and get its index."""

    def __init__(self, directory: Path = CLIENT_DIR) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._root = directory
        self._assets = (directory / "assets").resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if any(path == server or path.startswith(f"{server}/") for server in SERVER_PATHS):
            raise HTTPException(404)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await self._respond(self.get_path(scope), scope)
        await response(scope, receive, send)

    async def _respond(self, path: str, scope: Scope) -> Response:
        try:
            return await self.get_response(path, scope)
        except HTTPException as exc:
            if exc.status_code != 404 or "." in PurePosixPath(path).name:
                raise
            if not client_built(self._root):
                return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"})
            return await self.get_response("index.html", scope)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or its compressed sibling when the browser takes that encoding and the build made one."""
        asked = Headers(scope=scope)
        path = Path(full_path)
        hidden = path.suffix in {".br", ".gz"} or path.name.startswith(".")
        if hidden:
            raise HTTPException(404)
        immutable = path.is_relative_to(self._assets)
        fresh = PAGE if path.suffix == ".html" else "no-cache"
        headers = {"Cache-Control": IMMUTABLE if immutable else fresh, "Vary": "Accept-Encoding"}
        served = path
        for encoding, suffix in ENCODINGS:
            sibling = path.with_name(path.name + suffix)
            if _accepts(asked.get("accept-encoding", ""), encoding) and sibling.is_file():
                served, stat_result = sibling, sibling.stat()
                headers["Content-Encoding"] = encoding
                break
        response = FileResponse(
            served,
            status_code,
            headers,
            media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
            stat_result=stat_result,
        )
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, asked) else response


def _accepts(header: str, encoding: str) -> bool:
    """Whether an Accept-Encoding header names the encoding and does not refuse it (RFC 9110 §12.5.3)."""
    for part in header.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == encoding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
