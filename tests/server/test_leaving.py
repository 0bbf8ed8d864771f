"""Deleting an account and taking its data along, over the real server."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
import socketio.exceptions

from tests.harness.people import Person, Predicate, Town
from tests.harness.server import Server


async def leave(person: Person, username: str | None = None) -> Any:
    return await person.http.request("DELETE", "/api/users/me", json={"username": username or person.username})


def left(chat_id: str) -> Predicate:
    """An envelope that says that somebody left that chat."""
    return lambda args: (args[0]["chatId"], args[0]["type"]) == (chat_id, "member_left")


async def log_of(town: Town, person: Person) -> list[str]:
    events = (await person.http.get("/api/users/me/audit")).json()["events"]
    return [event["kind"] for event in events]


async def test_09_a_deleted_account_is_out_at_once_everywhere(town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    await asha.create_chat(ravi)
    async with asha.online() as live, ravi.online() as watching:
        assert (await leave(asha)).status_code == 204
        await live.wait_for("session_revoked", lambda args: args[0]["reason"] == "revoked")
        await watching.wait_for("user_offline", lambda args: args[0] == asha.id)
    assert (await asha.http.get("/api/users/me")).status_code == 401
    async with town.visitor() as browser:
        wish = {"identifier": asha.username, "password": asha.password}
        assert (await browser.post("/api/auth/login", json=wish)).status_code == 401
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with asha.online():
            pass


async def test_others_see_a_deleted_account_where_somebody_was(town: Town) -> None:
    asha, ravi = await town.sign_up("asha", "Asha Kumari"), await town.sign_up("ravi")
    direct = await asha.create_chat(ravi)
    assert (await asha.put(direct, "remember me")).is_success
    assert (await leave(asha)).status_code == 204
    shown = (await ravi.http.get(f"/api/users/{asha.id}")).json()
    assert (shown["deleted"], shown["displayName"], shown["avatar"]) == (True, "Deleted account", None)
    assert "asha" not in json.dumps(shown).lower()
    assert (await ravi.http.get("/api/users", params={"ids": asha.id})).json()["users"] == [shown]
    assert [message["content"] for message in await ravi.history(direct)] == ["remember me"]
    assert (await ravi.http.get("/api/users/search", params={"q": "asha"})).json()["users"] == []
    wish = {"type": "direct", "participants": [asha.id], "encryption": "none"}
    again = await town.sign_up("asha2")
    assert (await again.http.post("/api/chats", json=wish)).json()["code"] == "user_not_found"


async def test_groups_are_left_and_handed_to_the_eldest(town: Town) -> None:
    asha, ravi, sita = [await town.sign_up(name) for name in ("asha", "ravi", "sita")]
    mine = await asha.create_chat(ravi, sita, name="Family")
    theirs = await ravi.create_chat(asha, name="Work")
    role = {"role": "admin"}
    assert (await asha.http.put(f"/api/chats/{mine}/members/{sita.id}/role", json=role)).is_success
    async with ravi.online() as live:
        assert (await leave(asha)).status_code == 204
        for chat in (mine, theirs):
            await live.wait_for("new_message", left(chat))
    view = (await ravi.http.get(f"/api/chats/{mine}")).json()
    assert {each["userId"]: each["role"] for each in view["participants"]} == {sita.id: "owner", ravi.id: "member"}
    view = (await ravi.http.get(f"/api/chats/{theirs}")).json()
    assert [each["userId"] for each in view["participants"]] == [ravi.id]


async def test_49_nothing_of_the_person_is_left_on_the_disk(server: Server, town: Town) -> None:
    asha = await town.sign_up("zarathustra", "Zoroaster")
    assert (await asha.http.patch("/api/users/me", json={"bio": "thus spoke"})).is_success
    assert (await leave(asha)).status_code == 204
    server.stop()
    with closing(sqlite3.connect(server.data_dir / "accounts.db")) as accounts:
        dump = "\n".join(accounts.iterdump())
    for gone in ("zarathustra", "Zoroaster", "thus spoke"):
        assert gone not in dump
    assert asha.id.replace("-", "") in dump


async def test_a_slip_deletes_nothing(town: Town) -> None:
    asha = await town.sign_up("asha")
    answer = await leave(asha, "ravi")
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (
        400, "invalid_input", ["username"],
    )  # fmt: skip
    assert (await asha.http.request("DELETE", "/api/users/me", json={})).status_code == 400
    assert (await asha.http.get("/api/users/me")).status_code == 200
    assert (await leave(asha, " @ASHA ")).status_code == 204


async def test_what_deleting_does_is_said_before(town: Town) -> None:
    asha = await town.sign_up("asha")
    said = (await asha.http.get("/api/users/me/deletion")).json()
    assert {"address", "password", "sessions", "avatar"} <= set(said["wiped"])
    assert "messages" in said["kept"]


async def test_a_name_is_free_again_for_somebody_else(town: Town) -> None:
    asha = await town.sign_up("asha")
    assert (await leave(asha)).status_code == 204
    again = await town.sign_up("asha")
    assert again.id != asha.id
    assert "account_deleted" not in await log_of(town, again)


async def test_what_was_in_the_way_is_done_after_the_next_start(server: Server, town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    group = await asha.create_chat(ravi, name="Family")
    server.stop()
    done = await asyncio.to_thread(server.run, "user", "delete", "asha", "--yes")
    assert "Deleted asha" in done
    server.start()
    view: dict[str, Any] = {}
    for _ in range(100):
        view = (await ravi.http.get(f"/api/chats/{group}")).json()
        if len(view["participants"]) == 1:
            break
        await asyncio.sleep(0.1)
    assert [(each["userId"], each["role"]) for each in view["participants"]] == [(ravi.id, "owner")]


# ── export ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_export_is_whole(town: Town) -> None:
    asha, ravi, eve = [await town.sign_up(name) for name in ("asha", "ravi", "eve")]
    direct, group = await asha.create_chat(ravi), await ravi.create_chat(asha, name="Family")
    for number in range(520):  # more than a page
        assert (await asha.put(direct, f"message {number}")).is_success
    assert (await ravi.put(group, 'नमस्ते "quoted" \\ \u2028')).is_success
    secret = await eve.create_chat(ravi)
    assert (await eve.put(secret, "not for asha")).is_success
    assert (await asha.http.post("/api/invites", json={"note": "for Ravi"})).is_success
    answer = await asha.http.get("/api/users/me/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "no-store" in answer.headers["cache-control"]
    exported = answer.json()
    assert exported["profile"] == (await asha.http.get("/api/users/me")).json()
    assert len(exported["sessions"]) == 1
    assert exported["identities"] == []
    assert [event["kind"] for event in exported["securityLog"]] == await log_of(town, asha)
    assert exported["securityLog"][0]["kind"] == "data_exported"
    chats = {chat["id"]: chat for chat in exported["chats"]}
    assert set(chats) == {direct, group}
    for chat_id, chat in chats.items():
        assert chat["messages"] == await asha.history(chat_id)
        assert chat["participants"] == (await asha.http.get(f"/api/chats/{chat_id}")).json()["participants"]
    assert [each["id"] for each in exported["people"]] == [ravi.id]
    assert exported["invites"][0]["note"] == "for Ravi"
    assert "not for asha" not in answer.text
    assert "password" not in str(exported["profile"])


async def test_29_the_export_names_nobody_s_address_but_one_s_own(town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    await asha.create_chat(ravi)
    text = (await asha.http.get("/api/users/me/export")).text
    assert "asha@example.org" in text
    assert "ravi@example.org" not in text
    assert "token" not in text


async def test_what_a_member_may_not_see_is_not_exported(town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    group = await ravi.create_chat(asha, name="Family")
    assert (await asha.http.post(f"/api/chats/{group}/leave")).is_success
    assert (await ravi.put(group, "among ourselves")).is_success
    assert (await ravi.http.post(f"/api/chats/{group}/members", json={"userIds": [asha.id]})).is_success
    assert (await ravi.put(group, "welcome back")).is_success
    exported = (await asha.http.get("/api/users/me/export")).json()
    contents = [message["content"] for message in exported["chats"][0]["messages"]]
    assert "among ourselves" not in contents
    assert contents[-1] == "welcome back"
