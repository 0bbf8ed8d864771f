"""The socket events of chats over the real server: who hears what, and when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import pytest

from tests.harness.people import Live, Person, Town
from tests.harness.server import Server

_names = count()
NEVER = "01900000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture
async def village(shared: Server) -> AsyncIterator[Town]:
    place = Town(shared.url)
    yield place
    await place.close()


async def people(village: Town, how_many: int) -> list[Person]:
    return [await village.sign_up(f"live{next(_names)}") for _ in range(how_many)]


async def settled(live: Live) -> None:
    """Everything sent before now has arrived: answers and events share one ordered connection."""
    await live.call("sync", {"cursors": {}})


async def test_a_message_reaches_every_connection_of_every_member_and_the_sender(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    async with one.online() as phone, one.online() as laptop, two.online() as other:
        ack = await phone.send(chat, "hello", "k1")
        assert ack["ok"] is True
        assert ack["seq"] == 1
        for live in (phone, laptop, other):
            (envelope,) = await live.wait_for("new_message")
            assert (envelope["id"], envelope["seq"], envelope["content"]) == (ack["id"], 1, "hello")
            assert (envelope["senderId"], envelope["clientId"]) == (one.id, "k1")
            assert envelope["timestamp"] == ack["timestamp"]
        again = await laptop.send(chat, "hello", "k1")
        assert (again["id"], again["seq"]) == (ack["id"], 1)
        await settled(other)
        assert len(other.heard("new_message")) == 1


async def test_a_token_opens_a_connection_without_a_cookie(village: Town) -> None:
    (me,) = await people(village, 1)
    token = (await me.http.get("/api/auth/verify-me")).json()["token"]
    async with me.online(token) as live:
        assert (await live.call("sync", {"cursors": {}}))["ok"] is True


async def test_a_new_chat_joins_connected_people_at_once(village: Town) -> None:
    one, two, three = await people(village, 3)
    async with two.online() as other, three.online() as late:
        chat = await one.create_chat(two)
        await other.wait_for("chat_updated", lambda args: args[0]["chatId"] == chat)
        group = await one.create_chat(two, name="Family")
        await one.put(chat, "direct")
        await one.put(group, "group")
        await other.wait_for("new_message", lambda args: args[0]["content"] == "direct")
        await other.wait_for("new_message", lambda args: args[0]["content"] == "group")
        await one.http.post(f"/api/chats/{group}/members", json={"userIds": [three.id]})
        await late.wait_for("chat_updated", lambda args: args[0]["chatId"] == group)
        (welcome,) = await late.wait_for("new_message")
        assert (welcome["kind"], welcome["type"], welcome["metadata"]) == (
            "system",
            "members_added",
            {"userIds": [three.id]},
        )


async def test_25_a_kick_stops_fan_out_at_once(village: Town) -> None:
    owner, former = await people(village, 2)
    group = await owner.create_chat(former, name="Closed")
    async with former.online() as live:
        await live.call("join_chat", {"chatId": group})
        await owner.http.delete(f"/api/chats/{group}/members/{former.id}")
        await owner.put(group, "private")
        await live.wait_for("chat_removed", lambda args: args[0]["chatId"] == group)
        events: list[tuple[str, dict[str, Any]]] = [
            ("send_message", {"chatId": group, "content": "still here", "encrypted": False}),
            ("typing", {"chatId": group}),
            ("join_chat", {"chatId": group}),
            ("read_receipt", {"chatId": group, "seq": 1}),
        ]
        for event, payload in events:
            assert (await live.call(event, payload))["error"]["code"] == "chat_not_found"
        answer = await live.call("sync", {"cursors": {group: 0}})
        assert (answer["chats"], answer["removed"]) == ([], [group])
        assert live.heard("new_message") == []
    assert [entry["content"] for entry in await owner.history(group)] == ["", "private"]


async def test_a_retry_of_what_was_stored_is_answered_after_leaving_too(village: Town) -> None:
    """The first answer got lost, then its sender was removed: "refused" would be untrue."""
    owner, former = await people(village, 2)
    group = await owner.create_chat(former, name="Closed")
    async with former.online() as live:
        first = await live.send(group, "my last word", "k1")
        await owner.http.delete(f"/api/chats/{group}/members/{former.id}")
        await live.wait_for("chat_removed", lambda args: args[0]["chatId"] == group)
        again = await live.send(group, "my last word", "k1")
        assert (again["ok"], again["id"], again["seq"]) == (True, first["id"], first["seq"])
        other = await live.send(group, "another word", "k1")
        assert other["error"]["code"] in {"chat_not_found", "client_id_reused"}
        new = await live.send(group, "a new word", "k2")
        assert new["error"]["code"] == "chat_not_found"
    assert [entry["content"] for entry in await owner.history(group)] == ["my last word", ""]


async def test_24_events_answer_a_stranger_as_for_a_chat_that_never_was(village: Town) -> None:
    owner, other, stranger = await people(village, 3)
    chat = await owner.create_chat(other)
    ack = (await owner.put(chat, "private")).json()
    async with stranger.online() as live:
        events: list[tuple[str, dict[str, Any]]] = [
            ("send_message", {"content": "x", "encrypted": False}),
            ("typing", {}),
            ("join_chat", {}),
            ("read_receipt", {"seq": 1}),
            ("delivery_receipt", {"seq": 1}),
        ]
        for event, rest in events:
            real = await live.call(event, {"chatId": chat} | rest)
            assert real == await live.call(event, {"chatId": NEVER} | rest)
            assert (real["ok"], real["error"]["code"]) == (False, "chat_not_found")
        by_id = await live.call("read_receipt", {"messageId": ack["id"]})
        assert by_id == await live.call("read_receipt", {"messageId": NEVER})
        assert by_id["error"]["code"] == "not_found"


async def test_receipts_are_told_to_the_sender_by_seq_and_by_message_id(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    async with one.online() as sender, two.online() as reader:
        first = await sender.send(chat, "a", "k1")
        second = await sender.send(chat, "b", "k2")
        assert (await reader.call("delivery_receipt", {"chatId": chat, "seq": 2}))["ok"]
        message_id, details = await sender.wait_for("message_delivered")
        assert message_id == second["id"]
        assert details == {"chatId": chat, "userId": two.id, "seq": 2, "messageId": second["id"], "count": None}
        assert (await reader.call("read_receipt", {"messageId": first["id"]}))["ok"]
        assert (await sender.wait_for("message_read"))[0] == first["id"]
        assert (await reader.wait_for("message_read"))[1]["userId"] == two.id
        assert reader.heard("message_delivered") == []


async def test_receipts_of_a_burst_are_told_together(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    async with one.online() as sender, two.online() as reader:
        for number in range(20):
            await sender.send(chat, str(number), f"k{number}")
        calls = [reader.call("read_receipt", {"chatId": chat, "seq": seq}) for seq in range(1, 21)]
        assert all(answer["ok"] for answer in await asyncio.gather(*calls))
        await sender.wait_for("message_read", lambda args: args[1]["seq"] == 20)
        assert len(sender.heard("message_read")) <= 2


async def test_typing_reaches_the_others_and_is_not_repeated(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    async with one.online() as typist, two.online() as reader:
        for _ in range(5):
            assert (await typist.call("typing", {"chatId": chat})) == {"ok": True}
        user_id, details = await reader.wait_for("user_typing")
        assert (user_id, details) == (one.id, {"chatId": chat, "userId": one.id})
        answer = await reader.call("join_chat", {"chatId": chat})
        assert (answer["typing"], answer["online"], answer["headSeq"]) == ([one.id], [one.id], 0)
        assert len(reader.heard("user_typing")) == 1
        assert typist.heard("user_typing") == []


async def test_27_presence_reaches_partners_and_nobody_else(village: Town) -> None:
    one, partner, stranger, colleague = await people(village, 4)
    await one.create_chat(partner)
    group = await one.create_chat(colleague, name="Work")
    async with partner.online() as near, stranger.online() as far, colleague.online() as open_group:
        await open_group.call("join_chat", {"chatId": group})
        async with one.online() as live:
            assert (await near.wait_for("user_online"))[0] == one.id
            assert (await open_group.wait_for("user_online"))[0] == one.id
            assert (await live.wait_for("user_online"))[0] == partner.id
        user_id, details = await near.wait_for("user_offline", within=15)
        assert user_id == details["userId"] == one.id
        assert details["lastSeen"].startswith("20")
        await settled(far)
        assert far.heard("user_online") == far.heard("user_offline") == []


async def test_people_who_begin_a_chat_see_each_other_at_once(village: Town) -> None:
    one, two = await people(village, 2)
    async with one.online() as here, two.online() as there:
        await one.create_chat(two)
        assert (await here.wait_for("user_online"))[0] == two.id
        assert (await there.wait_for("user_online"))[0] == one.id


async def test_a_reconnect_is_not_told_as_a_departure(village: Town) -> None:
    one, partner = await people(village, 2)
    await one.create_chat(partner)
    async with partner.online() as near:
        async with one.online():
            await near.wait_for("user_online")
        async with one.online():
            await asyncio.sleep(6)
            await settled(near)
            assert near.heard("user_offline") == []
            assert len(near.heard("user_online")) == 1


async def test_09_signing_out_closes_the_sockets_of_that_session_only(village: Town) -> None:
    (me,) = await people(village, 1)
    elsewhere = village.visitor()
    await elsewhere.post("/api/auth/login", json={"identifier": me.username, "password": me.password})
    async with me.online() as here:
        gone = asyncio.Event()
        here.client.on("disconnect", lambda *_: gone.set())
        await elsewhere.post("/api/auth/logout")
        await settled(here)
        await me.http.post("/api/auth/logout")
        await here.wait_for("session_revoked", within=5)
        async with asyncio.timeout(5):
            await gone.wait()
    await elsewhere.aclose()


async def test_sync_names_what_moved_and_what_is_gone(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    await two.put(chat, "a")
    async with one.online() as live:
        answer = await live.call("sync", {"cursors": {NEVER: 4}})
        assert answer["chats"] == [{"chatId": chat, "headSeq": 1, "readSeq": 0}]
        assert answer["removed"] == [NEVER]
        assert (await live.call("sync", {"cursors": {"x": 1}}))["error"]["code"] == "invalid_input"
