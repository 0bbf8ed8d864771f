"""Opening log.db: new, old, somebody else's, in use, unwritable; and one door for one writer."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from batiyoun.errors import Unavailable
from batiyoun.storage.sqlite import (
    SqliteChatLog,
    StoreDamaged,
    StoreForeign,
    StoreInUse,
    StoreTooNew,
    StoreUnusable,
    StoreUnwritable,
    schema,
)
from batiyoun.storage.sqlite.lock import WriterLock
from tests.contracts.chat_stores import Scene, draft, stored
from tests.unit.storage.sqlite.conftest import Disk, OpenLog


def version(path: Path) -> int:
    """`PRAGMA user_version`."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


async def test_a_new_file_is_private_and_of_the_newest_version(open_log: OpenLog, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        async with open_log():
            for name in ("log.db", "log.db-wal", "log.db.lock"):
                assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    finally:
        os.umask(before)
    assert version(tmp_path / "log.db") == len(schema.MIGRATIONS)


class TestVersions:
    async def test_an_older_file_is_brought_forward(
        self, open_log: OpenLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with open_log() as scene:
            chat = await scene.group()
            await scene.say(chat, "ann", "kept")
        newest = len(schema.MIGRATIONS)
        steps = ("create table extra(a); insert into extra values (1);", "insert into extra select a + 1 from extra;")
        monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, *steps))
        async with open_log() as scene:
            assert await scene.bodies(chat) == ["kept"]
        assert version(tmp_path / "log.db") == newest + 2
        with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
            assert connection.execute("select a from extra order by a").fetchall() == [(1,), (2,)]

    async def test_a_step_that_fails_leaves_the_version_before(
        self, open_log: OpenLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with open_log():
            pass
        newest = len(schema.MIGRATIONS)
        steps = ("create table extra(a);", "create table other(a); insert into nowhere values (1);")
        with monkeypatch.context() as patch:
            patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, *steps))
            with pytest.raises(StoreUnusable):
                async with open_log():
                    pass
        with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
            tables = {name for (name,) in connection.execute("select name from sqlite_schema")}
        assert ("extra" in tables, "other" in tables) == (True, False)
        assert version(tmp_path / "log.db") == newest + 1

    async def test_a_newer_file_is_refused_untouched(self, open_log: OpenLog, tmp_path: Path) -> None:
        async with open_log():
            pass
        with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
            connection.execute("pragma user_version=99")
        before = (tmp_path / "log.db").read_bytes()
        with pytest.raises(StoreTooNew, match="restore a backup"):
            async with open_log():
                pass
        assert (tmp_path / "log.db").read_bytes() == before

    async def test_a_database_of_something_else_is_refused_untouched(self, open_log: OpenLog, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
            connection.execute("create table theirs(a)")
        before = (tmp_path / "log.db").read_bytes()
        with pytest.raises(StoreForeign, match="BATIYOUN_DATA_DIR"):
            async with open_log():
                pass
        assert (tmp_path / "log.db").read_bytes() == before

    async def test_a_file_that_is_no_database(self, open_log: OpenLog, tmp_path: Path) -> None:
        (tmp_path / "log.db").write_text("Dear diary, " * 500)
        with pytest.raises(StoreDamaged, match="Restore a backup"):
            async with open_log():
                pass


class TestOneWriter:
    async def test_a_second_store_is_refused_with_the_way_out(self, open_log: OpenLog) -> None:
        async with open_log() as scene:
            chat = await scene.group()
            with pytest.raises(StoreInUse, match=rf"process {os.getpid()}\b.*BATIYOUN_DATA_DIR"):
                async with open_log():
                    pass
            assert stored(await scene.one(draft(chat, "ann"))).seq == 1
        async with open_log() as scene:
            assert stored(await scene.one(draft(chat, "ann"))).seq == 2

    async def test_so_is_a_second_process(self, open_log: OpenLog, tmp_path: Path) -> None:
        async with open_log():
            script = (
                "import asyncio, pathlib, sys\n"
                "from batiyoun.storage.sqlite import SqliteChatLog\n"
                "asyncio.run(SqliteChatLog(pathlib.Path(sys.argv[1])).open())"
            )
            second = await asyncio.create_subprocess_exec(
                sys.executable, "-c", script, str(tmp_path / "log.db"), stderr=asyncio.subprocess.PIPE
            )
            _, errors = await second.communicate()
        assert second.returncode == 1
        assert b"StoreInUse: Another Batiyoun (process " in errors

    async def test_a_failed_opening_leaves_the_door_open(self, open_log: OpenLog, tmp_path: Path) -> None:
        (tmp_path / "log.db").write_text("no database " * 500)
        with pytest.raises(StoreDamaged):
            async with open_log():
                pass
        (tmp_path / "log.db").unlink()
        async with open_log() as scene:
            await scene.group()

    async def test_somebody_who_ignores_the_lock_makes_sends_fail_at_once(
        self, open_log: OpenLog, tmp_path: Path
    ) -> None:
        """`busy_timeout=0`: waiting for them would freeze the loop."""
        async with open_log() as scene:
            chat = await scene.group()
            with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as intruder:
                intruder.execute("begin immediate")
                with pytest.raises(Unavailable):
                    await scene.store.append([draft(chat, "ann", "blocked")])
                assert await scene.bodies(chat) == []
                intruder.execute("rollback")
            assert [envelope.seq for envelope in await scene.say(chat, "ann", "free")] == [1]

    def test_the_lock_alone(self, tmp_path: Path) -> None:
        first, second = WriterLock(tmp_path / "log.db"), WriterLock(tmp_path / "log.db")
        first.acquire()
        with pytest.raises(StoreInUse):
            second.acquire()
        first.release()
        first.release()
        second.acquire()
        second.release()


@pytest.mark.parametrize("where", ["missing/log.db", "file/log.db"])
async def test_a_directory_that_cannot_be_used(tmp_path: Path, disk: Disk, where: str) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(StoreUnwritable, match="BATIYOUN_DATA_DIR"):
        await SqliteChatLog(tmp_path / where, sync=disk.sync).open()


async def test_closing_twice_and_opening_again(open_log: OpenLog, tmp_path: Path, disk: Disk) -> None:
    async with open_log() as scene:
        chat = await scene.group()
    store = SqliteChatLog(tmp_path / "log.db", scene.clock.runtime(), sync=disk.sync)
    for number in range(3):
        await store.open()
        assert [e.seq for e in await Scene(store, scene.clock).say(chat, "ann", str(number))] == [number + 1]
        await store.close()
        await store.close()
