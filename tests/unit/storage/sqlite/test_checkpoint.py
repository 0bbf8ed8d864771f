"""Checkpoints: off the loop, in step with the syncs, and the WAL starts over."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from batiyoun.chats.durability import DurabilityLost
from batiyoun.chats.model import Chat
from batiyoun.storage.sqlite.checkpoint import move_pages
from batiyoun.storage.sqlite.schema import connect
from tests.contracts.chat_stores import Scene, draft, stored
from tests.unit.storage.sqlite.conftest import Disk, OpenLog


async def talk(scene: Scene, chat: Chat, messages: int) -> None:
    """Fill the WAL."""
    for _ in range(messages):
        await scene.say(chat, "ann", "x" * 3_000)


def restarts(folder: Path) -> int:
    """How often the WAL started over: https://www.sqlite.org/fileformat2.html#walformat, offset 12."""
    with (folder / "log.db-wal").open("rb") as wal:
        return int.from_bytes(wal.read(16)[12:], "big")


async def test_the_wal_starts_over_instead_of_growing(open_log: OpenLog, tmp_path: Path) -> None:
    async with open_log(checkpoint_pages=50) as scene:
        chat = await scene.group()
        sent = 0
        while restarts(tmp_path) < 4:
            await talk(scene, chat, 20)
            sent += 20
            assert sent < 10_000
        assert len(await scene.bodies(chat)) == sent
    assert not (tmp_path / "log.db-wal").exists()


async def test_nothing_waits_for_the_disk_on_the_loop(open_log: OpenLog, disk: Disk) -> None:
    moves: list[str] = []

    def move(connection: sqlite3.Connection) -> tuple[int, int]:
        moves.append(threading.current_thread().name)
        return move_pages(connection)

    async with open_log(checkpoint_pages=50, move=move) as scene:
        await talk(scene, await scene.group(), 200)
    kinds = {name.rsplit("_", 1)[0] for name in moves}
    assert kinds == {"log-checkpoint", "log-disk"}
    assert {name.rsplit("_", 1)[0] for name in disk.threads} == {"log-disk"}


async def test_commits_and_reads_go_on_during_the_bulk(open_log: OpenLog) -> None:
    moving, enough = threading.Event(), threading.Event()

    def move(connection: sqlite3.Connection) -> tuple[int, int]:
        if not moving.is_set():
            moving.set()
            assert enough.wait(20)
        return move_pages(connection)

    async with open_log(checkpoint_pages=20, move=move) as scene:
        chat = await scene.group()
        while not moving.is_set():
            await talk(scene, chat, 1)
        before = len(await scene.bodies(chat))
        await talk(scene, chat, 5)
        assert len(await scene.bodies(chat)) == before + 5
        enough.set()


async def test_writes_wait_for_the_end_and_lose_nothing(open_log: OpenLog) -> None:
    ending, enough = threading.Event(), threading.Event()

    def move(connection: sqlite3.Connection) -> tuple[int, int]:
        if threading.current_thread().name.startswith("log-disk"):
            ending.set()
            assert enough.wait(20)
        return move_pages(connection)

    async with open_log(checkpoint_pages=20, move=move) as scene:
        chat = await scene.group()
        sent = 0
        waiting: list[asyncio.Task[None]] = []
        while not ending.is_set():
            waiting.append(asyncio.create_task(talk(scene, chat, 1)))
            sent += 1
            await asyncio.sleep(0.005)
        late = [
            asyncio.create_task(scene.store.append([draft(chat, "ann", "late")])),
            asyncio.create_task(scene.store.get(chat.id)),
            asyncio.create_task(scene.direct("ann", "bob")),
        ]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in late)
        # history is read elsewhere and does not wait
        assert len(await scene.bodies(chat)) <= sent
        enough.set()
        await asyncio.gather(*waiting, *late)
        assert len(await scene.bodies(chat)) == sent + 1


async def test_a_long_read_keeps_the_wal_and_nothing_else(open_log: OpenLog, tmp_path: Path) -> None:
    """A backup reads an old state for minutes; the log goes on, and the WAL is emptied afterwards."""
    async with open_log(checkpoint_pages=30) as scene:
        chat = await scene.group()
        await talk(scene, chat, 10)
        with closing(connect(tmp_path / "log.db", reader=True)) as backup:
            backup.execute("begin")
            before = backup.execute("select count(*) from log").fetchone()
            await talk(scene, chat, 50)
            count = restarts(tmp_path)
            await talk(scene, chat, 150)
            assert restarts(tmp_path) == count
            assert backup.execute("select count(*) from log").fetchone() == before
        sent = 210
        while restarts(tmp_path) == count:
            await talk(scene, chat, 20)
            sent += 20
            assert sent < 10_000
        assert len(await scene.bodies(chat)) == sent


def failing(name: str) -> Callable[[sqlite3.Connection], tuple[int, int]]:
    """A checkpoint that SQLite gives up with that error."""

    def move(_: sqlite3.Connection) -> tuple[int, int]:
        error = sqlite3.OperationalError("simulated")
        error.sqlite_errorname = name
        raise error

    return move


async def test_a_checkpoint_without_space_harms_nobody(open_log: OpenLog, disk: Disk) -> None:
    """The WAL is complete; the next checkpoint moves it."""
    async with open_log(checkpoint_pages=20, move=failing("SQLITE_FULL")) as scene:
        chat = await scene.group()
        await talk(scene, chat, 100)
        assert len(await scene.bodies(chat)) == 100
    assert disk.ends == []
    async with open_log() as scene:
        assert len(await scene.bodies(chat)) == 100
        assert stored(await scene.one(draft(chat, "ann"))).seq == 101


async def test_a_checkpoint_that_cannot_sync_ends_the_process(open_log: OpenLog, disk: Disk) -> None:
    async with open_log(checkpoint_pages=60, move=failing("SQLITE_IOERR_FSYNC")) as scene:
        chat = await scene.group()
        with pytest.raises(DurabilityLost):
            await talk(scene, chat, 100)
        assert len(disk.ends) == 1


@pytest.mark.parametrize("reader", [False, True])
def test_how_connections_are_set_up(tmp_path: Path, reader: bool) -> None:
    """`synchronous=normal`: with `off` a checkpoint would copy frames that are not on the disk."""
    with closing(connect(tmp_path / "x.db", reader=reader)) as connection:

        def pragma(name: str) -> int:
            return int(connection.execute(f"pragma {name}").fetchone()[0])

        assert pragma("synchronous") == 1
        assert pragma("wal_autocheckpoint") == 0
        assert pragma("busy_timeout") == 0
        assert pragma("secure_delete") == 1
        assert pragma("query_only") == int(reader)
