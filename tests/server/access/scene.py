"""A server with one group, and every kind of person who is not to touch it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.harness.people import Person, Town
from tests.harness.server import Server


@dataclass
class Scene:
    """Everybody, and the group they are, were, or never were in."""

    server: Server
    town: Town
    group: str
    owner: Person
    admin: Person
    member: Person
    stranger: Person
    gone: Person
    #: a member whom an administrator has disabled
    disabled: Person
    #: the cookie of a session of `member` that was signed out
    revoked: httpx.AsyncClient
    #: a message that is in the group
    message_id: str
    #: somebody who proved long ago who they are
    stale: Person
    #: things of the member's: a session, an invitation, an API token
    session_id: str
    invite_id: str
    token_id: str

    async def state(self) -> Any:
        """What the group looks like to its owner, and what the member has: nothing that is refused may change it."""
        view = (await self.owner.http.get(f"/api/chats/{self.group}")).json()
        history = await self.owner.history(self.group)
        things = {}
        for place, name, thing in (
            ("invites", "invites", self.invite_id),
            ("auth/tokens", "tokens", self.token_id),
            ("auth/sessions", "sessions", self.session_id),
        ):
            listed = (await self.member.http.get(f"/api/{place}")).json()[name]
            things[name] = thing in {each["id"] for each in listed}
        return {
            "name": view["name"],
            "participants": view["participants"],
            "messages": history,
            "things": things,
        }


@asynccontextmanager
async def set_scene(folder: Path) -> AsyncIterator[Scene]:
    """The scene, ready. The server restarts once, so that nobody is remembered from before they were disabled."""
    with Server(folder) as server:
        town = Town(server.url)
        try:
            names = ("owner", "admin", "member", "stranger", "gone", "disabled", "stale")
            owner, admin, member, stranger, gone, disabled, stale = [
                await town.sign_up(f"the_{name}") for name in names
            ]
            group = await owner.create_chat(admin, member, gone, disabled, name="Family")
            role = {"role": "admin"}
            assert (await owner.http.put(f"/api/chats/{group}/members/{admin.id}/role", json=role)).is_success
            said = await gone.put(group, "before I go")
            assert said.is_success
            assert (await gone.http.post(f"/api/chats/{group}/leave")).is_success
            revoked = await _signed_out(town, member)
            session_id = (await member.http.get("/api/auth/sessions")).json()["sessions"][0]["id"]
            invite_id = (await member.http.post("/api/invites", json={})).json()["invite"]["id"]
            wish = {"name": "reader", "scopes": ["chats:read"]}
            token_id = (await member.http.post("/api/auth/tokens", json=wish)).json()["id"]
            server.stop()
            with closing(sqlite3.connect(server.data_dir / "accounts.db")) as accounts, accounts:
                name = (disabled.username,)
                assert accounts.execute("update users set disabled = 1 where username = ?", name).rowcount == 1
                long_ago = (
                    "update sessions set proved_at = 1 where user_id in (select id from users where username = ?)"
                )
                assert accounts.execute(long_ago, (stale.username,)).rowcount == 1
            server.start()
            message_id = str(said.json()["id"])
            yield Scene(
                server, town, group, owner, admin, member, stranger, gone, disabled, revoked, message_id, stale,
                session_id, invite_id, token_id,
            )  # fmt: skip
            await revoked.aclose()
        finally:
            await town.close()


async def _signed_out(town: Town, person: Person) -> httpx.AsyncClient:
    """A browser that still holds the cookie of a session that is over."""
    browser = town.visitor()
    answer = await browser.post("/api/auth/login", json={"identifier": person.username, "password": person.password})
    assert answer.is_success, answer.text
    kept = {cookie.name: cookie.value or "" for cookie in browser.cookies.jar}
    assert (await browser.post("/api/auth/logout")).is_success
    browser.cookies.update(kept)
    return browser
