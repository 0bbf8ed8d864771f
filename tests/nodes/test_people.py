"""Receipts, typing, presence and sessions over two nodes."""

from __future__ import annotations

import asyncio

import pytest
import socketio

from batiyoun.presence import service as presence
from tests.harness.nodes import Node
from tests.nodes.conftest import Village
from tests.nodes.test_chats import settled


async def test_receipts_find_the_sender_on_the_other_node(nodes: list[Node], village: Village) -> None:
    one, two, three = await village.people(3)
    chat = await one.create_chat(two)
    group = await one.create_chat(two, three, name="Three")
    async with nodes[0].online(one) as sender, nodes[1].online(two) as reader:
        first = await sender.send(chat, "a", "k1")
        second = await sender.send(group, "b", "k2")
        await reader.wait_for("new_message", lambda args: args[0]["id"] == second["id"])
        assert (await reader.call("delivery_receipt", {"chatId": group, "seq": 1}))["ok"]
        message_id, details = await sender.wait_for("message_delivered")
        assert message_id == second["id"], "the reader's node knows what it has not committed itself"
        assert details == {"chatId": group, "userId": two.id, "seq": 1, "messageId": second["id"], "count": None}
        assert (await reader.call("read_receipt", {"messageId": first["id"]}))["ok"]
        assert (await sender.wait_for("message_read"))[1]["userId"] == two.id


async def test_typing_is_told_and_known_on_the_other_node(nodes: list[Node], village: Village) -> None:
    one, two = await village.people(2)
    chat = await one.create_chat(two)
    async with nodes[0].online(one) as typist, nodes[1].online(two) as reader:
        assert await typist.call("typing", {"chatId": chat}) == {"ok": True}
        user_id, details = await reader.wait_for("user_typing")
        assert (user_id, details) == (one.id, {"chatId": chat, "userId": one.id})
        if nodes[0].app.redis is not None:  # in memory, every node knows its own typists
            assert (await reader.call("join_chat", {"chatId": chat}))["typing"] == [one.id]
        assert typist.heard("user_typing") == []


async def test_27_presence_crosses_to_partners_and_open_groups_only(
    nodes: list[Node], village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    if nodes[0].app.redis is None:
        return  # in memory every node knows its own people only
    monkeypatch.setattr(presence, "LINGER", 0.3)
    one, partner, stranger, colleague = await village.people(4)
    await one.create_chat(partner)
    group = await one.create_chat(colleague, name="Work")
    async with nodes[1].online(partner) as near, nodes[1].online(stranger) as far, nodes[1].online(colleague) as shows:
        await shows.call("join_chat", {"chatId": group})
        async with nodes[0].online(one) as live:
            assert (await near.wait_for("user_online"))[0] == one.id
            assert (await shows.wait_for("user_online"))[0] == one.id
            assert (await live.wait_for("user_online"))[0] == partner.id
            async with nodes[1].online(one):
                pass
            await asyncio.sleep(0.6)
            assert near.heard("user_offline") == [], "another connection lives on the first node"
        assert (await near.wait_for("user_offline"))[0] == one.id
        await settled(far)
        assert far.heard("user_online") == far.heard("user_offline") == []


async def test_09_signing_out_on_one_node_closes_sockets_on_the_other(nodes: list[Node], village: Village) -> None:
    one, other = await village.people(2)
    token = (await one.http.get("/api/auth/verify-me")).json()["token"]
    async with nodes[1].online(one) as there, nodes[1].online(other) as untouched:
        gone = asyncio.Event()
        there.client.on("disconnect", lambda *_: gone.set())
        await settled(there)
        await one.http.post("/api/auth/logout")
        await there.wait_for("session_revoked", within=5)
        async with asyncio.timeout(5):
            await gone.wait()
        await settled(untouched)
        assert untouched.heard("session_revoked") == []
    answer = await other.http.get(f"{nodes[1].url}/api/auth/verify-me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401, "refused there with the next request"


async def test_09_a_session_that_ends_during_the_handshake_gets_nowhere(
    nodes: list[Node], village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = await village.people(2)
    residence = nodes[1].app.residence
    connected = residence.connected

    async def slow(peer: object) -> None:
        await one.http.post("/api/auth/logout")
        await connected(peer)  # type: ignore[arg-type]  # whatever it is

    monkeypatch.setattr(residence, "connected", slow)
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with nodes[1].online(one):
            pass
    assert nodes[1].app.engine is not None
    assert nodes[1].app.engine.stats().sockets == 0
