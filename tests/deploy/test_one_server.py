"""The proxy examples in front of one server, really run: TLS, HTTP/2, WebSockets, addresses, limits, restarts."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.proxies import NAME, Caddy, Identity, Proxy, free_ports
from tests.harness import forge
from tests.harness.server import Server
from tests.interop.servers import HERE, node

PASSWORD = "mango-lassi-at-the-ghat"
#: above the 60 that one address may ask for at once (auth/throttle.py NAME_CHECK)
MANY = 75


class Place:
    """A proxy with a server behind it."""

    def __init__(self, kind: type[Proxy], folder: Path, identity: Identity, **settings: str) -> None:
        folder.mkdir()
        self.identity = identity
        (port,) = free_ports(1)
        self.proxy = kind(folder, identity, api=[port], realtime=[port], scale=False)
        self.server = Server(
            folder,
            PORT=str(port),
            PUBLIC_URL=self.proxy.url,
            TRUSTED_PROXIES="127.0.0.1",
            **settings,
        )

    def visitor(self, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """A browser-like client at that address of loopback."""
        transport = httpx.HTTPTransport(verify=self.identity.trust(), local_address=address)
        headers = {"Origin": self.proxy.url, **headers}
        return httpx.Client(base_url=self.proxy.url, transport=transport, headers=headers, timeout=30)

    def sign_up(self, username: str) -> str:
        """Make an account; a token for the live connection."""
        with self.visitor() as browser:
            wish = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
            assert browser.post("/api/auth/signup", json=wish).status_code == 201
            return str(browser.get("/api/auth/verify-me").json()["token"])

    def __enter__(self) -> Place:
        self.server.start()
        self.proxy.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.stop()
        self.server.kill()


@pytest.fixture
def place(kind: type[Proxy], tmp_path: Path, identity: Identity) -> Iterator[Place]:
    """Without rate limits."""
    with Place(kind, tmp_path / "place", identity) as running:
        yield running


@pytest.fixture
def limited(kind: type[Proxy], tmp_path: Path, identity: Identity) -> Iterator[Place]:
    """With rate limits, of which that on sockets is small."""
    with Place(kind, tmp_path / "place", identity, RATE_LIMITS="on", SOCKETS_PER_ADDRESS="3") as running:
        yield running


@pytest.mark.parametrize(
    ("transports", "ends_on"), [("", "websocket"), ("websocket", "websocket"), ("polling", "polling")]
)
async def test_official_clients_get_through(place: Place, transports: str, ends_on: str) -> None:
    """Sign up, connect, send, acknowledge, hear; without a transport named: long-polling first, then the upgrade."""
    said = await node("app.mjs", place.proxy.url, *filter(None, [transports]))
    assert said["transport"] == ends_on


async def test_15_20_rest_over_http2_with_careful_cookies_and_headers(place: Place) -> None:
    said = await node("http2.mjs", place.proxy.url)
    assert (said["protocol"], said["status"], said["me"], said["page"]) == ("h2", 201, "asha_h2", True)
    assert said["hsts"] == "max-age=63072000"
    (session,) = [cookie for cookie in said["cookies"] if cookie.startswith("__Host-")]
    attributes = {part.strip().lower() for part in session.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)


def test_plain_http_leads_to_https(place: Place) -> None:
    with httpx.Client() as browser:
        answer = browser.get(f"http://127.0.0.1:{place.proxy.plain_port}/chats?a=b", headers={"Host": NAME})
    assert answer.status_code == 308
    assert answer.headers["location"].startswith(f"https://{NAME}")
    assert answer.headers["location"].endswith("/chats?a=b")


def _allowed(browser: httpx.Client, path: str = "/api/auth/check-username?username=asha", **headers: str) -> int:
    """How many of `MANY` requests are answered; every one names another address in `X-Forwarded-For`."""
    answers = [
        browser.get(path, headers={"X-Forwarded-For": f"203.0.113.{number}", **headers}).status_code
        for number in range(MANY)
    ]
    assert set(answers) <= {200, 429}
    return answers.count(200)


def test_38_39_limits_count_the_visitor_and_not_the_proxy_or_a_header(limited: Place) -> None:
    """One visitor uses up their own allowance, whatever they send in X-Forwarded-For, and nobody else's."""
    with limited.visitor("127.0.0.11") as one, limited.visitor("127.0.0.12") as other:
        assert _allowed(one) < MANY
        assert other.get("/api/auth/check-username?username=asha").status_code == 200


