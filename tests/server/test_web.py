"""The HTTP application as a whole: errors, headers, cross-site rules, sizes, compression, proxies."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from fastapi import APIRouter, Depends, Request, Response

from batiyoun.errors import Busy, ChatNotFound
from batiyoun.http import client_address, operation, struct_body, struct_response
from batiyoun.observe.logging import JsonFormatter
from batiyoun.web.headers import CSP
from batiyoun.web.health import Answered
from tests.harness.accounts import PASSWORD, Accounts, accounts, open_accounts, problem_of

__all__ = ["accounts"]

probe = APIRouter(prefix="/api/probe")


class Parcel(msgspec.Struct, frozen=True, rename="camel"):
    """Something with a weight."""

    weight_kg: int


@probe.post("/parcels", **operation(body=Parcel, answers={201: Parcel}))
async def send_parcel(parcel: Annotated[Parcel, Depends(struct_body(Parcel))]) -> Response:
    return struct_response(parcel, 201)


@probe.get("/large")
async def large(size: int) -> dict[str, str]:
    return {"text": "x" * size}


@probe.get("/where")
async def where(request: Request) -> dict[str, str]:
    return {"address": client_address(request), "scheme": request.url.scheme}


@probe.get("/fail/{how}")
async def fail(how: str) -> None:
    failures: dict[str, Exception] = {
        "plainly": ChatNotFound(),
        "busy": Busy(retry_after=0.25),
        "badly": RuntimeError("private words"),
    }
    raise failures[how]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_accounts(tmp_path, routers=(probe,)) as opened:
        yield opened


@pytest.fixture
async def browser(server: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    async with server.client() as client:
        yield client


# ── errors ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "retryable"),
    [
        ("GET", "/api/nothing", 404, "not_found", False),
        ("GET", "/api", 404, "not_found", False),
        ("GET", "/missing.js", 404, "not_found", False),
        ("POST", "/chats", 405, "method_not_allowed", False),
        ("GET", "/api/auth/login", 405, "method_not_allowed", False),
        ("GET", "/api/probe/large", 400, "invalid_input", False),
        ("GET", "/api/probe/fail/plainly", 404, "chat_not_found", False),
        ("GET", "/api/probe/fail/busy", 503, "busy", True),
        ("GET", "/api/probe/fail/badly", 500, "internal", True),
    ],
)
async def test_every_error_is_a_problem_with_a_stable_code(
    browser: httpx.AsyncClient, method: str, path: str, status: int, code: str, retryable: bool
) -> None:
    answer = await browser.request(method, path)
    assert problem_of(answer) == (status, code)
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code", "retryable"} <= set(problem)
    assert problem["retryable"] is retryable
    assert problem["type"] == f"urn:batiyoun:error:{code}"


async def test_50_errors_show_nothing_of_the_inside(
    browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await browser.get("/api/probe/fail/badly")
    assert "private words" not in answer.text
    assert "RuntimeError" not in answer.text
    (record,) = [record for record in caplog.records if record.name == "batiyoun.web.problems"]
    line = JsonFormatter(debug=False).format(record)
    assert "private words" not in line
    assert "RuntimeError" in line
    assert "/api/probe/fail/{how}" in line


async def test_retry_after_is_told_twice(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/probe/fail/busy")
    assert (answer.headers["retry-after"], answer.json()["retryAfter"]) == ("1", 0.25)


async def test_405_names_what_is_allowed(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/auth/login")).headers["allow"] == "POST"


# ── headers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_19_20_every_answer_makes_browsers_careful(browser: httpx.AsyncClient) -> None:
    answers = [await browser.get(path) for path in ("/", "/x.js", "/health/live", "/api/probe/fail/badly")]
    answers.append(await browser.post("/api/auth/login", headers={"origin": "https://evil.example"}))
    answers.append(await browser.post("/api/auth/login", content=b"x" * 2_000_000))
    assert [answer.status_code for answer in answers] == [503, 404, 200, 500, 403, 413]
    for answer in answers:
        assert answer.headers.get_list("content-security-policy") == [CSP]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "strict-transport-security" not in answer.headers
        assert len(answer.headers["x-request-id"]) == 16


def test_19_the_policy_is_the_one_of_the_threat_model() -> None:
    assert CSP == (
        "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
    )


async def test_20_the_api_is_never_stored_and_https_is_remembered(server: Accounts, tmp_path: Path) -> None:
    async with server.client() as browser:
        for path in ("/api/auth/verify-me", "/api/nothing", "/api/probe/where", "/health/ready"):
            assert (await browser.get(path)).headers["cache-control"] == "no-store"
    async with open_accounts(tmp_path / "tls", public_url="https://chat.example.org") as secure:
        answer = await secure.client().get("/")
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


# ── other sites ───────────────────────────────────────────────────────────────────────────────────────────────────────

FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "https://127.0.0.1:8000.evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    {"origin": "http://evil.example:8000", "host": "evil.example:8000"},
]
OWN: list[dict[str, str]] = [
    {},
    {"origin": "http://127.0.0.1:8000"},
    {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": "http://localhost:8000", "host": "localhost:8000"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_17_changes_that_another_site_asks_for_are_refused(server: Accounts, headers: dict[str, str]) -> None:
    asha = await server.signed_up("asha")
    for method, path in (
        ("POST", "/api/auth/logout"),
        ("PATCH", "/api/users/me"),
        ("DELETE", "/api/x"),
        ("PUT", "/api/y"),
    ):
        answer = await asha.request(method, path, headers=headers)
        assert problem_of(answer) == (403, "foreign_origin")
    assert (await asha.get("/api/users/me")).status_code == 200


@pytest.mark.parametrize("headers", OWN)
async def test_17_changes_that_our_pages_ask_for_are_made(server: Accounts, headers: dict[str, str]) -> None:
    asha = await server.signed_up("asha")
    assert (await asha.patch("/api/users/me", json={"bio": "x"}, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_17_what_a_form_can_send_is_refused(server: Accounts, media_type: str) -> None:
    asha = await server.signed_up("asha")
    headers = {"content-type": media_type} if media_type else {}
    answer = await asha.patch("/api/users/me", content=b'{"bio":"x"}', headers=headers)
    assert problem_of(answer) == (415, "unsupported_media_type")
    headers["origin"] = "http://127.0.0.1:8000"
    assert problem_of(await asha.post("/api/auth/logout", content=b"a=1", headers=headers))[0] == 415


async def test_17_json_may_name_its_charset(server: Accounts) -> None:
    asha = await server.signed_up("asha")
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert (await asha.patch("/api/users/me", content=b'{"bio":"x"}', headers=headers)).status_code == 200


async def test_18_other_origins_get_no_credentials_unless_listed(server: Accounts, tmp_path: Path) -> None:
    asha = await server.signed_up("asha")
    answer = await asha.get("/api/users/me", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    listed = "https://app.example.org"
    async with open_accounts(tmp_path / "cors", allowed_origins=(listed,)) as friendly:
        ravi = await friendly.signed_up("ravi")
        answer = await ravi.patch("/api/users/me", json={"bio": "x"}, headers={"origin": listed})
        assert answer.headers["access-control-allow-origin"] == listed
        assert answer.headers["access-control-allow-credentials"] == "true"
        asked = {"origin": "https://evil.example", "access-control-request-method": "PATCH"}
        preflight = await ravi.options("/api/users/me", headers=asked)
        assert "access-control-allow-origin" not in preflight.headers
        answer = await ravi.patch("/api/users/me", json={"bio": "x"}, headers={"origin": "https://evil.example"})
        assert problem_of(answer) == (403, "foreign_origin")


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_35_a_body_that_says_it_is_too_large_is_not_read(server: Accounts) -> None:
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"", "more_body": False}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", b"1000001"), (b"content-type", b"application/json"), (b"host", b"127.0.0.1:8000")]
    scope = {
        "type": "http", "method": "POST", "path": "/api/auth/signup", "raw_path": b"", "query_string": b"",
        "headers": headers, "client": ("203.0.113.7", 1), "server": ("127.0.0.1", 8000), "scheme": "http",
        "root_path": "", "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await server.app(scope, receive, send)
    assert (sent[0]["status"], read) == (413, 0)
    assert json.loads(sent[1]["body"])["code"] == "payload_too_large"


@pytest.mark.parametrize("path", ["/api/auth/signup", "/api/probe/parcels"])
async def test_35_a_body_of_unknown_size_is_counted(browser: httpx.AsyncClient, path: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(2_000):
            yield b" " * 1_000

    answer = await browser.post(path, content=endless(), headers={"content-type": "application/json"})
    assert problem_of(answer) == (413, "payload_too_large")


async def test_31_struct_bodies_name_the_field(browser: httpx.AsyncClient) -> None:
    good = await browser.post("/api/probe/parcels", json={"weightKg": 3, "more": "ignored"})
    assert (good.status_code, good.json(), good.headers["content-type"]) == (201, {"weightKg": 3}, "application/json")
    headers = {"content-type": "application/json"}
    for body, fields in ((b'{"weightKg":"3"}', ["weightKg"]), (b"{}", ["weightKg"]), (b"nope", []), (b"", [])):
        answer = await browser.post("/api/probe/parcels", content=body, headers=headers)
        assert problem_of(answer) == (400, "invalid_input")
        assert list(answer.json().get("fields", {})) == fields


async def test_json_over_a_kilobyte_is_compressed_and_secrets_are_not(server: Accounts) -> None:
    async with server.client(**{"accept-encoding": "gzip"}) as browser:
        for size, encoding in ((1_100, "gzip"), (100, None), (300_000, "gzip")):
            request = browser.build_request("GET", "/api/probe/large", params={"size": size})
            answer = await browser.send(request, stream=True)
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
            assert answer.headers.get("content-encoding") == encoding
            assert json.loads(gzip.decompress(raw) if encoding else raw) == {"text": "x" * size}
        long = {"email": "asha@example.org", "username": "asha", "password": PASSWORD, "displayName": "आ" * 64}
        made = await browser.post("/api/auth/signup", json=long)
        await browser.patch("/api/users/me", json={"bio": "आ" * 300})
        me = await browser.get("/api/auth/verify-me")
        assert (made.status_code, me.status_code) == (201, 200)
        assert len(me.content) > 1_024
        assert "content-encoding" not in me.headers


# ── proxies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_39_a_forwarded_address_is_believed_from_a_trusted_proxy_only(tmp_path: Path) -> None:
    forged = {"x-forwarded-for": "198.51.100.1, 192.0.2.9", "x-forwarded-proto": "https"}
    proxies = ("10.0.0.0/8",)
    url = "https://chat.example.org"
    async with open_accounts(tmp_path, routers=(probe,), trusted_proxies=proxies, public_url=url) as server:
        stranger = (await server.client("203.0.113.7").get("/api/probe/where", headers=forged)).json()
        assert stranger == {"address": "203.0.113.7", "scheme": "https"}  # the base URL's scheme
        proxied = (await server.client("10.1.2.3").get("/api/probe/where", headers=forged)).json()
        # the last one is what the proxy saw; what stands before it anybody can write
        assert proxied == {"address": "192.0.2.9", "scheme": "https"}


async def test_39_without_a_trusted_proxy_nothing_is_believed(server: Accounts) -> None:
    forged = {"x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "https", "forwarded": "for=198.51.100.1"}
    for address in ("127.0.0.1", "10.1.2.3"):
        answer = await server.client(address).get("/api/probe/where", headers=forged)
        assert answer.json() == {"address": address, "scheme": "http"}


# ── the rest ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_health_says_what_is_missing(server: Accounts) -> None:
    async def readiness() -> dict[str, bool | Answered]:
        return {"accepting": True, "accounts": Answered(True, 1.5), "messages": Answered(False, 20.0)}

    async with server.client() as browser:
        assert (await browser.get("/health/live")).json() == {"status": "ok"}
        assert (await browser.get("/health/ready")).json() == {"status": "ok", "checks": {}, "milliseconds": {}}
        server.app.state.readiness = readiness
        answer = await browser.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "failed",
            "checks": {"accepting": "ok", "accounts": "ok", "messages": "failed"},
            "milliseconds": {"accounts": 1.5, "messages": 20.0},
        }


async def test_49_the_log_names_routes_and_no_people(server: Accounts, caplog: pytest.LogCaptureFixture) -> None:
    asha = await server.signed_up("asha")
    me = (await asha.get("/api/users/me")).json()
    with caplog.at_level(logging.INFO, logger="batiyoun.access"):
        answer = await asha.get(f"/api/users/{me['id']}")
        await asha.get("/api/users/search", params={"q": "private words"})
    lines = [JsonFormatter(debug=False).format(record) for record in caplog.records if record.name == "batiyoun.access"]
    first, second = (json.loads(line) for line in lines)
    assert (first["method"], first["route"], first["status"]) == ("GET", "/api/users/{user_id}", 200)
    assert second["route"] == "/api/users/search"
    assert len(answer.headers["x-request-id"]) == 16
    for secret in (me["id"], "private", "203.0.113.7", "example.org", asha.cookies["batiyoun"]):
        assert not any(secret in line for line in lines)


async def test_requests_keep_their_own_ids(browser: httpx.AsyncClient) -> None:
    forged = {"x-request-id": "mine"}
    answers = await asyncio.gather(*(browser.get("/health/live", headers=forged) for _ in range(20)))
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 20
    assert "mine" not in ids


async def test_the_document_describes_structs_and_errors(server: Accounts) -> None:
    document = server.app.openapi()
    schemas = document["components"]["schemas"]
    assert schemas["Parcel"]["properties"] == {"weightKg": {"type": "integer"}}
    assert {"Problem", "OwnUser", "PublicUser", "Signup", "Me"} <= set(schemas)
    assert "HTTPValidationError" not in schemas
    post = document["paths"]["/api/probe/parcels"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Parcel"}
    assert post["responses"]["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Parcel"}
    for methods in document["paths"].values():
        for described in methods.values():
            assert "422" not in described["responses"]
            assert "application/problem+json" in described["responses"]["default"]["content"]
    refs = {ref for ref in json.dumps(document).split('"') if ref.startswith("#/components/schemas/")}
    assert {ref.rpartition("/")[2] for ref in refs} <= set(schemas)
