"""kill -9 while sending (reliability.md): no acknowledged message is lost, and the next process may write at once."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

import pytest

from batiyoun.chats.model import Replayed
from batiyoun.runtime import Runtime
from batiyoun.storage.sqlite import SqliteChatLog, StoreInUse
from tests.contracts.chat_stores import draft, read_all
from tests.faults.sender import SENDERS

ROOT = Path(__file__).parents[2]


async def run_and_kill(path: Path, run: str, seconds: float) -> tuple[str, dict[str, tuple[str, int]]]:
    """(chat id, clientId → (id, seq) of what was acknowledged) of a sender that was killed after its first ack."""
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.sender", str(path), run, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert sender.stdout is not None
    chat = (await sender.stdout.readline()).split()[1].decode()
    lines = [await sender.stdout.readline()]
    with pytest.raises(StoreInUse):
        await SqliteChatLog(path).open()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lines.append(await sender.stdout.readline())
    sender.kill()
    rest, _ = await sender.communicate()
    lines += rest.splitlines()
    acks = (line.decode().split() for line in lines if line.count(b" ") == 3)
    return chat, {client_id: (message_id, int(seq)) for _, client_id, message_id, seq in acks}


async def check(path: Path, chat_id: str, acked: dict[str, tuple[str, int]]) -> None:
    """Everything acknowledged is there, once, in its place; a retry gets the same answer; the log goes on."""
    store = SqliteChatLog(path, Runtime())
    started = time.monotonic()
    await store.open()
    assert time.monotonic() - started < 5
    try:
        log = await read_all(store, chat_id)
        assert [envelope.seq for envelope in log] == list(range(1, len(log) + 1))
        places = {envelope.client_id: (envelope.id, envelope.seq) for envelope in log}
        assert len(places) == len(log)
        assert acked.items() <= places.items()
        # each sender had one message under way per kill at most
        kills = len({client_id.split(".")[0] for client_id in acked})
        assert len(log) <= len(acked) + kills * SENDERS
        for client_id in list(acked)[-5:]:
            retry = draft(chat_id, "ann", client_id * 20, client_id=client_id)
            [outcome] = await store.append([retry])
            assert isinstance(outcome, Replayed)
            assert (outcome.envelope.id, outcome.envelope.seq) == acked[client_id]
    finally:
        await store.close()


async def kill_again_and_again(path: Path, times: int, seed: int) -> None:
    """One file, many lives."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    acked: dict[str, tuple[str, int]] = {}
    for life in range(times):
        chat, more = await run_and_kill(path, f"run{life}", chance.uniform(0.05, 0.5))
        assert more
        acked |= more
        if life % 2 == 0:  # every other life starts from what the kill left, unread by anybody
            await check(path, chat, acked)
    await check(path, chat, acked)


async def test_no_acknowledged_message_is_lost(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path / "log.db", times=3, seed=1)


@pytest.mark.soak
async def test_no_acknowledged_message_is_lost_in_many_kills(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path / "log.db", times=60, seed=2)


async def test_the_check_finds_a_lost_message(tmp_path: Path) -> None:
    """The control: an ack for something that was never stored."""
    path = tmp_path / "log.db"
    chat, acked = await run_and_kill(path, "run0", 0.05)
    with pytest.raises(AssertionError):
        await check(path, chat, acked | {"run0.0.999999": ("nowhere", 1)})
