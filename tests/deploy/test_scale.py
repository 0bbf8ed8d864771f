"""What `compose.scale.yml` puts together, really run: 2 × api, 2 × realtime and a worker over PostgreSQL, MongoDB and
Valkey, behind Caddy and nginx as their examples say."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.deploy.conftest import KINDS
from tests.deploy.proxies import Identity, Proxy, free_ports
from tests.harness.installation import Installation
from tests.harness.mongo import Mongod, mongo
from tests.harness.postgres import Postgres, postgres
from tests.harness.redis import RedisServer, valkey_server
from tests.harness.server import Server
from tests.interop.servers import HERE, node

__all__ = ["mongo", "postgres", "valkey_server"]

PASSWORD = "mango-lassi-at-the-ghat"
ROLES = ("api", "api", "realtime", "realtime", "worker")


@dataclass
class City:
    """The processes of one installation, and the proxy that everybody goes through."""

    proxy: Proxy
    servers: dict[str, list[Server]] = field(default_factory=dict)

    def browser(self) -> httpx.Client:
        """Somebody who comes through the proxy."""
        proxy = self.proxy
        return httpx.Client(
            base_url=proxy.url, headers={"Origin": proxy.url}, verify=proxy.identity.trust(), timeout=20
        )

    def sign_up(self, username: str) -> str:
        """Make an account; a token for the live connection."""
        with self.browser() as browser:
            wish = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
            answer = browser.post("/api/auth/signup", json=wish)
            assert answer.status_code == 201, answer.text
            return str(browser.get("/api/auth/verify-me").json()["token"])


@pytest.fixture(scope="module", params=list(KINDS))
def city(
    request: pytest.FixtureRequest,
    identity: Identity,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Postgres,
    mongo: Mongod,
    valkey_server: RedisServer,
) -> Iterator[City]:
    """Everything is running, and the proxy knows it. Tests leave it like that."""
    folder = tmp_path_factory.mktemp("city")
    ports = free_ports(len(ROLES))
    by_role = {role: [port for each, port in zip(ROLES, ports, strict=True) if each == role] for role in ROLES}
    proxy = KINDS[request.param](
        folder / "proxy", identity, api=by_role["api"], realtime=by_role["realtime"], scale=True, besides=ports
    )
    installation = Installation(folder, postgres, valkey_server, MESSAGES_URL=mongo.url())
    made = City(proxy)
    with ExitStack() as stack:
        for role, port in zip(ROLES, ports, strict=True):
            server = installation.server(
                "--role", role, PORT=str(port), PUBLIC_URL=proxy.url, TRUSTED_PROXIES="127.0.0.1", UNREADY_SECONDS="3"
            )
            made.servers.setdefault(role, []).append(server)
            stack.callback(server.kill)
        with ThreadPoolExecutor() as pool:
            list(pool.map(Server.start, itertools.chain(*made.servers.values())))
        stack.enter_context(proxy)
        yield made


@pytest.mark.parametrize(
    ("transports", "ends_on"), [("", "websocket"), ("websocket", "websocket"), ("polling", "polling")]
)
async def test_official_clients_talk_across_the_nodes(city: City, transports: str, ends_on: str) -> None:
    """Sign up, make a chat, send, acknowledge, hear and read, wherever the proxy sends each request."""
    said = await node("app.mjs", city.proxy.url, *filter(None, [transports]))
    assert said["transport"] == ends_on


@asynccontextmanager
async def client(city: City, username: str) -> AsyncIterator[Any]:
    """An official client that is connected; await what it says of how it lost the connection and came back."""
    token = await asyncio.to_thread(city.sign_up, username)
    executable = shutil.which("node")
    assert executable
    process = await asyncio.create_subprocess_exec(
        executable, "heal.mjs", city.proxy.url, token, cwd=HERE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert (await asyncio.wait_for(process.stdout.readline(), 30)).strip() == b"ready"
        yield asyncio.wait_for(process.stdout.read(), 30)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_clients_of_a_realtime_node_that_goes_are_at_the_other_soon(city: City, how: str) -> None:
    """Each node goes in turn, so that every client loses its own; the first is back when the second goes."""
    names = (f"{name}_{how}" for name in ("one", "two", "three"))
    async with client(city, next(names)) as a, client(city, next(names)) as b, client(city, next(names)) as c:
        said = asyncio.gather(a, b, c)
        for server in city.servers["realtime"]:
            if how == "killed":
                await asyncio.to_thread(server.kill)
            else:
                assert await asyncio.to_thread(server.stop) == 0
            await asyncio.to_thread(server.start)
        for answer in await said:
            came_back = json.loads(answer)
            assert came_back["ok"] is True
            assert came_back["transport"] == "websocket"


async def test_a_rolling_restart_of_the_api_is_not_noticed(city: City) -> None:
    """Each in turn says that it is not ready, goes on serving until the proxy has seen it, and leaves."""
    await asyncio.to_thread(city.sign_up, "asha")
    statuses: list[int] = []
    stop = asyncio.Event()

    async def use() -> None:
        trust = city.proxy.identity.trust()
        async with httpx.AsyncClient(base_url=city.proxy.url, verify=trust, timeout=20) as browser:
            while not stop.is_set():
                statuses.append((await browser.get("/api/auth/check-username?username=asha")).status_code)
                await asyncio.sleep(0.01)

    using = asyncio.create_task(use())
    for server in city.servers["api"]:
        assert await asyncio.to_thread(server.stop) == 0
        await asyncio.to_thread(server.start)
        await asyncio.sleep(3)  # until the proxy has seen that it is back
    stop.set()
    await using
    assert len(statuses) > 100
    assert set(statuses) == {200}
