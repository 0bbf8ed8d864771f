"""Two machines with two realtime processes each, over MongoDB, while one of the processes is killed: criterion P."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.faults.talk.history import History
from tests.faults.talk.people import Door, Poster, Talker, record_log
from tests.harness.installation import Installation
from tests.harness.mongo import Mongod
from tests.harness.people import Town
from tests.harness.postgres import Postgres
from tests.harness.redis import RedisServer, valkey_server

__all__ = ["valkey_server"]

MACHINES, WORKERS = 2, 2
#: seconds in which everybody must be able to send, also after the fault
PATIENCE = 30.0
#: seconds for five processes that start at once, perhaps on a machine that others use as well
START = 60.0
WAYS: list[tuple[str, ...] | None] = [None, ("polling",), ("websocket",)]


class Machines:
    """One for HTTP, and those that people are connected to."""

    def __init__(self, installation: Installation, redis: RedisServer) -> None:
        self.redis = redis
        self.api = installation.server(ROLE="api")
        self.realtime = [
            installation.server("--workers", str(WORKERS), ROLE="realtime", PING_INTERVAL_MS="1000")
            for _ in range(MACHINES)
        ]
        self.all = [self.api, *self.realtime]

    def processes_with(self, chat_id: str) -> int:
        """How many processes have a member of the chat."""
        return int(self.redis.call("PUBSUB", "NUMSUB", f"chat:{chat_id}").rpartition(b":")[2])

    def workers(self, machine: int) -> list[psutil.Process]:
        """The processes of a machine that serve."""
        return psutil.Process(self.realtime[machine].pid).children()


@pytest.fixture
def machines(tmp_path: Path, postgres: Postgres, mongo: Mongod, valkey_server: RedisServer) -> Iterator[Machines]:
    """Running."""
    made = Machines(Installation(tmp_path, postgres, valkey_server, MESSAGES_URL=mongo.url()), valkey_server)
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda server: server.start(START), made.all))
        yield made
    finally:
        for server in made.all:
            server.kill()


async def until_heard(talkers: list[Talker], since: float) -> None:
    """Until everybody's newest acknowledged message began after that."""
    async with asyncio.timeout(PATIENCE):
        while any(talker.heard_at < since for talker in talkers):  # noqa: ASYNC110  # in other processes
            await asyncio.sleep(0.05)


async def test_p_holds_when_a_worker_is_killed(machines: Machines) -> None:
    town, history, chance = Town(machines.api.url), History(), random.Random(7)  # noqa: S311  # repeatable, not secret
    try:
        people = [await town.sign_up(f"worker{number}") for number in range(7)]
        group = await people[0].create_chat(*people[1:], name="Four processes")
        talkers = [
            Talker(person, group, [machines.realtime[number % 2].url], history, chance, Door(WAYS[number % 3]))
            for number, person in enumerate(people[1:])
        ]
        talkers.append(Poster(people[0], group, [machines.api.url], history, chance))
        async with asyncio.TaskGroup() as tasks:
            for talker in talkers:
                tasks.create_task(talker.talk(0.03))
            try:
                await until_heard(talkers, time.monotonic())
                async with asyncio.timeout(PATIENCE):
                    while machines.processes_with(group) < MACHINES * WORKERS:
                        chance.choice(talkers[:-1]).hop()
                        await asyncio.sleep(0.3)
                before = machines.workers(0)
                before[0].kill()
                async with asyncio.timeout(PATIENCE):
                    while len(set(machines.workers(0)) - set(before)) < 1:  # noqa: ASYNC110  # in other processes
                        await asyncio.sleep(0.05)
                await until_heard(talkers, time.monotonic())
            finally:
                for talker in talkers:
                    talker.stop()
        for talker in talkers:
            await talker.heal(machines.api.url)
        await record_log(history, people[0], group)
    finally:
        await town.close()
    assert len(history.acknowledged) > 30
    assert history.violations() == []
