"""The load generator for Matrix servers: pairs in a closed loop, over HTTP on loopback.

python -m benchmarks.load.matrix reads one `MatrixPairs` from standard input and answers with a `Throughput`.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import msgspec
import uvloop

from benchmarks.accounting import Meter
from benchmarks.load.connection import Broken
from benchmarks.load.jobs import Answer, Failed, Throughput

#: accounts and rooms that are made at the same time
TOGETHER = 8
#: seconds; Synapse answers in its own time under load
TIMEOUT = 120.0


class MatrixPairs(msgspec.Struct, frozen=True):
    """In each of `pairs` rooms of two, one keeps `window` messages in flight and the other syncs."""

    port: int
    pids: Sequence[int]
    pairs: int
    window: int
    content: int
    warmup: float
    seconds: float


class Client:
    """One person."""

    def __init__(self, http: aiohttp.ClientSession, port: int) -> None:
        self._http = http
        self._base = f"http://127.0.0.1:{port}/_matrix/client/v3"
        self._headers: dict[str, str] = {}
        self.user_id = ""

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """One request. Raises `Broken` unless it is answered with 200."""
        address = self._base + path
        async with self._http.request(method, address, json=body, params=query, headers=self._headers) as answer:
            if answer.status != 200:
                msg = f"{method} {path}: {answer.status} {(await answer.text())[:200]}"
                raise Broken(msg)
            return await answer.json()

    async def sign_up(self, name: str) -> None:
        """Make an account and take its token."""
        account = {"username": name, "password": "benchmark", "auth": {"type": "m.login.dummy"}}
        made = await self.ask("POST", "/register", account)
        self.user_id = made["user_id"]
        self._headers = {"Authorization": f"Bearer {made['access_token']}"}


class Pair:
    """Two people and their room."""

    def __init__(self, sender: Client, receiver: Client, room: str, since: str) -> None:
        self.sender = sender
        self.receiver = receiver
        self.room = room
        self.received = 0
        self._since = since

    @classmethod
    async def make(cls, http: aiohttp.ClientSession, port: int, number: int) -> Pair:
        """Sign both up and put them into an unencrypted room."""
        sender, receiver = Client(http, port), Client(http, port)
        await sender.sign_up(f"sender{number}")
        await receiver.sign_up(f"receiver{number}")
        wanted = {"invite": [receiver.user_id], "preset": "trusted_private_chat"}
        room = (await sender.ask("POST", "/createRoom", wanted))["room_id"]
        await receiver.ask("POST", f"/join/{room}", {})
        since = (await receiver.ask("GET", "/sync"))["next_batch"]
        return cls(sender, receiver, room, since)

    async def receive(self) -> None:
        """Sync for ever."""
        only = '{"room":{"timeline":{"limit":100}}}'
        while True:
            got = await self.receiver.ask("GET", "/sync", since=self._since, timeout="10000", filter=only)
            self._since = got["next_batch"]
            joined = got.get("rooms", {}).get("join", {}).get(self.room, {})
            events = joined.get("timeline", {}).get("events", [])
            self.received += sum(event["type"] == "m.room.message" for event in events)


async def run_pairs(job: MatrixPairs) -> Throughput:
    """Make everybody, load, and count what was acknowledged between two instants."""
    async with AsyncExitStack() as stack:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=TIMEOUT)
        )
        http = await stack.enter_async_context(session)
        gate = asyncio.Semaphore(TOGETHER)

        async def make(number: int) -> Pair:
            async with gate:
                return await Pair.make(http, job.port, number)

        pairs = await asyncio.gather(*(make(number) for number in range(job.pairs)))
        acked = 0
        running = True
        numbers = itertools.count()
        message = {"msgtype": "m.text", "body": "x" * job.content}

        async def send(pair: Pair) -> None:
            nonlocal acked
            while running:
                await pair.sender.ask("PUT", f"/rooms/{pair.room}/send/m.room.message/{next(numbers)}", message)
                acked += 1

        meter = Meter(job.pids)

        def snapshot() -> tuple[float, int, int, float, float]:
            received = sum(pair.received for pair in pairs)
            return time.perf_counter(), acked, received, meter.read().cpu, time.process_time()

        receiving = [asyncio.create_task(pair.receive()) for pair in pairs]
        sending = [asyncio.create_task(send(pair)) for pair in pairs for _ in range(job.window)]
        await asyncio.sleep(job.warmup)
        begin = snapshot()
        await asyncio.sleep(job.seconds)
        end = snapshot()
        running = False
        await asyncio.gather(*sending)
        for task in receiving:
            task.cancel()
        failed = [each for each in await asyncio.gather(*receiving, return_exceptions=True) if isinstance(each, Broken)]
        if failed:
            raise failed[0]
    seconds, messages, deliveries, cpu, generator = (b - a for a, b in zip(begin, end, strict=True))
    return Throughput(seconds, int(messages), int(deliveries), cpu, generator)


async def main() -> None:
    """Do the one job."""
    answer: Answer
    try:
        answer = await run_pairs(msgspec.json.decode(sys.stdin.buffer.readline(), type=MatrixPairs))
    except Exception as exc:
        answer = Failed(f"{type(exc).__name__}: {exc}")
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")


if __name__ == "__main__":
    uvloop.run(main())
