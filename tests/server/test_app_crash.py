"""The end of the server in the middle of sending: what was acknowledged is there, once, in order.

SIGKILL stands for a crash; what a power cut takes back is tested where the log meets the disk (`tests/contracts`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.harness.people import Live, Person, Town
from tests.harness.server import Server


@pytest.fixture
def server(server_on_each_store: Server) -> Server:
    """On SQLite, PostgreSQL and MongoDB."""
    return server_on_each_store


#: Messages that one person keeps unacknowledged at any time.
IN_FLIGHT = 32
#: How many of each person's messages are sent again in the end: a slow stop may have let thousands through.
AGAIN = 150
#: seconds in which it serves again, not counted what other programs took from it
READY_WITHIN = 5.0


async def _talk(live: Live, person: Person, chat_id: str, acked: dict[str, Any], enough: asyncio.Event) -> None:
    """Send until the server is gone; `acked` gets every acknowledgement, by clientId."""
    window = asyncio.Semaphore(IN_FLIGHT)
    number = 0

    def on_ack(client_id: str, answer: Any) -> None:
        assert answer["ok"] is True, answer
        acked[client_id] = answer
        window.release()
        if len(acked) >= 200:
            enough.set()

    while True:
        await window.acquire()
        client_id = f"{person.username}-{number}"
        number += 1
        message = {"chatId": chat_id, "clientId": client_id, "content": client_id, "encrypted": False}
        await live.client.emit("send_message", message, callback=lambda answer, key=client_id: on_ack(key, answer))


@pytest.mark.parametrize("end", [Server.kill, Server.stop], ids=["kill-9", "SIGTERM"])
async def test_ending_while_sending_loses_no_acked_message(
    server: Server, town: Town, end: Callable[[Server], object]
) -> None:
    people = [await town.sign_up("asha"), await town.sign_up("bala")]
    chat_id = await people[0].create_chat(people[1])
    acked: list[dict[str, Any]] = [{}, {}]
    enough = asyncio.Event()
    async with people[0].online() as first, people[1].online() as second:
        senders = [
            asyncio.create_task(_talk(live, person, chat_id, into, enough))
            for live, person, into in zip((first, second), people, acked, strict=True)
        ]
        await asyncio.wait_for(enough.wait(), 20)
        await asyncio.to_thread(end, server)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)

    server.fresh = True
    began = time.monotonic()
    await asyncio.to_thread(server.start)
    assert time.monotonic() - began - server.hindered < READY_WITHIN

    log = await people[0].history(chat_id)
    assert [message["seq"] for message in log] == list(range(1, len(log) + 1))
    by_client_id = {(message["senderId"], message["clientId"]): message for message in log}
    assert len(by_client_id) == len(log), "a message is stored twice"
    for person, answers in zip(people, acked, strict=True):
        for client_id, answer in answers.items():
            stored = by_client_id[person.id, client_id]
            assert (stored["id"], stored["seq"]) == (answer["id"], answer["seq"])

    # a client that never heard of the acknowledgement sends again: the same message, or the missing one, once
    for person, answers in zip(people, acked, strict=True):
        for number in range(max(0, len(answers) - AGAIN), len(answers) + IN_FLIGHT):
            client_id = f"{person.username}-{number}"
            answer = await person.put(chat_id, client_id, client_id)
            known = by_client_id.get((person.id, client_id))
            assert answer.status_code == (200 if known else 201)
            assert known is None or answer.json()["id"] == known["id"]
    healed = await people[1].history(chat_id)
    assert [message["seq"] for message in healed] == list(range(1, len(healed) + 1))
    assert len({message["id"] for message in healed}) == len(healed)
