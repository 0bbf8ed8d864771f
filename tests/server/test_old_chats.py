"""Chats from before encryption, on a server that encrypts: there to be read, and open to programs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.accounts import problem_of
from tests.harness.people import Person, Town
from tests.harness.server import Server

SCOPES = ["chats:read", "chats:write", "messages:read", "messages:write"]
NOWHERE = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[tuple[Server, Town]]:
    """A server that does not encrypt yet."""
    running = Server(tmp_path, ENCRYPTION="off", ALLOW_PLAINTEXT="off")
    await asyncio.to_thread(running.start)
    town = Town(running.url)
    yield running, town
    await town.close()
    await asyncio.to_thread(running.kill)


async def encrypts(server: Server) -> None:
    """The same server with encryption, which is how it starts when nobody says otherwise."""
    del server.environment["BATIYOUN_ENCRYPTION"]
    await asyncio.to_thread(server.restart)


async def view(person: Person, chat_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await person.http.get(f"/api/chats/{chat_id}")).json()
    [listed] = [each for each in (await person.http.get("/api/chats")).json()["chats"] if each["id"] == chat_id]
    assert listed["readOnly"] == found["readOnly"]
    return found


async def new_chat(person: Person, *others: Person, **more: Any) -> httpx.Response:
    wish = {"type": "direct", "participants": [other.id for other in others]}
    return await person.http.post("/api/chats", json=wish | more)


async def test_people_read_their_old_chats_and_go_on_in_encrypted_ones(old: tuple[Server, Town]) -> None:
    server, town = old
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    chat, group = await asha.create_chat(ravi), await asha.create_chat(ravi, name="Roof")
    for each in (chat, group):
        assert (await asha.put(each, "before")).is_success
        assert (await view(ravi, each))["readOnly"] is False
    await encrypts(server)
    for each in (chat, group):
        assert (await view(ravi, each))["readOnly"] is True
        assert problem_of(await ravi.put(each, "after")) == (409, "encryption_required")
        async with ravi.online() as live:
            answer = await live.send(each, "after", "by-socket")
            assert (answer["ok"], answer["error"]["code"]) == (False, "encryption_required")
        texts = [each["content"] for each in await ravi.history(each) if each["kind"] == "message"]
        assert texts == ["before"]
    successor = (await new_chat(ravi, asha)).json()
    assert (successor["encryption"], successor["readOnly"]) == ("mls", False)
    assert successor["id"] != chat
    assert problem_of(await new_chat(ravi, asha, encryption="none")) == (409, "encryption_required")


async def test_a_chat_with_a_program_in_it_stays_open(old: tuple[Server, Town]) -> None:
    server, town = old
    asha, ravi, owner = [await town.sign_up(name) for name in ("asha", "ravi", "owner")]
    between, kept = await asha.create_chat(ravi), await asha.create_chat(owner)
    await encrypts(server)
    wish = {"name": "bell", "scopes": SCOPES}
    made = await owner.http.post("/api/auth/tokens", json=wish)
    assert made.status_code == 201, made.text
    secret = made.json()["token"]
    async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {secret}"}) as program:
        fresh = await program.post("/api/chats", json={"type": "direct", "participants": [ravi.id]})
        assert (fresh.status_code, fresh.json()["encryption"]) == (201, "none")
        said = {"content": "Somebody is at the door", "encrypted": False, "type": "text"}
        for chat in (kept, fresh.json()["id"]):
            assert (await program.put(f"/api/chats/{chat}/messages/bell-1", json=said)).is_success
    assert (await asha.put(kept, "let them in")).is_success
    assert (await view(asha, kept))["readOnly"] is False
    async with ravi.online() as live:
        assert (await live.send(fresh.json()["id"], "not home", "r-1"))["ok"] is True
        assert (await live.send(between, "not here", "r-2"))["ok"] is False
    tokens = (await owner.http.get("/api/auth/tokens")).json()["tokens"]
    assert (await owner.http.delete(f"/api/auth/tokens/{tokens[0]['id']}")).is_success
    assert problem_of(await asha.put(kept, "nobody there")) == (409, "encryption_required")


async def test_strangers_learn_nothing_of_a_closed_chat(old: tuple[Server, Town]) -> None:
    server, town = old
    asha, ravi, stranger = [await town.sign_up(name) for name in ("asha", "ravi", "stranger")]
    chat = await asha.create_chat(ravi)
    await encrypts(server)
    assert problem_of(await stranger.put(chat, "hello")) == problem_of(await stranger.put(NOWHERE, "hello"))
    async with stranger.online() as live:
        assert (await live.send(chat, "hello", "s-1"))["error"] == (await live.send(NOWHERE, "hello", "s-2"))["error"]
