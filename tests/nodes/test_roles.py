"""`batiyoun serve --role …`: api, realtime and worker as processes of their own over PostgreSQL and Valkey."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass

import httpx
import pytest

from tests.harness.clients import new_client
from tests.harness.installation import Installation
from tests.harness.people import Live, Town
from tests.harness.postgres import Postgres
from tests.harness.redis import RedisServer
from tests.harness.server import Server
from tests.nodes.test_workers import connect, until

_towns = itertools.count()


@dataclass
class Roles:
    """The processes of one installation."""

    api: Server
    realtime: Server
    worker: Server


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, valkey_server: RedisServer) -> Iterator[Roles]:
    """One of each."""
    installation = Installation(tmp_path_factory.mktemp("roles"), postgres, valkey_server)
    with ExitStack() as stack:
        yield Roles(
            *(stack.enter_context(installation.server("--role", role)) for role in ("api", "realtime", "worker"))
        )


@pytest.fixture
async def town(roles: Roles) -> AsyncIterator[Town]:
    """People who use the API where it is."""
    place = Town(roles.api.url, suffix=f"_role{next(_towns)}")
    yield place
    await place.close()


async def test_each_serves_what_it_is_for_and_says_how_it_is(roles: Roles) -> None:
    async with httpx.AsyncClient() as http:
        for server in (roles.api, roles.realtime, roles.worker):
            answer = await http.get(f"{server.url}/health/ready")
            assert answer.status_code == 200
            assert answer.json()["checks"] == dict.fromkeys(("accepting", "accounts", "messages", "redis"), "ok")
            assert answer.json()["milliseconds"].keys() == {"accounts", "messages", "redis"}
        polling = {"EIO": "4", "transport": "polling"}
        found = {
            server.url: (
                (await http.get(f"{server.url}/api/users/me")).status_code,
                (await http.get(f"{server.url}/socket.io/", params=polling)).status_code,
            )
            for server in (roles.api, roles.realtime, roles.worker)
        }
    assert list(found.values()) == [(401, 404), (404, 200), (404, 404)]


async def test_what_happens_over_http_is_heard_over_sockets(roles: Roles, town: Town) -> None:
    one, two = await town.sign_up("one"), await town.sign_up("two")
    async with new_client() as first, new_client() as second:
        here, there = Live(first), Live(second)
        for client, person in ((first, one), (second, two)):
            await client.connect(roles.realtime.url, headers={"Cookie": person.cookie})
        chat = await one.create_chat(two)
        await there.wait_for("chat_updated", lambda args: args[0]["chatId"] == chat)
        answer = await one.put(chat, "over http")
        assert answer.status_code == 201
        for live in (here, there):
            (envelope,) = await live.wait_for("new_message")
            assert (envelope["content"], envelope["seq"]) == ("over http", 1)
        assert (await there.send(chat, "over the socket", "k1"))["seq"] == 2
        assert [message["content"] for message in await one.history(chat)] == ["over http", "over the socket"]
        await two.http.post("/api/auth/logout")
        await there.wait_for("session_revoked", within=5)
        await until(lambda: not second.connected)
        assert first.connected


async def test_a_token_of_the_api_opens_a_socket(roles: Roles, town: Town) -> None:
    one = await town.sign_up("token")
    token = (await one.http.get("/api/auth/verify-me")).json()["token"]
    async with new_client() as client:
        await client.connect(roles.realtime.url, auth={"token": token})
        assert (await Live(client).call("sync", {"cursors": {}}))["ok"] is True


async def test_a_realtime_process_that_stops_tells_its_clients_to_go_elsewhere(
    roles: Roles, town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one = await town.sign_up("moves")
    chat = await one.create_chat(one)
    second = Server(
        tmp_path_factory.mktemp("second"),
        roles.realtime.command,
        **{name.removeprefix("BATIYOUN_"): value for name, value in roles.realtime.environment.items()
           if name.startswith("BATIYOUN_") and name != "BATIYOUN_PORT"},
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        with second:
            lives = [await connect(stack, second, one) for _ in range(5)]
            assert (await lives[0].send(chat, "last words", "k1"))["ok"] is True
            assert await asyncio.to_thread(second.stop) == 0
            await until(lambda: not any(live.client.connected for live in lives))
        again = await connect(stack, roles.realtime, one)
        assert (await again.call("sync", {"cursors": {}}))["chats"][0]["headSeq"] == 1
