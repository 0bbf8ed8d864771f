"""A log.db whose disk the test directs."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from batiyoun.storage.sqlite import SqliteChatLog
from tests.contracts.chat_stores import Clock, Scene


class Disk:
    """Syncs at once, or when it is let; fails when told so. Notes the threads it was called in."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self.error: OSError | None = None
        self.threads: list[str] = []
        self.ends: list[str] = []

    def sync(self, descriptor: int) -> None:
        """In place of `fdatasync`."""
        self.threads.append(threading.current_thread().name)
        os.fstat(descriptor)
        assert self._open.wait(30)
        if self.error is not None:
            raise self.error

    def hold(self) -> None:
        """Syncs take until `let`."""
        self._open.clear()

    def let(self) -> None:
        """Syncs go on."""
        self._open.set()

    def fatal(self, reason: str, _: BaseException) -> None:
        """In place of the end of the process."""
        self.ends.append(reason)


@pytest.fixture
def disk() -> Disk:
    """The disk of the test."""
    return Disk()


OpenLog = Callable[..., AbstractAsyncContextManager[Scene]]


@pytest.fixture
def open_log(tmp_path: Path, disk: Disk) -> OpenLog:
    """Opens log.db of the test's directory, on the test's disk."""

    @asynccontextmanager
    async def opened(**options: Any) -> AsyncIterator[Scene]:
        clock = Clock()
        store = SqliteChatLog(
            tmp_path / "log.db", clock.runtime(), **{"sync": disk.sync, "fatal": disk.fatal} | options
        )
        await store.open()
        try:
            yield Scene(store, clock)
        finally:
            disk.let()
            await store.close()

    return opened
