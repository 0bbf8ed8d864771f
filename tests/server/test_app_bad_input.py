"""Bad input at the doors of the whole app: a stable code, a sentence, a way out, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import httpx
import pytest

from tests.harness.people import PASSWORD, Person, Town
from tests.harness.server import Server

NOBODYS = "01890000-0000-7000-8000-000000000000"


def check_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """An RFC 9457 problem with our code, and a sentence for a person."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    assert problem["detail"].endswith(".")
    assert isinstance(problem["retryable"], bool)
    return problem


def check_refusal(ack: Any, code: str) -> dict[str, Any]:
    """An acknowledgement that refuses with our code, and a sentence for a person."""
    assert ack["ok"] is False, ack
    error: dict[str, Any] = ack["error"]
    assert error["code"] == code, error
    assert error["message"].endswith(".")
    return error


@pytest.fixture
async def pair(shared_town: Town) -> tuple[Person, Person, str]:
    """Two people and their chat."""
    asha, bala = await shared_town.sign_up("asha"), await shared_town.sign_up("bala")
    return asha, bala, await asha.create_chat(bala)


async def test_wrong_types_name_the_field(pair: tuple[Person, Person, str]) -> None:
    asha, _, chat_id = pair
    problem = check_problem(
        await asha.http.post("/api/chats", json={"type": 7, "participants": "x"}), 400, "invalid_input"
    )
    assert problem["fields"]
    answer = await asha.http.put(
        f"/api/chats/{chat_id}/messages/x", content=b'{"content": ', headers={"Content-Type": "application/json"}
    )
    check_problem(answer, 400, "invalid_input")
    async with asha.online() as live:
        payloads: list[Any] = [
            None,
            7,
            "text",
            [],
            {"chatId": 7},
            {"chatId": chat_id, "content": {"$ne": 1}, "encrypted": False},
        ]
        for payload in payloads:
            check_refusal(await live.call("send_message", payload), "invalid_input")
        wrong = await live.call("send_message", {"chatId": chat_id, "content": 7, "encrypted": False})
        assert "content" in check_refusal(wrong, "invalid_input")["fields"]
        assert (await live.send(chat_id, "still here", "a-1"))["ok"] is True
    assert [message["content"] for message in await asha.history(chat_id)] == ["still here"]


async def test_oversized_bodies_are_refused(pair: tuple[Person, Person, str]) -> None:
    asha, _, chat_id = pair
    check_problem(await asha.put(chat_id, "x" * 2_000_000), 413, "payload_too_large")
    check_problem(await asha.put(chat_id, "x" * 5_001), 400, "invalid_input")
    async with asha.online() as live:
        check_refusal(await live.send(chat_id, "x" * 5_001, "a-1"), "invalid_input")
    assert await asha.history(chat_id) == []


async def test_a_packet_over_the_limit_closes_only_its_connection(pair: tuple[Person, Person, str]) -> None:
    asha, bala, chat_id = pair
    async with bala.online() as there:
        async with asha.online() as here:
            gone = asyncio.Event()
            here.client.on("disconnect", lambda *_: gone.set())
            await here.client.emit("send_message", {"chatId": chat_id, "content": "x" * 2_000_000})
            await asyncio.wait_for(gone.wait(), 10)
        assert (await there.send(chat_id, "unharmed", "b-1"))["ok"] is True


async def test_unknown_events_are_answered(pair: tuple[Person, Person, str]) -> None:
    asha, _, _ = pair
    async with asha.online() as live:
        for event in ("drop_table", "__proto__", "constructor", "new_message"):
            check_refusal(await live.call(event, {}), "unknown_event")
        assert (await live.call("sync", {"cursors": {}}))["ok"] is True


async def test_16_17_a_foreign_origin_is_refused_on_every_door(
    shared_server: Server, pair: tuple[Person, Person, str]
) -> None:
    asha, _, chat_id = pair
    for origin in ("https://evil.example", "null"):
        headers = {"Origin": origin}
        body = {"content": "x", "encrypted": False}
        answer = await asha.http.put(f"/api/chats/{chat_id}/messages/x", json=body, headers=headers)
        check_problem(answer, 403, "foreign_origin")
        polling = await asha.http.get("/socket.io/?EIO=4&transport=polling", headers=headers)
        assert polling.status_code == 403
        async with aiohttp.ClientSession(headers={"Cookie": asha.cookie, "Origin": origin}) as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{shared_server.url}/socket.io/?EIO=4&transport=websocket")
            assert refused.value.status == 403
    assert await asha.history(chat_id) == []


