"""A server's lives on one message store: started, stopped, crashed, and with a disk that can be held up."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from batiyoun.chats.model import Draft, Outcome
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.messages import MessageStore, message_store
from batiyoun.storage.sqlite import SqliteChatLog


class Lives(Protocol):
    """What a fault test does to a node and its store."""

    @property
    def store(self) -> MessageStore:
        """The store of this life."""
        ...

    async def start(self) -> None:
        """A node on what the last one left."""
        ...

    async def crash(self) -> None:
        """kill -9: from here on the store hears nothing of this life. `stop` follows."""
        ...

    def hold(self) -> None:
        """Nothing becomes durable, or nobody hears that it is, until `let`."""
        ...

    def let(self) -> None:
        """The disk works again."""
        ...


class FileLives:
    """On SQLite: every life has a folder of its own, with the files as the crash left them in the page cache."""

    store: SqliteChatLog

    def __init__(self, folder: Path, runtime: Runtime) -> None:
        self._folder = folder
        self._runtime = runtime
        self._life = 0
        self._disk = threading.Event()
        self._disk.set()

    async def start(self) -> None:
        """See `Lives.start`."""
        path = self._path(self._life)
        path.parent.mkdir(exist_ok=True)
        self.store = SqliteChatLog(
            path, self._runtime, sync=lambda _: self._sync(), checkpoint_pages=30, check_seconds=5
        )
        await self.store.open()

    def _path(self, life: int) -> Path:
        return self._folder / str(life) / "log.db"

    def _sync(self) -> None:
        assert self._disk.wait(30)

    async def crash(self) -> None:
        """See `Lives.crash`. What this life writes from here on is written beside what the next one finds."""
        here, left = self._path(self._life).parent, self._path(self._life + 1).parent
        left.mkdir()
        # the WAL first: a checkpoint may be moving its pages into the database meanwhile
        for name in ("log.db-wal", "log.db"):
            shutil.copyfile(here / name, left / name)
        self._life += 1

    def hold(self) -> None:
        """See `Lives.hold`."""
        self._disk.clear()

    def let(self) -> None:
        """See `Lives.let`."""
        self._disk.set()


class _Held:
    """The way to a server, closed before a batch goes out and before its answer comes back."""

    def __init__(self, store: MessageStore) -> None:
        self._append = store.append
        self.open = asyncio.Event()
        self.open.set()
        self.cut = False

    async def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        """As the store's; what is still here at the crash never arrives."""
        await self.open.wait()
        if self.cut:
            raise Unavailable
        outcomes = await self._append(batch)
        await self.open.wait()
        return outcomes


class ServerLives:
    """On PostgreSQL or MongoDB: the store lives on, whatever becomes of the node."""

    store: MessageStore

    def __init__(self, url: str, runtime: Runtime) -> None:
        self._url = url
        self._runtime = runtime
        self._way: _Held

    async def start(self) -> None:
        """See `Lives.start`."""
        self.store = message_store(self._url, self._runtime, connections=4, seconds=20)
        await self.store.open()
        self._way = _Held(self.store)
        self.store.append = self._way.append  # type: ignore[method-assign]

    async def crash(self) -> None:
        """See `Lives.crash`. A batch that is at the server already may be stored or not; nobody hears of it."""
        self._way.cut = True

    def hold(self) -> None:
        """See `Lives.hold`."""
        self._way.open.clear()

    def let(self) -> None:
        """See `Lives.let`."""
        self._way.open.set()
