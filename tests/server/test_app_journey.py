"""Two people and the whole server, on each store: from sign-up to a conversation that survives a restart."""

from __future__ import annotations

import asyncio

import pytest

from tests.harness.people import Town
from tests.harness.server import Server


@pytest.fixture
def server(server_on_each_store: Server) -> Server:
    """On SQLite, PostgreSQL and MongoDB."""
    return server_on_each_store


async def test_two_people_meet_and_talk(town: Town) -> None:
    asha, bala = await town.sign_up("asha", "Asha"), await town.sign_up("bala", "Bala")

    found = (await asha.http.get("/api/users/search", params={"q": "bal"})).json()["users"]
    assert [user["username"] for user in found] == ["bala"]
    assert "email" not in found[0]

    async with asha.online() as here, bala.online() as there:
        chat_id = await asha.create_chat(bala)
        # made while both are connected: both are in it at once
        await there.wait_for("chat_updated", lambda args: args[0]["chatId"] == chat_id)
        acked = await here.send(chat_id, "namaste", "a-1")
        assert acked["ok"] is True
        assert acked["seq"] == 1
        for live in (here, there):
            [envelope] = await live.wait_for("new_message")
            assert envelope["id"] == acked["id"]
            assert (envelope["content"], envelope["senderId"], envelope["clientId"]) == ("namaste", asha.id, "a-1")

        assert (await there.call("join_chat", {"chatId": chat_id}))["online"] == [asha.id]
        assert (await here.call("join_chat", {"chatId": chat_id}))["online"] == [bala.id]
        await there.call("typing", {"chatId": chat_id})
        assert await here.wait_for("user_typing") == [bala.id, {"chatId": chat_id, "userId": bala.id}]
        assert there.heard("user_typing") == []

        assert (await there.call("read_receipt", {"messageId": acked["id"]}))["ok"] is True
        [message_id, details] = await here.wait_for("message_read")
        assert message_id == acked["id"]
        assert (details["chatId"], details["userId"], details["seq"]) == (chat_id, bala.id, 1)

    [chat] = (await bala.http.get("/api/chats")).json()["chats"]
    assert (chat["id"], chat["unread"], chat["lastMessage"]["content"]) == (chat_id, 0, "namaste")


async def test_presence_is_told_to_those_who_share_a_chat_only(town: Town) -> None:
    asha, bala, chand = await town.sign_up("asha"), await town.sign_up("bala"), await town.sign_up("chand")
    await asha.create_chat(bala)
    async with asha.online() as here, chand.online() as stranger:
        async with bala.online():
            assert await here.wait_for("user_online", lambda args: args[0] == bala.id)
        [_, details] = await here.wait_for("user_offline", lambda args: args[0] == bala.id, within=15)
        assert details["lastSeen"]
        assert stranger.heard("user_online") == []
        assert stranger.heard("user_offline") == []


async def test_a_group_changes_and_everybody_knows(town: Town) -> None:
    asha, bala, chand = await town.sign_up("asha"), await town.sign_up("bala"), await town.sign_up("chand")
    group = await asha.create_chat(bala, chand, name="Chai")
    async with bala.online() as there:
        renamed = await asha.http.patch(f"/api/chats/{group}", json={"name": "Chai at four"})
        assert renamed.json()["name"] == "Chai at four"
        [envelope] = await there.wait_for("new_message")
        assert (envelope["kind"], envelope["type"]) == ("system", "renamed")

        refused = await bala.http.patch(f"/api/chats/{group}", json={"name": "mine"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")

        assert (await asha.http.delete(f"/api/chats/{group}/members/{bala.id}")).status_code == 204
        await there.wait_for("chat_removed", lambda args: args[0]["chatId"] == group)
        refused_ack = await there.send(group, "still here?", "b-1")
        assert refused_ack["error"]["code"] == "chat_not_found"
    assert (await bala.http.get(f"/api/chats/{group}/messages")).status_code == 404
    texts = [message["type"] for message in await chand.history(group)]
    assert texts == ["renamed", "member_removed"]


async def test_everything_survives_a_restart(server: Server, town: Town) -> None:
    asha, bala = await town.sign_up("asha"), await town.sign_up("bala")
    chat_id = await asha.create_chat(bala)
    async with asha.online() as here:
        acked = await here.send(chat_id, "before", "a-1")
    await bala.http.post(f"/api/chats/{chat_id}/receipts", json={"seq": 1})

    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)

    async with asha.online() as here:  # the session lives on
        again = await here.send(chat_id, "before", "a-1")
        assert (again["id"], again["seq"]) == (acked["id"], acked["seq"])
        assert (await here.send(chat_id, "after", "a-2"))["seq"] == 2
    assert [message["content"] for message in await bala.history(chat_id)] == ["before", "after"]
    [chat] = (await bala.http.get("/api/chats")).json()["chats"]
    assert chat["unread"] == 1


async def test_a_token_opens_the_socket_without_a_cookie(town: Town) -> None:
    asha = await town.sign_up("asha")
    me = (await asha.http.get("/api/auth/verify-me")).json()
    async with asha.online(token=me["token"]) as here:
        assert (await here.call("sync", {"cursors": {}}))["ok"] is True
