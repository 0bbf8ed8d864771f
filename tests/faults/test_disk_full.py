"""A full disk (reliability.md): a clean refusal, reads work, sending goes on when space returns."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Chat, NewChat, Receipt, Replayed, Role
from batiyoun.errors import Unavailable
from batiyoun.storage.sqlite import SqliteChatLog
from batiyoun.storage.sqlite.verify import find_damage
from tests.contracts.chat_stores import Clock, Scene, draft, read_all

BODY = "x" * 3_000


@contextmanager
def page_limit(store: SqliteChatLog, path: Path) -> Iterator[None]:
    """SQLite itself says SQLITE_FULL (https://www.sqlite.org/pragma.html#pragma_max_page_count)."""
    writer = store._file.writer
    pages = writer.execute("pragma page_count").fetchone()[0]
    before = writer.execute("pragma max_page_count").fetchone()[0]
    writer.execute(f"pragma max_page_count={pages + 1}")
    try:
        yield
    finally:
        writer.execute(f"pragma max_page_count={before}")


@contextmanager
def file_limit(store: SqliteChatLog, path: Path) -> Iterator[None]:
    """No file may grow much beyond the WAL: write(2) fails, perhaps half-way (setrlimit(2), RLIMIT_FSIZE)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = path.with_name("log.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 5_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def ballast(store: SqliteChatLog, path: Path) -> Iterator[None]:
    """A real full disk where the test got one of its own, otherwise the limit for files."""
    if shutil.disk_usage(path.parent).total > 1 << 20:
        with file_limit(store, path):
            yield
        return
    filler = path.with_name("ballast")
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory with 1 MB in all, if this user may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    yield tmp_path
    if mounted:
        subprocess.run(["umount", str(tmp_path)], check=True)


Full = Callable[[SqliteChatLog, Path], AbstractContextManager[None]]


@pytest.mark.parametrize("full", [page_limit, file_limit, ballast])
async def test_a_full_disk(small_disk: Path, full: Full) -> None:
    path = small_disk / "log.db"
    store = SqliteChatLog(path, Clock().runtime())
    await store.open()
    chat = await Scene(store, Clock()).group("bob")
    published: list[str] = []
    log = Log(store, publish=lambda appended: published.extend(item.envelope.client_id for item in appended))

    async def send(client_id: str) -> Appended | Replayed:
        return await log.send(draft(chat, "ann", BODY, client_id=client_id))

    await send("before")
    acked, refused = ["before"], []
    wish = big_group(chat)
    with full(store, path):
        for number in range(30):
            try:
                await send(f"c{number}")
            except Unavailable:
                refused.append(f"c{number}")
            else:
                acked.append(f"c{number}")
        assert len(refused) > 10
        # reads work; new chats are refused as cleanly, and nothing half-done is left
        assert [envelope.client_id for envelope in await read_all(store, chat.id)] == acked
        assert await store.get(chat.id) is not None
        assert len(await store.list_of("bob", limit=10, before=None)) == 1
        with pytest.raises(Unavailable):
            await store.create(wish)
        assert await store.get(wish.id) is None
        assert len(await store.memberships("bob")) == 1

    for client_id in refused:
        assert isinstance(await send(client_id), Appended)
    for client_id in acked:
        assert isinstance(await send(client_id), Replayed)
    assert published == acked + refused
    log_now = await read_all(store, chat.id)
    assert [envelope.seq for envelope in log_now] == list(range(1, 32))
    assert [envelope.client_id for envelope in log_now] == acked + refused
    assert (await store.create(wish))[1]
    assert len(await store.advance([Receipt(chat.id, "bob", 3, read=True)])) == 1
    await log.close()
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert find_damage(connection, seconds=None) == []


def big_group(chat: Chat) -> NewChat:
    """A chat that needs more pages than are left."""
    roles = {f"{number:0100}": Role.MEMBER for number in range(200)}
    return NewChat("big", "group", "mls", "n" * 100, "ann", roles, None, chat.created_at)
