"""Blocking over the real server: the same on all of one's devices, and told to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.accounts import problem_of
from tests.harness.people import Live, Person, Town
from tests.harness.server import Server

_names = count()
NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("blocks")) as running:
        yield running


@pytest.fixture
async def village(shared: Server) -> AsyncIterator[Town]:
    place = Town(shared.url)
    yield place
    await place.close()


async def people(village: Town, how_many: int) -> list[Person]:
    return [await village.sign_up(f"blocks{next(_names)}") for _ in range(how_many)]


async def block(person: Person, other: Person) -> None:
    assert (await person.http.put(f"/api/blocks/{other.id}")).status_code == 204


async def unblock(person: Person, other: Person) -> None:
    assert (await person.http.delete(f"/api/blocks/{other.id}")).status_code == 204


async def blocked(person: Person) -> list[str]:
    return [one["userId"] for one in (await person.http.get("/api/blocks")).json()["blocked"]]


def said(answer: httpx.Response) -> dict[str, Any]:
    """What an answer tells, without what names the request."""
    return {name: value for name, value in answer.json().items() if name not in {"instance", "requestId"}}


async def test_27_all_devices_of_the_blocker_hear_of_it_and_the_blocked_one_does_not(village: Town) -> None:
    one, two = await people(village, 2)
    await one.create_chat(two)
    async with one.online() as phone, one.online() as laptop, two.online() as other:
        await block(one, two)
        await block(one, two)
        await unblock(one, two)
        for live in (phone, laptop):
            await live.wait_for("blocks_changed", lambda heard: not heard[0]["blocked"])
            states = [heard[0] for heard in live.heard("blocks_changed")]
            assert states == [{"userId": two.id, "blocked": True}, {"userId": two.id, "blocked": False}]
        await other.call("sync", {"cursors": {}})
        assert other.heard("blocks_changed") == []
    await block(one, two)
    assert (await blocked(one), await blocked(two)) == ([two.id], [])


async def test_27_neither_begins_a_chat_with_the_other_and_the_answer_is_that_for_nobody(village: Town) -> None:
    one, two, three = await people(village, 3)
    await block(one, two)
    group = await two.create_chat(three, name="Two and three")
    for asker, other in ((two, one), (one, two)):
        wishes = [
            {"type": "direct", "participants": [other.id]},
            {"type": "group", "participants": [other.id, three.id], "encryption": "mls"},
        ]
        for wish in wishes:
            answer = await asker.http.post("/api/chats", json=wish)
            nobody = wish | {"participants": [NOBODY, *wish["participants"][1:]]}
            assert problem_of(answer) == (404, "user_not_found")
            assert said(answer) == said(await asker.http.post("/api/chats", json=nobody))
    added = await two.http.post(f"/api/chats/{group}/members", json={"userIds": [one.id]})
    absent = await two.http.post(f"/api/chats/{group}/members", json={"userIds": [NOBODY]})
    assert problem_of(added) == (404, "user_not_found")
    assert said(added) == said(absent)
    await unblock(one, two)
    assert (await two.http.post(f"/api/chats/{group}/members", json={"userIds": [one.id]})).is_success
    assert await two.create_chat(one)


async def test_27_partners_who_are_apart_do_not_learn_who_is_here(village: Town) -> None:
    one, two, three = await people(village, 3)
    await one.create_chat(two)
    await one.create_chat(three)
    await block(one, two)
    async with two.online() as other, three.online() as friend, one.online() as mine:
        await friend.wait_for("user_online", lambda heard: heard[0] == one.id)
        await mine.wait_for("user_online", lambda heard: heard[0] == three.id)
        await other.call("sync", {"cursors": {}})
        assert other.heard("user_online") == []
        assert [heard[0] for heard in mine.heard("user_online")] == [three.id]


async def test_27_who_is_here_goes_for_the_other_and_comes_back_with_the_end_of_it(
    village: Town,
) -> None:
    one, two = await people(village, 2)
    await one.create_chat(two)
    async with one.online() as mine, two.online() as other:
        await other.wait_for("user_online", lambda heard: heard[0] == one.id)
        await block(one, two)
        for live, partner in ((mine, two), (other, one)):
            await live.wait_for("user_offline", lambda heard, who=partner.id: heard[0] == who)  # type: ignore[misc]
        await block(two, one)
        await unblock(one, two)
        before = len(other.heard("user_online"))
        await other.call("sync", {"cursors": {}})
        assert len(other.heard("user_online")) == before, "the other still blocks"
        await unblock(two, one)
        for live, partner in ((mine, two), (other, one)):
            await until_last(live, partner.id, "user_online")


async def until_last(live: Live, user_id: str, event: str) -> None:
    """The last that was heard of the person is that event."""
    deadline = asyncio.get_running_loop().time() + 10
    while [name for name, heard in live.events if name.startswith("user_o") and heard[0] == user_id][-1] != event:
        assert asyncio.get_running_loop().time() < deadline, live.events
        await asyncio.sleep(0.05)


async def test_one_blocks_people_and_not_oneself(village: Town) -> None:
    (one,) = await people(village, 1)
    assert problem_of(await one.http.put(f"/api/blocks/{one.id}")) == (400, "invalid_input")
    for nobody in (NOBODY, "nobody"):
        assert problem_of(await one.http.put(f"/api/blocks/{nobody}")) == (404, "user_not_found")
        assert (await one.http.delete(f"/api/blocks/{nobody}")).status_code == 204
    assert await blocked(one) == []


async def test_27_while_one_blocks_the_other_nothing_is_said_and_a_retry_is_answered(village: Town) -> None:
    one, two, three = await people(village, 3)
    chat = await one.create_chat(two)
    group = await one.create_chat(two, three, name="All")
    async with one.online() as mine, two.online() as other:
        sent = await other.send(chat, "before", "before")
        await mine.wait_for("new_message")
        await block(one, two)
        refused = [await other.send(chat, "let me in", "after"), await mine.send(chat, "no", "no")]
        assert [answer["error"]["code"] for answer in refused] == ["not_reachable", "blocked_by_you"]
        assert not refused[0]["error"]["retryable"], "trying again would say it at last when nobody waits for it"
        assert await other.send(chat, "before", "before") == sent, "what is stored is stored"
        message = {"content": "let me in", "encrypted": False, "type": "text"}
        by_http = await two.http.put(f"/api/chats/{chat}/messages/after", json=message)
        assert problem_of(by_http) == (409, "not_reachable")
        assert (await other.send(group, "in the group", "in-the-group"))["ok"]
        await mine.wait_for("new_message", lambda heard: heard[0]["chatId"] == group)
        await unblock(one, two)
        assert (await other.send(chat, "let me in", "after"))["ok"]
    said = (await one.http.get(f"/api/chats/{chat}/messages")).json()["messages"]
    assert [each["content"] for each in said] == ["before", "let me in"]


async def test_27_who_is_blocked_hears_nothing_of_the_other_in_their_chat(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    async with one.online() as mine, two.online() as other:
        sent = await other.send(chat, "seen?", "seen")
        await mine.wait_for("new_message")
        await block(one, two)
        for live in (mine, other):
            assert (await live.call("join_chat", {"chatId": chat}))["online"] == []
        assert (await mine.call("typing", {"chatId": chat}))["ok"]
        assert (await mine.call("read_receipt", {"chatId": chat, "seq": sent["seq"]}))["ok"]
        await mine.wait_for("message_read")
        await other.call("sync", {"cursors": {}})
        assert [other.heard(event) for event in ("user_typing", "message_read")] == [[], []]
    theirs = (await two.http.get(f"/api/chats/{chat}")).json()["participants"]
    assert [each["sharedReadSeq"] for each in theirs if each["userId"] == one.id] == [0]


async def test_blocks_outlive_the_server(tmp_path: Path) -> None:
    with Server(tmp_path) as running:
        town = Town(running.url)
        one, two = await people(town, 2)
        chat = await one.create_chat(two)
        await block(one, two)
        await town.close()
    with Server(tmp_path) as running:
        town = Town(running.url)
        async with town.visitor() as again:
            await again.post("/api/auth/login", json={"identifier": two.username, "password": two.password})
            message = {"content": "let me in", "encrypted": False, "type": "text"}
            answer = await again.put(f"/api/chats/{chat}/messages/after", json=message)
            assert problem_of(answer) == (409, "not_reachable")
        await town.close()
