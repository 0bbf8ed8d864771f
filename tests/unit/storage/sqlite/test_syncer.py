"""The syncer: generations, shared syncs, and the end when a sync fails."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from batiyoun.chats.durability import DurabilityLost
from batiyoun.errors import Unavailable
from batiyoun.storage.sqlite.syncer import Syncer, sync_directory, sync_file
from tests.contracts.chat_stores import draft
from tests.unit.storage.sqlite.conftest import Disk, OpenLog


@pytest.fixture
def wal(tmp_path: Path) -> Path:
    """Some file in the place of the WAL."""
    path = tmp_path / "log.db-wal"
    path.write_bytes(b"frames")
    return path


async def begun(wal: Path, disk: Disk) -> Syncer:
    """A syncer of that file."""
    syncer = Syncer(wal, sync=disk.sync, fatal=disk.fatal)
    syncer.open()
    return syncer


def take_away(wal: Path, *, replace: bool) -> None:
    """Somebody cleans up in the data directory."""
    wal.unlink()
    if replace:
        wal.write_bytes(b"another")


async def test_a_generation_is_durable_after_its_sync(wal: Path, disk: Disk) -> None:
    syncer = await begun(wal, disk)
    generation = syncer.committed(newest_ref=7)
    assert syncer.synced < generation
    assert syncer.watermark == 0
    await syncer.wait(generation)
    assert syncer.synced == generation
    assert syncer.watermark == 7
    await syncer.wait(generation)
    syncer.close()


async def test_commits_during_a_sync_share_the_next_one(wal: Path, disk: Disk) -> None:
    syncer = await begun(wal, disk)
    disk.hold()
    first = syncer.committed(newest_ref=1)
    await asyncio.sleep(0.05)
    later = [syncer.committed(newest_ref=ref) for ref in (2, 3, 4)]
    waiting = [asyncio.create_task(syncer.wait(generation)) for generation in (first, *later)]
    woken: list[tuple[int, int]] = []
    syncer.on_synced = lambda: woken.append((syncer.synced, syncer.watermark))
    disk.let()
    await asyncio.gather(*waiting)
    assert len(disk.threads) == 2
    assert woken == [(first, 1), (later[-1], 4)]
    syncer.close()


async def test_a_commit_without_rows_leaves_the_watermark(wal: Path, disk: Disk) -> None:
    syncer = await begun(wal, disk)
    await syncer.wait(syncer.committed(newest_ref=5))
    await syncer.wait(syncer.committed())
    assert syncer.watermark == 5
    syncer.close()


async def test_syncs_happen_in_the_disk_thread(wal: Path, disk: Disk) -> None:
    syncer = await begun(wal, disk)
    await syncer.wait(syncer.committed())
    assert disk.threads
    assert all(name.startswith("log-disk") for name in disk.threads)
    syncer.close()


async def test_a_cancelled_waiter_harms_nobody(wal: Path, disk: Disk) -> None:
    syncer = await begun(wal, disk)
    disk.hold()
    generation = syncer.committed()
    gone, there = (asyncio.create_task(syncer.wait(generation)) for _ in range(2))
    await asyncio.sleep(0.02)
    gone.cancel()
    await asyncio.sleep(0)
    disk.let()
    await there
    syncer.close()


class TestFailure:
    async def test_ends_the_process_once_and_acknowledges_nobody_ever_again(self, wal: Path, disk: Disk) -> None:
        syncer = await begun(wal, disk)
        disk.error = OSError(errno.EIO, "Input/output error")
        first, second = syncer.committed(newest_ref=1), syncer.committed(newest_ref=2)
        waiting = [asyncio.create_task(syncer.wait(generation)) for generation in (first, second)]
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(answer, DurabilityLost) for answer in answers)
        # the kernel says yes to the next sync although it has dropped the pages
        disk.error = None
        with pytest.raises(DurabilityLost):
            await syncer.wait(syncer.committed(newest_ref=3))
        assert len(disk.ends) == 1
        assert syncer.watermark == 0
        syncer.close()

    @pytest.mark.parametrize("what", ["deleted", "replaced"])
    async def test_a_wal_that_is_not_the_named_one_any_more(self, wal: Path, disk: Disk, what: str) -> None:
        """The old descriptor still syncs, but nobody would find the file after a restart."""
        syncer = await begun(wal, disk)
        take_away(wal, replace=what == "replaced")
        with pytest.raises(DurabilityLost, match=what):
            await syncer.wait(syncer.committed())
        assert len(disk.ends) == 1
        assert disk.threads == []
        syncer.close()

    async def test_of_the_log_keeps_the_sender_without_an_ack(self, open_log: OpenLog, disk: Disk) -> None:
        async with open_log() as scene:
            chat = await scene.group()
            disk.error = OSError(errno.EIO, "Input/output error")
            with pytest.raises(DurabilityLost):
                await scene.store.append([draft(chat, "ann")])
            assert disk.ends == ["log.db could not be synced to the disk"]
            with pytest.raises(DurabilityLost):
                await scene.store.append([draft(chat, "ann")])
            with pytest.raises(DurabilityLost):
                await scene.store.get(chat.id)

    async def test_of_a_deleted_wal_under_the_log(self, open_log: OpenLog, disk: Disk, tmp_path: Path) -> None:
        async with open_log() as scene:
            chat = await scene.group()
            (tmp_path / "log.db-wal").unlink()
            with pytest.raises(DurabilityLost):
                await scene.store.append([draft(chat, "ann")])
            assert len(disk.ends) == 1


async def test_a_closed_log_answers_unavailable(open_log: OpenLog) -> None:
    async with open_log() as scene:
        chat = await scene.group()
    with pytest.raises(Unavailable):
        await scene.store.append([draft(chat, "ann")])
    with pytest.raises(Unavailable):
        await scene.store.get(chat.id)


def test_the_real_calls(wal: Path) -> None:
    with wal.open("rb") as file:
        sync_file(file.fileno())
    sync_directory(wal.parent)
    with pytest.raises(OSError, match="Bad file descriptor"):
        sync_file(10_000)
