"""Chats over two nodes: who hears what, in which order, and when it stops."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.harness.nodes import Node
from tests.harness.people import Live
from tests.nodes.conftest import Village


def contents(live: Live) -> list[str]:
    return [envelope["content"] for (envelope,) in live.heard("new_message") if envelope["kind"] == "message"]


def seqs(live: Live) -> list[int]:
    return [envelope["seq"] for (envelope,) in live.heard("new_message")]


async def settled(live: Live) -> None:
    """Everything sent to this connection before now has arrived."""
    assert (await live.call("sync", {"cursors": {}}))["ok"] is True


async def test_a_message_crosses_with_its_acknowledgement_and_comes_once(nodes: list[Node], village: Village) -> None:
    one, two = await village.people(2)
    chat = await one.create_chat(two)
    async with nodes[0].online(one) as here, nodes[1].online(two) as there, nodes[1].online(one) as mine_there:
        ack = await here.send(chat, "hello", "k1")
        assert ack["ok"] is True
        for live in (here, there, mine_there):
            (envelope,) = await live.wait_for("new_message")
            assert (envelope["id"], envelope["seq"], envelope["content"]) == (ack["id"], 1, "hello")
        again = await mine_there.send(chat, "hello", "k1")
        assert (again["id"], again["seq"]) == (ack["id"], 1), "the same message on two nodes is one"
        await there.send(chat, "hello back", "k2")
        await here.wait_for("new_message", lambda args: args[0]["content"] == "hello back")
        await settled(there)
        assert contents(there) == contents(here) == ["hello", "hello back"]


async def test_what_both_nodes_write_at_once_is_heard_by_all_in_the_order_of_the_log(
    nodes: list[Node], village: Village
) -> None:
    people = await village.people(4)
    chat = await people[0].create_chat(*people[1:], name="All at once")
    async with (
        nodes[0].online(people[0]) as a,
        nodes[1].online(people[1]) as b,
        nodes[0].online(people[2]) as c,
        nodes[1].online(people[3]) as d,
    ):
        lives = (a, b, c, d)
        for burst in range(4):
            await asyncio.gather(
                *(live.send(chat, f"{index} {burst} {n}", f"k{index}-{burst}-{n}") for n in range(10)
                  for index, live in enumerate(lives))
            )  # fmt: skip
        for live in lives:
            await live.wait_for("new_message", lambda args: args[0]["seq"] == 160)
            assert seqs(live) == list(range(1, 161))


async def test_a_new_chat_joins_people_on_every_node_at_once(nodes: list[Node], village: Village) -> None:
    one, two, three = await village.people(3)
    async with nodes[1].online(two) as there, nodes[1].online(three) as late, nodes[0].online(one) as here:
        chat = await one.create_chat(two)
        for live in (there, here):
            await live.wait_for("chat_updated", lambda args: args[0]["chatId"] == chat)
        await one.put(chat, "direct")
        await there.wait_for("new_message", lambda args: args[0]["content"] == "direct")
        group = await one.create_chat(two, name="Family")
        await there.wait_for("chat_updated", lambda args: args[0]["chatId"] == group)
        await two.put(group, "from the other node")
        await here.wait_for("new_message", lambda args: args[0]["content"] == "from the other node")
        await one.http.post(f"/api/chats/{group}/members", json={"userIds": [three.id]})
        await late.wait_for("chat_updated", lambda args: args[0]["chatId"] == group)
        await two.put(group, "welcome")
        await late.wait_for("new_message", lambda args: args[0]["content"] == "welcome")
        assert "from the other node" not in contents(late), "history before joining is not told"


async def test_somebody_who_is_added_where_nobody_of_the_chat_is(nodes: list[Node], village: Village) -> None:
    owner, newcomer, colleague = await village.people(3)
    group = await owner.create_chat(colleague, name="Two of one node")
    async with nodes[1].online(newcomer) as there:
        await owner.http.post(f"/api/chats/{group}/members", json={"userIds": [newcomer.id]})
        await there.wait_for("chat_updated", lambda args: args[0]["chatId"] == group)
        await owner.put(group, "hello")
        await there.wait_for("new_message", lambda args: args[0]["content"] == "hello")
        answer = await there.send(group, "hello too", "k1")
        assert answer["ok"] is True


async def test_25_a_kick_on_one_node_stops_fan_out_on_the_other(nodes: list[Node], village: Village) -> None:
    owner, former, witness = await village.people(3)
    group = await owner.create_chat(former, witness, name="Closed")
    async with nodes[1].online(former) as gone, nodes[1].online(witness) as stays, nodes[0].online(owner) as here:
        await gone.call("join_chat", {"chatId": group})
        sends: list[Any] = [here.send(group, f"before {n}", f"b{n}") for n in range(10)]
        await asyncio.gather(*sends)
        await owner.http.delete(f"/api/chats/{group}/members/{former.id}")
        await asyncio.gather(*(here.send(group, f"private {n}", f"p{n}") for n in range(10)))
        await stays.wait_for("new_message", lambda args: args[0]["seq"] == 21)
        await gone.wait_for("chat_removed", lambda args: args[0]["chatId"] == group)
        for event in ("send_message", "typing", "join_chat"):
            payload = {"chatId": group, "content": "still here", "encrypted": False}
            assert (await gone.call(event, payload))["error"]["code"] == "chat_not_found"
        await settled(gone)
        assert not [content for content in contents(gone) if content.startswith("private")]
        assert seqs(stays) == list(range(1, 22))
        assert [envelope["type"] for (envelope,) in stays.heard("new_message")][10] == "member_removed"


async def test_removed_and_added_again_one_hears_what_follows(nodes: list[Node], village: Village) -> None:
    owner, other, witness = await village.people(3)
    group = await owner.create_chat(other, witness, name="In and out")
    async with nodes[1].online(other) as live, nodes[1].online(witness) as stays:
        for turn in range(3):
            await owner.http.delete(f"/api/chats/{group}/members/{other.id}")
            await owner.put(group, f"without {turn}")
            await owner.http.post(f"/api/chats/{group}/members", json={"userIds": [other.id]})
            await owner.put(group, f"with {turn}")
        await live.wait_for("new_message", lambda args: args[0]["content"] == "with 2")
        await stays.wait_for("new_message", lambda args: args[0]["content"] == "with 2")
        assert contents(live) == ["with 0", "with 1", "with 2"]


async def test_a_room_that_empties_and_fills_again_misses_nothing(nodes: list[Node], village: Village) -> None:
    one, two = await village.people(2)
    chat = await one.create_chat(two)
    for turn in range(4):
        async with nodes[1].online(two) as there:
            await one.put(chat, f"live {turn}")
            await there.wait_for("new_message")
            assert len(contents(there)) == 1
        await one.put(chat, f"away {turn}")


async def test_who_was_answered_by_one_node_may_speak_on_the_other_at_once(nodes: list[Node], village: Village) -> None:
    one, two = await village.people(2)
    async with nodes[1].online(one) as mine, nodes[1].online(two) as theirs:
        for number in range(5):
            chat = await one.create_chat(two, name=f"Group {number}")  # answered by the first node
            assert (await mine.send(chat, "first", f"k{number}"))["ok"] is True
            assert (await theirs.call("join_chat", {"chatId": chat}))["ok"] is True
            for live in (mine, theirs):
                await live.wait_for("new_message", lambda args, chat=chat: args[0]["chatId"] == chat)  # type: ignore[misc]
        stranger, _ = await village.people(2)
        async with nodes[1].online(stranger) as outside:
            answers = await asyncio.gather(*(outside.send(chat, "no", f"s{number}") for number in range(5)))
            assert {answer["error"]["code"] for answer in answers} == {"chat_not_found"}


async def test_what_was_said_before_a_node_listened_to_a_chat_is_heard_there(
    nodes: list[Node], village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await village.people(2)
    residence = nodes[1].app.residence
    settle = residence.settle

    async def late(*arguments: Any) -> Any:
        await asyncio.sleep(0.2)
        return await settle(*arguments)

    async with nodes[1].online(two) as there:
        monkeypatch.setattr(residence, "settle", late)
        chat = await one.create_chat(two)
        for number in range(3):
            await one.put(chat, f"early {number}")
        await there.wait_for("new_message", lambda args: args[0]["seq"] == 3)
        assert seqs(there) == [1, 2, 3]


async def test_who_comes_late_into_a_chat_that_is_at_work_on_the_node_hears_what_they_missed(
    nodes: list[Node], village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await village.people(2)
    residence = nodes[1].app.residence
    settle = residence.settle

    async def late(peer: Any, *rest: Any) -> Any:
        if peer.data.user_id == two.id:
            await asyncio.sleep(0.3)
        return await settle(peer, *rest)

    async with nodes[1].online(one) as mine, nodes[1].online(two) as theirs:
        monkeypatch.setattr(residence, "settle", late)
        chat = await one.create_chat(two)  # answered by the first node
        for number in range(3):
            assert (await mine.send(chat, f"early {number}", f"k{number}"))["ok"] is True
        await theirs.wait_for("new_message", lambda args: args[0]["seq"] == 3)
        assert (await mine.send(chat, "live", "k9"))["ok"] is True
        await theirs.wait_for("new_message", lambda args: args[0]["seq"] == 4)
        assert sorted(seqs(theirs)) == [1, 2, 3, 4]
