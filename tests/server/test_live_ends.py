"""Security checks 9 and 10 over the real server: what ends a sign-in or an API token closes its sockets at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.harness.people import Live, Person, Town
from tests.harness.server import Server

NEW = "a boat on the river"


@asynccontextmanager
async def closing(live: Live, reason: str = "revoked") -> AsyncIterator[None]:
    """What happens inside ends this connection, and says why before."""
    gone = asyncio.Event()
    live.client.on("disconnect", lambda *_: gone.set())
    yield
    (told,) = await live.wait_for("session_revoked", within=5)
    assert told == {"reason": reason}
    async with asyncio.timeout(5):
        await gone.wait()


@asynccontextmanager
async def elsewhere(town: Town, person: Person) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser in which the person is signed in."""
    body = {"identifier": person.username, "password": person.password}
    async with town.visitor() as browser:
        answer = await browser.post("/api/auth/login", json=body)
        assert answer.is_success, answer.text
        yield browser


async def revoke_one(browser: httpx.AsyncClient, server: Server) -> httpx.Response:
    sessions = (await browser.get("/api/auth/sessions")).json()["sessions"]
    (other,) = [session["id"] for session in sessions if not session["current"]]
    return await browser.delete(f"/api/auth/sessions/{other}")


async def revoke_others(browser: httpx.AsyncClient, server: Server) -> httpx.Response:
    return await browser.post("/api/auth/sessions/revoke-others")


async def change_password(browser: httpx.AsyncClient, server: Server) -> httpx.Response:
    return await browser.put("/api/auth/password", json={"newPassword": NEW})


async def reset_password(browser: httpx.AsyncClient, server: Server) -> httpx.Response:
    me = (await browser.get("/api/users/me")).json()
    before = len(server.output)
    assert (await browser.post("/api/auth/password/request-reset", json={"email": me["email"]})).is_success
    found = None
    async with asyncio.timeout(5):
        while found is None:  # the server's console is another process's file
            await asyncio.sleep(0.05)
            found = re.search(r"/reset-password#([\w-]{43})", server.output[before:])
    return await browser.post("/api/auth/password/reset", json={"token": found[1], "password": NEW})


Act = Callable[[httpx.AsyncClient, Server], Awaitable[httpx.Response]]


@pytest.mark.parametrize("act", [revoke_one, revoke_others, change_password, reset_password])
async def test_09_what_ends_a_session_closes_its_sockets(shared_server: Server, shared_town: Town, act: Act) -> None:
    me = await shared_town.sign_up(f"ends_{act.__name__}"[:20])
    neighbour = await shared_town.sign_up(f"near_{act.__name__}"[:20])
    async with elsewhere(shared_town, me) as browser, me.online() as here, neighbour.online() as untouched:
        async with closing(here):
            answer = await act(browser, shared_server)
            assert answer.is_success, answer.text
        assert (await me.http.get("/api/users/me")).status_code == 401
        assert (await untouched.call("sync", {"cursors": {}}))["ok"] is True
        assert untouched.heard("session_revoked") == []


async def test_09_the_session_that_changes_a_password_stays_open(shared_town: Town) -> None:
    me = await shared_town.sign_up("changes")
    async with me.online() as here:
        assert (await me.http.put("/api/auth/password", json={"newPassword": NEW})).status_code == 204
        assert (await here.call("sync", {"cursors": {}}))["ok"] is True
        assert here.heard("session_revoked") == []


async def token_of(person: Person, **more: Any) -> dict[str, Any]:
    body = {"name": "a bot", "scopes": ["messages:read", "chats:read"]} | more
    answer = await person.http.post("/api/auth/tokens", json=body)
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


async def test_09_revoking_an_api_token_closes_its_sockets_and_no_others(shared_town: Town) -> None:
    me = await shared_town.sign_up("has_a_bot")
    token, other = await token_of(me), await token_of(me)
    async with me.online(token["token"]) as bot, me.online(other["token"]) as second, me.online() as person:
        assert (await bot.call("sync", {"cursors": {}}))["ok"] is True
        async with closing(bot):
            assert (await me.http.delete(f"/api/auth/tokens/{token['id']}")).status_code == 204
        for live in (second, person):
            assert (await live.call("sync", {"cursors": {}}))["ok"] is True
            assert live.heard("session_revoked") == []


async def test_a_bot_hears_messages_by_its_token(shared_town: Town) -> None:
    me, other = await shared_town.sign_up("with_a_bot"), await shared_town.sign_up("talks")
    chat = await me.create_chat(other)
    token = await token_of(me, scopes=["messages:read", "messages:write"])
    async with me.online(token["token"]) as bot:
        assert (await other.put(chat, "/weather")).is_success
        (heard,) = await bot.wait_for("new_message")
        assert heard["content"] == "/weather"
        assert (await bot.send(chat, "sunny", "bot-1"))["ok"] is True
    async with shared_town.visitor() as api:
        api.headers["authorization"] = f"Bearer {token['token']}"
        page = (await api.get(f"/api/chats/{chat}/messages")).json()
        assert [message["content"] for message in page["messages"]] == ["/weather", "sunny"]
