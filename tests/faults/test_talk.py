"""People talk while the one server they have is killed, restarted or frozen: criterion P holds (reliability.md)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.talk.history import History
from tests.faults.talk.people import Talker, record_log
from tests.harness.people import Town
from tests.harness.server import ROOT, Server

Fault = Callable[[Server], Awaitable[None]]
#: noticed soon, so that a frozen server is given up on within the test
PATIENT = {"PING_INTERVAL_MS": "1000", "PING_TIMEOUT_MS": "1000"}


async def kill(server: Server) -> None:
    server.kill()
    await asyncio.to_thread(server.start)


async def restart(server: Server) -> None:
    await asyncio.to_thread(server.restart)


async def freeze(server: Server) -> None:
    os.kill(server.pid, signal.SIGSTOP)
    await asyncio.sleep(3)
    os.kill(server.pid, signal.SIGCONT)


#: acknowledged messages before the next fault and after the last: a history worth judging, on machines of any speed
ENOUGH = 16
#: seconds that they may take
LONG = 60


async def more_is_said(history: History) -> None:
    """Until that many more messages were acknowledged."""
    before = len(history.acknowledged)
    async with asyncio.timeout(LONG):
        while len(history.acknowledged) < before + ENOUGH:  # noqa: ASYNC110  # answers come in by themselves
            await asyncio.sleep(0.05)


async def talk_through(server: Server, faults: list[Fault], seed: int) -> History:
    """Three people in one group; every fault comes while they talk."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    town, history = Town(server.url), History()
    try:
        people = [await town.sign_up(name) for name in ("asha", "bala", "chitra")]
        group = await people[0].create_chat(*people[1:], name="Talk")
        talkers = [Talker(person, group, [server.url], history, chance) for person in people]
        async with asyncio.TaskGroup() as tasks:
            for talker in talkers:
                tasks.create_task(talker.talk())
            try:
                for fault in faults:
                    await more_is_said(history)
                    await asyncio.sleep(chance.uniform(0, 0.5))
                    await fault(server)
                await more_is_said(history)
            finally:
                for talker in talkers:
                    talker.stop()
        for talker in talkers:
            await talker.heal(server.url)
        await record_log(history, people[0], group)
    finally:
        await town.close()
    return history


@pytest.mark.parametrize("faults", [[kill], [restart], [freeze]], ids=["kill", "restart", "freeze"])
async def test_p_holds(tmp_path: Path, faults: list[Fault]) -> None:
    with Server(tmp_path, **PATIENT) as server:
        history = await talk_through(server, faults, seed=1)
    assert history.violations() == []


async def test_a_server_that_acknowledges_first_is_found_out(tmp_path: Path) -> None:
    """The control: P1 is what it breaks."""
    lie = f"import sys; sys.path[0] = {str(ROOT)!r}; from tests.faults.talk.broken import lie; lie()"
    with Server(tmp_path, (sys.executable, "-c", lie, "serve"), **PATIENT) as server:
        history = await talk_through(server, [kill], seed=4)
    assert any(sentence.startswith("P1") for sentence in history.violations())


@pytest.mark.soak
async def test_p_holds_for_a_long_time(tmp_path: Path) -> None:
    chance = random.Random(20)  # noqa: S311
    with Server(tmp_path, **PATIENT) as server:
        history = await talk_through(server, [chance.choice([kill, restart, freeze]) for _ in range(60)], seed=5)
    assert history.violations() == []