def test_39_only_the_trusted_proxy_says_where_somebody_is(limited: Place) -> None:
    """Straight to the server's own port, past the proxy: believed from the named address, ignored from others."""
    for address, believed in (("127.0.0.21", False), ("127.0.0.1", True)):
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(base_url=limited.server.url, transport=transport, headers={"Host": NAME}) as browser:
            assert (_allowed(browser) == MANY) is believed
            # the engine has its own eyes: with https believed, this page is of the server's own origin
            answer = browser.get(
                "/socket.io/?EIO=4&transport=polling",
                headers={"Origin": f"https://{NAME}", "X-Forwarded-Proto": "https"},
            )
            assert (answer.status_code == 200) is believed


async def test_38_sockets_are_counted_by_visitor(limited: Place) -> None:
    """Three sessions from one address and no fourth, while the next address has its own three."""

    def opens(address: str) -> list[int]:
        with limited.visitor(address) as browser:
            return [browser.get("/socket.io/?EIO=4&transport=polling").status_code for _ in range(4)]

    one, other = await asyncio.gather(asyncio.to_thread(opens, "127.0.0.31"), asyncio.to_thread(opens, "127.0.0.32"))
    for answers in (one, other):
        assert answers[:3] == [200, 200, 200]
        assert answers[3] in {429, 503}


def test_33_35_what_is_too_large_ends_at_the_proxy(place: Place) -> None:
    with place.visitor() as browser:
        body = b'"' + b"x" * 2_000_000 + b'"'
        answer = browser.post("/api/auth/login", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert browser.get("/health/live", headers={"X-Filler": "x" * 70_000}).status_code in {400, 431}
        assert browser.get("/health/live").status_code == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_restart_of_the_proxy_heals(place: Place, how: signal.Signals) -> None:
    """The connection is lost, and the client comes back by itself, upgraded again, with the session it had."""
    token = await asyncio.to_thread(place.sign_up, "bala")
    executable = shutil.which("node")
    assert executable
    client = await asyncio.create_subprocess_exec(
        executable, "heal.mjs", place.proxy.url, token, cwd=HERE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert client.stdout is not None
        assert (await asyncio.wait_for(client.stdout.readline(), 30)).strip() == b"ready"
        await asyncio.to_thread(place.proxy.stop, how)
        await asyncio.to_thread(place.proxy.start)
        said: dict[str, Any] = json.loads(await asyncio.wait_for(client.stdout.read(), 30))
        assert said == {"reason": "transport close", "ok": True, "transport": "websocket"}
        assert await client.wait() == 0
    finally:
        if client.returncode is None:
            client.kill()
            await client.wait()


def test_the_doctor_looks_from_outside(place: Place, tmp_path: Path) -> None:
    def doctor(**environment: str) -> tuple[int, str]:
        done = forge.run("doctor", "--quick", "--public", environment=place.server.environment | environment)
        return done.returncode, done.stdout

    trusting = {"SSL_CERT_FILE": str(place.identity.authority)}
    code, said = doctor(**trusting)
    assert code == 0, said
    assert f"ok       public address: {place.proxy.url} answers, and its realtime path too." in said.splitlines()
    code, said = doctor()
    assert (code, "Browsers will not trust" in said) == (78, True)
    place.server.kill()
    code, said = doctor(**trusting)
    assert (code, "PROBLEM  public address" in said) == (69 if "cannot be reached" in said else 78, True)
    place.proxy.stop()
    code, said = doctor(**trusting)
    assert (code, "cannot be reached from here" in said) == (69, True)


async def test_a_restart_of_the_server_is_a_pause_behind_caddy(tmp_path: Path, identity: Identity) -> None:
    with Place(Caddy, tmp_path / "place", identity) as place, place.visitor() as browser:
        assert browser.get("/health/ready").status_code == 200
        assert await asyncio.to_thread(place.server.stop) == 0
        asked = asyncio.create_task(asyncio.to_thread(browser.get, "/health/live"))
        await asyncio.sleep(0.5)
        assert not asked.done()
        await asyncio.to_thread(place.server.start)
        assert (await asked).status_code == 200
