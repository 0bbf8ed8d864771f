"""Several worker processes on one port (design D9): started, watched and stopped together.

The supervisor serves nothing itself. It keeps the port, starts one process per worker, starts a worker again that
dies, and hands signals on. Each worker has a line to it, a socket pair: the worker says on it that it is ready, and
stops by itself when the line breaks, so a supervisor that is killed leaves nobody behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from batiyoun.startup import EXIT_UNAVAILABLE

logger = logging.getLogger(__name__)

READY: Final = b"ready\n"
#: seconds before a worker that died is started again; doubled while it goes on dying, up to the longest
FIRST_REST: Final = 0.5
LONGEST_REST: Final = 30.0
#: a worker that lived so long, in seconds, did not die of its start
HEALTHY: Final = 60.0
#: seconds that workers get to stop beyond what they may drain
GRACE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Seat:
    """A worker's place: `index` of `count`, meeting the others in `folder`; `line` is its end of the socket pair."""

    index: int
    count: int
    folder: Path
    line: int

    @classmethod
    def parse(cls, text: str) -> Seat:
        """What `str` made of one."""
        index, count, line, folder = text.split(":", 3)
        return cls(int(index), int(count), Path(folder), int(line))

    def __str__(self) -> str:
        return f"{self.index}:{self.count}:{self.line}:{self.folder}"

    def say_ready(self) -> None:
        """Tell the supervisor that connections are accepted."""
        with contextlib.suppress(OSError):
            os.write(self.line, READY)

    def watch(self, stop: Callable[[], None]) -> None:
        """Call `stop` when the supervisor is gone. Call it in the running loop."""
        loop = asyncio.get_running_loop()

        def heard() -> None:
            with contextlib.suppress(BlockingIOError):
                if not os.read(self.line, 1):
                    loop.remove_reader(self.line)
                    stop()

        os.set_blocking(self.line, False)
        loop.add_reader(self.line, heard)


class _Worker:
    """One process, and the one after it."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.process: asyncio.subprocess.Process | None = None
        self.ready = asyncio.Event()
        self.was_ready = False


class Supervisor:
    """Runs `count` workers.

    `command(port, seat)` is how a worker is started: the whole command line. `announce(port)` is called when all of
    them are ready for the first time. `stop_seconds` is how long they may take to stop.
    """

    def __init__(
        self,
        count: int,
        command: Callable[[int, Seat], Sequence[str]],
        announce: Callable[[int], None],
        *,
        stop_seconds: float,
    ) -> None:
        self._workers = [_Worker(index) for index in range(count)]
        self._command = command
        self._announce = announce
        self._stop_seconds = stop_seconds
        self._stopping = asyncio.Event()
        self._exit_code = 0

    async def run(self, port: int) -> int:
        """Until SIGTERM or SIGINT; the exit code. `port` is kept by the caller for as long as this runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)
        folder = Path(tempfile.mkdtemp(prefix="batiyoun-"))  # mode 0700: nobody else passes us connections
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(self._keep(worker, port, folder))
                group.create_task(self._say_when_ready(port))
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
            shutil.rmtree(folder, ignore_errors=True)
        return self._exit_code

    def _on_signal(self, number: signal.Signals) -> None:
        if self._stopping.is_set():
            self._exit_code = 128 + number
            for worker in self._workers:
                self._signal(worker, signal.SIGKILL)
        self._stop(0)

    def _stop(self, exit_code: int) -> None:
        self._exit_code = self._exit_code or exit_code
        self._stopping.set()
        for worker in self._workers:
            worker.ready.set()

    @staticmethod
    def _signal(worker: _Worker, number: signal.Signals) -> None:
        if worker.process is not None and worker.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                worker.process.send_signal(number)

    async def _say_when_ready(self, port: int) -> None:
        for worker in self._workers:
            await worker.ready.wait()
        if not self._stopping.is_set():
            self._announce(port)

    async def _keep(self, worker: _Worker, port: int, folder: Path) -> None:
        loop = asyncio.get_running_loop()
        rest = FIRST_REST
        while not self._stopping.is_set():
            started = loop.time()
            code = await self._live(worker, port, folder)
            if self._stopping.is_set():
                return
            if not worker.was_ready:
                # It said why; the others would say the same.
                self._stop(code if code > 0 else EXIT_UNAVAILABLE)
                return
            rest = FIRST_REST if loop.time() - started > HEALTHY else min(LONGEST_REST, 2 * rest)
            logger.error("Worker %d ended with %d; it is started again in %.1f s", worker.index, code, rest)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), rest)

    async def _live(self, worker: _Worker, port: int, folder: Path) -> int:
        """One process from start to end: its exit code."""
        ours, theirs = socket.socketpair()
        with ours:
            try:
                seat = Seat(worker.index, len(self._workers), folder, theirs.fileno())
                worker.process = await asyncio.create_subprocess_exec(
                    *self._command(port, seat), pass_fds=(seat.line,), start_new_session=True
                )
            finally:
                theirs.close()
            ours.setblocking(False)
            listening = asyncio.create_task(self._listen(worker, ours))
            stopping = asyncio.create_task(self._stopping.wait())
            ended = asyncio.create_task(worker.process.wait())
            try:
                await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
                if not ended.done():
                    self._signal(worker, signal.SIGTERM)
                    await asyncio.wait((ended,), timeout=self._stop_seconds + GRACE)
                    self._signal(worker, signal.SIGKILL)
                return await ended
            finally:
                listening.cancel()
                stopping.cancel()

    async def _listen(self, worker: _Worker, line: socket.socket) -> None:
        if await asyncio.get_running_loop().sock_recv(line, len(READY)) == READY:
            worker.was_ready = True
            worker.ready.set()


def this_program(*arguments: str) -> list[str]:
    """The command line that starts this very program with other arguments."""
    own = len(sys.argv) - 1
    return [sys.executable, *sys.orig_argv[1 : len(sys.orig_argv) - own], *arguments]
