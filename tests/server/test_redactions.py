"""Deleting a message for everybody, over the real server and every message store."""

from __future__ import annotations

from typing import Any

import httpx

from tests.harness.people import Person, Town
from tests.harness.server import Server

SECRET = "the-key-is-under-the-mat"


async def redact(person: Person, chat: str, seq: int) -> httpx.Response:
    """Ask for it."""
    return await person.http.post(f"/api/chats/{chat}/redactions", json={"seq": seq})


def outcome(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def gone(message: dict[str, Any]) -> bool:
    """Whether it is a tombstone."""
    left = (message["type"], message["content"], message["iv"], message["mls"], message["metadata"], message["notify"])
    return left == ("redacted", "", None, None, {}, False)


async def test_everybody_hears_of_it_and_the_content_is_gone(server_on_each_store: Server) -> None:
    town = Town(server_on_each_store.url)
    asha, ravi = [await town.sign_up(name) for name in ("asha", "ravi")]
    chat = await asha.create_chat(ravi)
    said = (await asha.put(chat, SECRET, "slip")).json()
    async with ravi.online() as live:
        answer = await redact(asha, chat, said["seq"])
        assert answer.status_code == 200, answer.text
        (heard,) = await live.wait_for("new_message", lambda args: args[0]["seq"] == 2)
    assert (heard["kind"], heard["type"], heard["senderId"]) == ("system", "redacted", asha.id)
    assert heard["metadata"] == {"seq": 1, "messageId": said["id"]}
    # again it says the same, and a retry of the message brings nothing back
    assert (await redact(asha, chat, said["seq"])).json() == answer.json()
    assert (await asha.put(chat, SECRET, "slip")).json()["seq"] == 1
    first, note = await ravi.history(chat)
    assert gone(first)
    assert (first["id"], first["senderId"], note) == (said["id"], asha.id, heard)
    assert SECRET not in (await ravi.http.get("/api/chats")).text
    await town.close()


async def test_who_may(town: Town) -> None:
    owner, bob, meera, stranger = [await town.sign_up(name) for name in ("owner", "bob", "meera", "stranger")]
    group = await owner.create_chat(bob, meera, name="Ghat")
    for number, person in enumerate((owner, bob, bob, meera), 1):
        assert (await person.put(group, f"message {number}")).json()["seq"] == number
    assert outcome(await redact(bob, group, 1)) == (403, "forbidden")
    assert outcome(await redact(meera, group, 3)) == (403, "forbidden")
    assert outcome(await redact(stranger, group, 1)) == (404, "chat_not_found")
    assert (await redact(bob, group, 2)).status_code == 200
    assert (await redact(owner, group, 3)).status_code == 200
    # what says so is no message, and neither is what comes after the end
    for seq in (5, 99, 2**53):
        assert outcome(await redact(owner, group, seq)) == (404, "not_found")
    assert outcome(await redact(owner, group, 0)) == (400, "invalid_input")
    shown = {message["seq"]: message for message in await meera.history(group)}
    assert [seq for seq, message in shown.items() if gone(message)] == [2, 3]
    # who came later sees nothing from before, so there is nothing to delete
    assert (await owner.http.post(f"/api/chats/{group}/members", json={"userIds": [stranger.id]})).is_success
    assert outcome(await redact(stranger, group, 1)) == (404, "not_found")
    # who left has no say any more
    assert (await meera.http.post(f"/api/chats/{group}/leave")).is_success
    assert outcome(await redact(meera, group, 4)) == (404, "chat_not_found")
    direct = await bob.create_chat(meera)
    await bob.put(direct, "mine")
    assert outcome(await redact(meera, direct, 1)) == (403, "forbidden")


async def test_nobody_passes_a_message_off_as_deleted(town: Town) -> None:
    owner, bob = [await town.sign_up(name) for name in ("owner", "bob")]
    group = await owner.create_chat(bob, name="Ghat")
    async with bob.online() as live:
        for sealed in ({"encrypted": False}, {"encrypted": True, "iv": "AAAA"}, {"encrypted": True, "mls": "AAAA"}):
            message = {"content": SECRET, "type": "redacted"} | sealed
            answer = await bob.http.put(f"/api/chats/{group}/messages/claim", json=message)
            assert (outcome(answer), answer.json()["fields"]) == ((400, "invalid_input"), {"type": "reserved"})
            error = (await live.call("send_message", message | {"chatId": group, "clientId": "claim"}))["error"]
            assert (error["code"], error["fields"]) == ("invalid_input", {"type": "reserved"})
    assert await owner.history(group) == []


async def test_no_message_is_in_the_way_of_telling(server_on_each_store: Server) -> None:
    town = Town(server_on_each_store.url)
    owner, bob = [await town.sign_up(name) for name in ("owner", "bob")]
    group = await owner.create_chat(bob, name="Ghat")
    await owner.put(group, SECRET, "first")
    # the server's own name for the event, as far as a client can say it
    assert (await owner.put(group, "in the way", "redaction-1")).status_code == 201
    assert outcome(await owner.put(group, "in the way", "!redaction-1")) == (400, "invalid_input")
    async with owner.online() as live:
        answer = await live.send(group, "in the way", "!redaction-1")
        assert answer["error"]["code"] == "invalid_input"
    assert (await redact(owner, group, 1)).status_code == 200
    first, other, told = await bob.history(group)
    assert gone(first)
    assert other["content"] == "in the way"
    assert (told["kind"], told["metadata"]["seq"]) == ("system", 1)
    await town.close()


async def test_no_file_of_an_embedded_server_has_it_any_more(server: Server) -> None:
    town = Town(server.url)
    asha, ravi = [await town.sign_up(name) for name in ("asha", "ravi")]
    chat = await asha.create_chat(ravi)
    await asha.put(chat, SECRET * 100)
    assert any(SECRET.encode() in path.read_bytes() for path in server.data_dir.glob("log.db*"))
    assert (await redact(asha, chat, 1)).status_code == 200
    server.restart()
    assert not any(SECRET.encode() in path.read_bytes() for path in server.data_dir.glob("log.db*"))
    assert gone((await ravi.history(chat))[0])
    server.stop()
    assert "is whole" in server.run("doctor")
    await town.close()