async def test_a_stranger_s_chat_looks_like_none(shared_town: Town, pair: tuple[Person, Person, str]) -> None:
    _, _, chat_id = pair
    chand = await shared_town.sign_up("chand")
    answers = [
        (
            await chand.http.get(f"/api/chats/{each}"),
            await chand.http.get(f"/api/chats/{each}/messages"),
            await chand.http.get(f"/api/chats/{each}/receipts"),
            await chand.put(each, "hello?"),
            await chand.http.patch(f"/api/chats/{each}", json={"name": "mine"}),
            await chand.http.post(f"/api/chats/{each}/members", json={"userIds": [chand.id]}),
            await chand.http.post(f"/api/chats/{each}/receipts", json={"seq": 1}),
            await chand.http.post(f"/api/chats/{each}/leave", json={}),
        )
        for each in (chat_id, NOBODYS)
    ]
    for there, nowhere in zip(*answers, strict=True):
        assert check_problem(there, 404, "chat_not_found") == check_problem(nowhere, 404, "chat_not_found")
    async with chand.online() as live:
        for event in ("join_chat", "typing", "send_message", "read_receipt", "delivery_receipt"):
            payload = {"chatId": chat_id, "content": "x", "encrypted": False, "seq": 1}
            there_ack, nowhere_ack = (
                await live.call(event, payload),
                await live.call(event, payload | {"chatId": NOBODYS}),
            )
            assert check_refusal(there_ack, "chat_not_found") == check_refusal(nowhere_ack, "chat_not_found")


async def test_a_client_id_twice_is_one_message(pair: tuple[Person, Person, str]) -> None:
    asha, bala, chat_id = pair
    async with asha.online() as live:
        first = await live.send(chat_id, "once", "a-1")
        assert await live.send(chat_id, "once", "a-1") == first
        check_refusal(await live.send(chat_id, "another body", "a-1"), "client_id_reused")
    replay = await asha.put(chat_id, "once", "a-1")
    assert (replay.status_code, replay.json()["id"]) == (200, first["id"])
    check_problem(await asha.put(chat_id, "another body", "a-1"), 409, "client_id_reused")
    # somebody else's clientId is another one
    assert (await bala.put(chat_id, "mine", "a-1")).status_code == 201
    assert [message["content"] for message in await bala.history(chat_id)] == ["once", "mine"]


async def test_parallel_retries_are_one_message(pair: tuple[Person, Person, str]) -> None:
    asha, _, chat_id = pair
    answers = await asyncio.gather(*(asha.put(chat_id, "once", "a-1") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await asha.history(chat_id)) == 1


async def test_a_username_taken_in_a_race_goes_to_one(shared_town: Town) -> None:
    async with shared_town.visitor() as http:
        wishes = [
            {"email": f"dilip{number}@example.org", "username": name, "password": PASSWORD}
            for number, name in enumerate(["dilip", "Dilip", "DILIP", "dilip"])
        ]
        answers = await asyncio.gather(*(http.post("/api/auth/signup", json=wish) for wish in wishes))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        for answer in answers:
            if not answer.is_success:
                check_problem(answer, 409, "username_taken")


async def test_nobody_gets_in_without_signing_in(shared_server: Server) -> None:
    async with httpx.AsyncClient(base_url=shared_server.url) as http:
        for path in ("/api/chats", "/api/users/me", "/api/users/search?q=a", "/api/auth/verify-me"):
            check_problem(await http.get(path), 401, "unauthenticated")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{shared_server.url}/socket.io/?EIO=4&transport=websocket") as socket,
    ):
        assert (await socket.receive_str()).startswith("0{")
        await socket.send_str("40")
        answer = await socket.receive_str()
        assert answer.startswith("44"), answer
        assert json.loads(answer[2:])["data"]["code"] == "unauthenticated"


async def test_a_body_that_is_cut_off_is_no_failure_of_the_server(
    shared_server: Server, pair: tuple[Person, Person, str]
) -> None:
    """A browser that is closed while it sends: nobody gets an answer, and no operator looks for a fault."""
    asha, _, chat_id = pair
    head = {
        "Host": asha.http.base_url.netloc.decode(),
        "Cookie": asha.cookie,
        "Content-Type": "application/json",
        "Content-Length": "1000",
    }
    lines = [f"POST /api/chats/{chat_id}/commits HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    _, writer = await asyncio.open_connection(asha.http.base_url.host, asha.http.base_url.port)
    writer.write("\r\n".join([*lines, "", '{"commitId": "cut']).encode())
    await writer.drain()
    writer.close()
    told: list[str] = []
    async with asyncio.timeout(20):
        while not any(" INFO batiyoun.access " in line for line in told):
            await asyncio.sleep(0.02)
            told = [line for line in shared_server.output.splitlines() if "/commits" in line]
    assert len(told) == 1, told
    assert " 400 " in told[0]
