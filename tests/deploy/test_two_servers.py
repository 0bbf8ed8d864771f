"""The proxy examples in front of two servers: a session that polls stays with the server that knows it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.deploy.proxies import Caddy, Identity, Proxy, free_ports
from tests.deploy.recorder import Recorder, recording
from tests.harness.server import Server
from tests.interop.servers import node

PASSWORD = "mango-lassi-at-the-ghat"
CLIENTS, EVENTS = 16, 12


def _server(folder: Path, url: str, accounts: Path, port: int) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    return Server(
        folder, PORT=str(port), PUBLIC_URL=url, TRUSTED_PROXIES="127.0.0.1", DATABASE_URL=f"sqlite:///{accounts}"
    )


def _share_keys(one: Server, other: Server) -> None:
    other.data_dir.mkdir(mode=0o700)
    shutil.copytree(one.data_dir / "keys", other.data_dir / "keys")
    for key in one.data_dir.glob("*-key"):
        shutil.copy2(key, other.data_dir)


@asynccontextmanager
async def two_servers(
    kind: type[Proxy], folder: Path, identity: Identity, policy: str | None = None
) -> AsyncIterator[tuple[Proxy, tuple[Recorder, Recorder]]]:
    """Both servers, their recorders, and the proxy in front of these."""
    ports = free_ports(2)
    async with recording(ports[0]) as left, recording(ports[1]) as right:
        behind = [left.port, right.port]
        proxy = kind(folder, identity, api=behind, realtime=behind, scale=True, besides=ports)
        if isinstance(proxy, Caddy):
            proxy.policy = policy
        accounts = folder / "accounts.db"
        servers = [_server(folder / f"server{n}", proxy.url, accounts, port) for n, port in enumerate(ports)]
        try:
            servers[0].start()
            _share_keys(*servers)
            servers[1].start()
            proxy.start()
            yield proxy, (left, right)
        finally:
            proxy.stop()
            for server in servers:
                server.kill()


async def _token(proxy: Proxy) -> str:
    trust = proxy.identity.trust()
    async with httpx.AsyncClient(base_url=proxy.url, headers={"Origin": proxy.url}, verify=trust) as browser:
        wish = {"username": "asha", "email": "asha@example.org", "password": PASSWORD}
        assert (await browser.post("/api/auth/signup", json=wish)).status_code == 201
        return str((await browser.get("/api/auth/verify-me")).json()["token"])


async def test_all_requests_of_a_session_reach_the_server_that_opened_it(
    kind: type[Proxy], tmp_path: Path, identity: Identity
) -> None:
    async with two_servers(kind, tmp_path / "pair", identity) as (proxy, (left, right)):
        said = await node("sticky.mjs", proxy.url, await _token(proxy), str(CLIENTS), str(EVENTS))
    assert said == {"losses": 0}
    # both servers had work: stickiness by sending everybody to one would be no balance
    assert left.opened
    assert right.opened
    assert len(left.opened | right.opened) == CLIENTS
    assert set(left.asked) <= left.opened
    assert set(right.asked) <= right.opened
    assert sum((left.asked + right.asked).values()) > CLIENTS * 2


async def test_without_stickiness_polling_breaks(tmp_path: Path, identity: Identity) -> None:
    """What the test above looks for can be seen: in turns, sessions end up at a server that does not know them."""
    async with two_servers(Caddy, tmp_path / "pair", identity, "round_robin") as (proxy, (left, right)):
        said = await node("sticky.mjs", proxy.url, await _token(proxy), str(CLIENTS), str(EVENTS))
    assert said["losses"] > 0
    assert (set(left.asked) & right.opened) | (set(right.asked) & left.opened)


async def test_a_session_of_a_server_that_is_gone_begins_again_at_the_other(
    kind: type[Proxy], tmp_path: Path, identity: Identity
) -> None:
    """The proxy notices, and the same address gets the other server from then on."""
    async with two_servers(kind, tmp_path / "pair", identity) as (proxy, recorders):
        token = await _token(proxy)
        assert await node("sticky.mjs", proxy.url, token, str(CLIENTS), "2") == {"losses": 0}
        for recorder in recorders:
            assert recorder.opened
        recorders[0].go()
        assert await node("settle.mjs", proxy.url, token, "8") == {"settled": 8}
        assert len(recorders[1].opened) >= 8
