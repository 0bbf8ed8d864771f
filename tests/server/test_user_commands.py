"""`batiyoun user …` beside a running server: decisions reach people who are signed in."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import socketio.exceptions

from tests.harness.people import Live, Person, Town
from tests.harness.server import Server


async def command(server: Server, *arguments: str, **more: Any) -> str:
    return await asyncio.to_thread(server.run, "user", *arguments, **more)


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(200):
        if await check():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen within ten seconds")


async def signed_out(person: Person) -> bool:
    return (await person.http.get("/api/users/me")).status_code == 401


async def hung_up(live: Live) -> bool:
    return not live.client.connected


async def people(server: Server) -> dict[str, dict[str, Any]]:
    lines = (await command(server, "list", "--json")).splitlines()
    return {person["username"]: person for person in map(json.loads, lines)}


async def kinds(person: Person) -> list[tuple[str, dict[str, str]]]:
    events = (await person.http.get("/api/users/me/audit")).json()["events"]
    return [(event["kind"], event["details"]) for event in events]


async def test_09_a_disabled_person_is_out_within_the_cache_time(server: Server, town: Town) -> None:
    await town.sign_up("owner")
    asha = await town.sign_up("asha")
    token = (await asha.http.get("/api/auth/verify-me")).json()["token"]
    async with asha.online() as live:
        said = await command(server, "disable", "ASHA@example.org")
        decided = time.monotonic()
        assert said == "Disabled asha (asha@example.org).\n"
        await live.wait_for("session_revoked", within=10)
        await until(lambda: hung_up(live))
    assert (await asha.http.get("/api/users/me")).status_code == 401
    assert time.monotonic() - decided < 10
    for attempt in (asha.online(), asha.online(token)):
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with attempt:
                pass
    login = {"identifier": "asha", "password": asha.password}
    assert (await asha.http.post("/api/auth/login", json=login)).status_code == 401
    assert (await people(server))["asha"]["state"] == "disabled"
    assert "is disabled already" in await command(server, "disable", "asha", fails=77)
    await command(server, "enable", "asha")
    assert (await asha.http.post("/api/auth/login", json=login)).status_code == 200
    assert {("account_disabled", "operator"), ("account_enabled", "operator")} <= {
        (kind, details.get("by", "")) for kind, details in await kinds(asha)
    }


async def test_a_new_password_ends_what_there_was(server: Server, town: Town) -> None:
    asha = await town.sign_up("asha")
    server.fresh = True
    said = await command(server, "reset-password", "asha")
    password = said.rsplit(maxsplit=1)[-1]
    await until(lambda: signed_out(asha))
    async with town.visitor() as browser:
        for secret, status in ((asha.password, 401), (password, 200)):
            answer = await browser.post("/api/auth/login", json={"identifier": "asha", "password": secret})
            assert answer.status_code == status
    chosen = "a password that somebody chose"
    await command(server, "reset-password", "asha", "--password-stdin", given=chosen + "\n")
    async with town.visitor() as browser:
        assert (await browser.post("/api/auth/login", json={"identifier": "asha", "password": chosen})).is_success


async def test_accounts_are_made_where_sign_up_is_closed(server: Server, town: Town) -> None:
    server.stop()
    server.environment["BATIYOUN_SIGNUP"] = "closed"
    assert "Nobody has an account yet" in await command(server, "list")
    said = await command(server, "create", "asha", "asha@example.org", "--name", "आशा")
    assert said.startswith("Made asha (asha@example.org), the owner of this server.\n")
    server.start()
    said = await command(server, "create", "ravi", "ravi@example.org", "--admin")
    password = said.rsplit(maxsplit=1)[-1]
    async with town.visitor() as browser:
        answer = await browser.post("/api/auth/login", json={"identifier": "ravi", "password": password})
        assert answer.json()["user"]["role"] == "admin"
        refused = await browser.post(
            "/api/auth/signup", json={"email": "eve@example.org", "username": "eve", "password": password}
        )
        assert refused.json()["code"] == "signup_closed"
    assert {name: person["role"] for name, person in (await people(server)).items()} == {
        "asha": "owner",
        "ravi": "admin",
    }
    table = await command(server, "list")
    assert [line.split()[0] for line in table.splitlines()] == ["USERNAME", "asha", "ravi"]
    assert "आशा" in table
    assert "\x1b" not in table, "no colours where nobody looks"


async def test_admins_are_made_and_unmade(server: Server, town: Town) -> None:
    await town.sign_up("owner")
    asha = await town.sign_up("asha")
    assert "now an admin" in await command(server, "make-admin", "asha")
    assert (await asha.http.get("/api/users/me")).json()["role"] == "admin"
    assert "already" in await command(server, "make-admin", asha.id, fails=77)
    await command(server, "make-admin", "--revoke", "asha")
    assert (await asha.http.get("/api/users/me")).json()["role"] == "member"
    assert "owns the server" in await command(server, "make-admin", "owner", fails=77)


async def test_a_person_is_deleted_beside_the_server(server: Server, town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    group = await asha.create_chat(ravi, name="Family")
    assert "give --yes" in await command(server, "delete", "asha", fails=65)
    async with asha.online() as live, ravi.online() as watching:
        await command(server, "delete", "asha", "--yes")
        await live.wait_for("session_revoked", within=10)
        await watching.wait_for("new_message", lambda args: args[0]["type"] == "member_left", within=10)
    assert (await ravi.http.get(f"/api/chats/{group}")).json()["participants"][0]["role"] == "owner"
    assert "There is nobody" in await command(server, "delete", asha.id, "--yes", fails=67)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("create", "asha", "other@example.org"), 77, "username is taken"),
        (("create", "other", "asha@example.org"), 77, "has an account already"),
        (("create", "a b", "other@example.org"), 65, "This username cannot be taken."),
        (("create", "other", "nowhere"), 65, "This address cannot be taken."),
        (("disable", "nobody"), 67, "There is nobody"),
        (("enable", "asha"), 77, "is not disabled"),
        (("reset-password", "nobody"), 67, "There is nobody"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence_and_an_exit_code(
    server: Server, town: Town, arguments: tuple[str, ...], code: int, words: str
) -> None:
    await town.sign_up("asha")
    said = await command(server, *arguments, fails=code)
    assert said.startswith("Error: ")
    assert words in said
    assert len(said.splitlines()) == 1
    bad = await command(server, "reset-password", "asha", "--password-stdin", given="password\n", fails=65)
    assert "This password cannot be taken." in bad
