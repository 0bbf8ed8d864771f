"""`batiyoun serve --workers 2`: several processes on one port, with clients that know nothing of it."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.harness.clients import new_client
from tests.harness.installation import Installation
from tests.harness.people import Live, Person, Town
from tests.harness.postgres import Postgres
from tests.harness.redis import RedisServer
from tests.harness.server import ROOT, Server

CLIENTS = 24
SCRIPT = ROOT / "tests" / "interop" / "app.mjs"
_towns = itertools.count()


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, valkey_server: RedisServer
) -> Installation:
    """Databases for the tests of this file."""
    return Installation(tmp_path_factory.mktemp("workers"), postgres, valkey_server)


def start(installation: Installation) -> Server:
    """Two processes on one port, both of them there."""
    server = installation.server("--workers", "2").start()
    deadline = time.monotonic() + 30
    while "Batiyoun is ready" not in server.output:
        assert time.monotonic() < deadline, server.output
        time.sleep(0.05)
    return server


@pytest.fixture(scope="module")
def shared(installation: Installation) -> Iterator[Server]:
    """For tests that leave it as they found it."""
    running = start(installation)
    yield running
    running.stop()


@pytest.fixture
def server(installation: Installation) -> Iterator[Server]:
    """One that the test may hurt."""
    running = start(installation)
    yield running
    running.kill()


@asynccontextmanager
async def people_of(server: Server) -> AsyncIterator[Town]:
    """People on it, with names that no other test has."""
    place = Town(server.url, suffix=f"_{next(_towns)}")
    yield place
    await place.close()


def workers(server: Server) -> list[psutil.Process]:
    """The processes that serve."""
    return psutil.Process(server.pid).children()


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # it happens in other processes
            await asyncio.sleep(0.05)


async def connect(stack: AsyncExitStack, server: Server, person: Person, transports: list[str] | None = None) -> Live:
    """A connection as the official client makes it: polling first, then an upgrade on another connection."""
    client = await stack.enter_async_context(new_client())
    live = Live(client)
    await client.connect(server.url, headers={"Cookie": person.cookie}, transports=transports)
    return live


async def test_default_clients_stay_whichever_worker_their_requests_land_on(shared: Server) -> None:
    server = shared
    async with people_of(server) as town, AsyncExitStack() as stack:
        people = [await town.sign_up(f"one{number}") for number in range(3)]
        group = await people[0].create_chat(*people[1:], name="Everybody")
        lives = [await connect(stack, server, people[number % 3]) for number in range(CLIENTS)]
        lives += [await connect(stack, server, people[number % 3], ["polling"]) for number in range(CLIENTS // 2)]
        holders = {str(live.client.eio.sid).partition(".")[0] for live in lives}
        assert holders == {"w0", "w1"}, "both workers hold some"
        # Not all at once: the Python client takes at most 16 packets with one poll (`Payload.max_decode_packets`).
        for start in range(0, len(lives), 6):
            sends = [live.send(group, f"from {n}", f"k{n}") for n, live in enumerate(lives[start : start + 6], start)]
            assert all(answer["ok"] for answer in await asyncio.gather(*sends))
        for live in lives:
            await live.wait_for("new_message", lambda args: args[0]["seq"] == len(lives))
            assert [envelope["seq"] for (envelope,) in live.heard("new_message")] == list(range(1, len(lives) + 1))
        assert all(live.client.connected for live in lives)
        assert [live.client.transport() for live in lives[:CLIENTS]] == ["websocket"] * CLIENTS


@pytest.mark.parametrize("transports", [[], ["polling"], ["websocket"]], ids=["default", "polling", "websocket"])
async def test_the_official_javascript_client_talks(shared: Server, transports: list[str]) -> None:
    node = shutil.which("node")
    assert node, "Node is not on PATH: run `make test`, which finds or fetches one"
    for number in range(4):
        process = await asyncio.create_subprocess_exec(
            node,
            str(SCRIPT),
            shared.url,
            *transports,
            cwd=SCRIPT.parent,
            stdout=asyncio.subprocess.PIPE,
            env=shared.environment | {"SUFFIX": f"_{number}"},
        )
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
        assert json.loads(said)["seq"] == 1


async def test_a_worker_that_dies_is_started_again_and_the_others_go_on(server: Server) -> None:
    async with people_of(server) as town, AsyncExitStack() as stack:
        one = await town.sign_up("survivor")
        chat = await one.create_chat(one)
        lives = [await connect(stack, server, one) for _ in range(8)]
        before = {process.pid for process in workers(server)}
        victim = workers(server)[0]
        victim.send_signal(signal.SIGKILL)
        await until(lambda: len({process.pid for process in workers(server)} - before) == 1)
        await until(lambda: server.output.count("is started again") == 1)
        left = [live for live in lives if live.client.connected]
        await asyncio.sleep(0.2)
        left = [live for live in left if live.client.connected]
        assert left, "the connections of the other worker"
        assert (await left[0].send(chat, "still here", "k1"))["ok"]
        await asyncio.gather(*(live.wait_for("new_message") for live in left))
        for _ in range(4):
            again = await connect(stack, server, one)
            assert (await again.call("sync", {"cursors": {}}))["chats"][0]["headSeq"] == 1


async def test_stopping_drains_every_worker_and_leaves_nobody(server: Server) -> None:
    async with people_of(server) as town, AsyncExitStack() as stack:
        one = await town.sign_up("leaver")
        lives = [await connect(stack, server, one) for _ in range(4)]
        left = workers(server)
        assert len(left) == 2
        assert await asyncio.to_thread(server.stop) == 0
        await until(lambda: not any(live.client.connected for live in lives))
        assert not any(process.is_running() for process in left)


async def test_a_supervisor_that_is_killed_leaves_nobody_behind(server: Server) -> None:
    left = workers(server)
    server.kill()
    await until(lambda: not any(process.is_running() for process in left))


def test_without_a_place_to_meet_several_processes_are_refused(installation: Installation, tmp_path: Path) -> None:
    settings = dict(installation.settings)
    del settings["REDIS_URL"]
    server = Server(tmp_path, (*installation.server().command, "--workers", "2"), **settings)
    server.launch()
    assert server.exit_code() == 78
    assert "BATIYOUN_WORKERS=2 needs BATIYOUN_REDIS_URL" in server.output
    assert "Traceback" not in server.output


def test_when_workers_cannot_start_the_reason_is_said_and_nothing_tries_for_ever(
    installation: Installation, postgres: Postgres
) -> None:
    server = installation.server("--workers", "2", DATABASE_URL=postgres.url(postgres.database()))
    server.launch()
    assert server.exit_code() == 78
    assert "batiyoun migrate" in server.output
    assert "Traceback" not in server.output


def test_two_supervisors_on_one_port_are_refused(installation: Installation, shared: Server) -> None:
    other = installation.server("--workers", "2", PORT=str(shared.port))
    other.launch()
    assert other.exit_code() == 69
    assert "Cannot listen" in other.output
    assert shared.is_ready()
