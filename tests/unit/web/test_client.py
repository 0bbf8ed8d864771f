"""web/client.py: the built files, cached as long as their names allow, and nothing else."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from batiyoun.web.client import IMMUTABLE, StaticClient, client_built

INDEX = "<!doctype html><title>Batiyoun</title>"
SCRIPT = "console.log('hello');\n" * 50


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built client, with a secret beside it."""
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "static"
    (root / "assets" / "fonts").mkdir(parents=True)
    (root / "index.html").write_text(INDEX)
    (root / "sw.js").write_text("self.skipWaiting()")
    (root / "app.webmanifest").write_text("{}")
    (root / ".build-stamp").write_text("stamp")
    (root / "assets" / "index-abc.js").write_text(SCRIPT)
    (root / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (root / "assets" / "index-abc.js.br").write_bytes(b"brotli")
    (root / "assets" / "fonts" / "x.woff2").write_bytes(b"font")
    (root / "assets" / "data.bin").write_bytes(b"?")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    return root


@pytest.fixture
async def browser(built: Path) -> AsyncIterator[httpx.AsyncClient]:
    static = StaticClient(built)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await static(scope, receive, send)
        except HTTPException as exc:
            await PlainTextResponse(exc.detail, exc.status_code, exc.headers)(scope, receive, send)

    headers = {"accept-encoding": "identity"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type", "cache"),
    [
        ("/", "text/html; charset=utf-8", "no-store"),
        ("/index.html", "text/html; charset=utf-8", "no-store"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/app.webmanifest", "application/manifest+json", "no-cache"),
        ("/assets/index-abc.js", "text/javascript; charset=utf-8", IMMUTABLE),
        ("/assets/fonts/x.woff2", "font/woff2", IMMUTABLE),
        ("/assets/data.bin", "application/octet-stream", IMMUTABLE),
    ],
)
async def test_types_and_caching(browser: httpx.AsyncClient, path: str, media_type: str, cache: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (
        200,
        media_type,
        cache,
    )
    assert answer.headers["vary"] == "Accept-Encoding"
    head = await browser.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (
        200,
        b"",
        answer.headers["content-length"],
    )


@pytest.mark.parametrize(
    "path", ["/chats", "/chats/01890a5d-ac96-774b-bcce-b302099a8057", "/settings/", "/apiary", "/a//b"]
)
async def test_pages_of_the_app_get_its_index(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, INDEX, "no-store")


@pytest.mark.parametrize(
    "path",
    [
        "/missing.js",
        "/assets/index-old.js",
        "/favicon.ico",
        "/api",
        "/api/nothing",
        "/socket.io/",
        "/health/x",
        "/metrics",
        "/.build-stamp",
        "/assets/index-abc.js.br",
        "/assets/index-abc.js.gz",
    ],
)
async def test_what_is_no_page_is_not_found(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/link.txt",
        "/index.html%00.js",
        "/" + "x" * 5_000 + ".js",
    ],
)
async def test_41_nothing_outside_is_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert "secret" not in answer.text
    assert "root:" not in answer.text
    assert answer.status_code == 404 or answer.text == INDEX


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR", "br"),
        ("brotli, x-gzip", None),
        ("br;q=0,gzip;q=0.000", None),
        ("", None),
    ],
)
async def test_compressed_siblings(browser: httpx.AsyncClient, accepted: str, encoding: str | None) -> None:
    request = browser.build_request("GET", "/assets/index-abc.js", headers={"accept-encoding": accepted})
    answer = await browser.send(request, stream=True)
    body = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == IMMUTABLE
    plain = {"br": b"brotli", "gzip": gzip.compress(SCRIPT.encode())}.get(encoding or "", SCRIPT.encode())
    assert len(body) == len(plain)


async def test_what_the_browser_has_already_is_not_sent_again(browser: httpx.AsyncClient) -> None:
    tag = (await browser.get("/")).headers["etag"]
    again = await browser.get("/", headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", "no-store")
    assert (await browser.get("/", headers={"if-none-match": '"other"'})).status_code == 200


async def test_a_new_build_is_seen_without_a_restart(browser: httpx.AsyncClient, built: Path) -> None:
    (built / "index.html").write_text("new")
    assert (await browser.get("/")).text == "new"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_files_are_only_read(browser: httpx.AsyncClient, method: str) -> None:
    answer = await browser.request(method, "/index.html")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_client_that_was_not_built_says_so(browser: httpx.AsyncClient, built: Path) -> None:
    assert client_built(built)
    (built / "index.html").unlink()
    assert not client_built(built)
    assert (await browser.get("/assets/missing.js")).status_code == 404
    for path in ("/", "/chats"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
        assert "make run" in answer.text
