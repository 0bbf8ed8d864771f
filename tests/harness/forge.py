"""Processes of `batiyoun` that need not import it first.

Importing the server takes ten times the CPU time of everything else that a start or a command does, and the tests start
hundreds. So one process per run of pytest imports it, and does nothing else; every other one is forked from there, gets
arguments, environment, folder and streams of its own, and runs `main()` from its first line. It is a process like
another: it has its own id, is signalled and killed, and ends with an exit code. What a fork cannot tell, such as how
long a start takes, or whether a command imports what it needs, is for tests that run `SERVE` with `fresh=True`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
#: `batiyoun` of the source tree, by the Python of the tests.
BATIYOUN = (
    sys.executable,
    "-c",
    f"import sys; sys.path[0] = {str(ROOT)!r}; from batiyoun.cli import main; main()",
)
#: The same, but it waits between the import and the rest. Only a copy of it comes back from `stand_by`.
FORGE = (
    f"import sys; sys.path[0] = {str(ROOT)!r}; import batiyoun.app; from batiyoun.cli import main; "
    "from tests.harness import forge; forge.stand_by(int(sys.argv[1])); del forge; main()"
)
#: What one order may have: an environment, arguments.
ORDER = 1 << 18


class Forked:
    """One such process, with as much of `subprocess.Popen` as the tests use."""

    def __init__(self, pid: int, end: int) -> None:
        """`end`: where its exit code comes from; closed when it came."""
        self.pid = pid
        self.returncode: int | None = None
        self._end = end
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code, negative for a signal; `None` while it runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""
        code = self._look(None if timeout is None else timeout * 1000)
        if code is None:
            raise subprocess.TimeoutExpired(f"batiyoun ({self.pid})", timeout or 0)
        return code

    def _look(self, milliseconds: float | None) -> int | None:
        with self._lock:
            if self.returncode is None:
                watch = select.poll()
                watch.register(self._end, select.POLLIN)
                if watch.poll(milliseconds):
                    said = os.read(self._end, 16)
                    os.close(self._end)
                    assert said, "the process that imported batiyoun ended before this one"
                    self.returncode = int(said)
            return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                self.wait()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.send_signal(signal.SIGKILL)


class Forge:
    """The process that has imported everything, started when it is first needed; it ends with us."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ours: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def _reach(self) -> socket.socket:
        if self._ours is None:
            self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ORDER)
            with theirs:
                number = theirs.fileno()
                plain = {name: value for name, value in os.environ.items() if not name.startswith("BATIYOUN_")}
                self._process = subprocess.Popen(
                    [sys.executable, "-c", FORGE, str(number)],
                    env=plain,
                    pass_fds=[number],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
            atexit.register(self._close, self._ours, self._process)
        return self._ours

    @staticmethod
    def _close(ours: socket.socket, process: subprocess.Popen[bytes]) -> None:
        ours.close()
        process.wait(10)

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        stdin: IO[bytes] | int,
        stdout: IO[bytes] | int,
        stderr: IO[bytes] | int,
    ) -> Forked:
        """Run `batiyoun` with these arguments."""
        streams = [each if isinstance(each, int) else each.fileno() for each in (stdin, stdout, stderr)]
        order = {"arguments": [*arguments], "environment": {**environment}, "folder": str(folder)}
        end, told = os.pipe()
        with self._lock:
            ours = self._reach()
            try:
                socket.send_fds(ours, [json.dumps(order).encode()], [*streams, told])
            finally:
                os.close(told)
            pid = ours.recv(16)
        assert pid, "the process that imports batiyoun ended; what it said is above"
        return Forked(int(pid), end)


_forge = Forge()
start = _forge.start


def run(
    *arguments: str,
    environment: Mapping[str, str],
    folder: Path | None = None,
    given: str = "",
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` of a command of `batiyoun`: captured, as text, unchecked. Raises `TimeoutExpired`."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(given.encode())
        stdin.seek(0)
        process = start(
            arguments,
            environment=environment,
            folder=folder or Path.cwd(),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
            process.wait()
        for stream in (stdout, stderr):
            stream.seek(0)
        return subprocess.CompletedProcess([*arguments], code, stdout.read().decode(), stderr.read().decode())


# ── in the other process ──────────────────────────────────────────────────────────────────────────────────────────────


def stand_by(orders: int) -> None:
    """Fork a process for each order; only the new ones return. Ends when nobody can give orders any more."""
    running: dict[int, int] = {}
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which stop their servers themselves
    signal.signal(signal.SIGCHLD, lambda _number, _frame: _bury(running))
    with socket.socket(fileno=orders) as theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ORDER)
        while True:
            words, streams, _, _ = socket.recv_fds(theirs, ORDER, 4)
            if not words:
                raise SystemExit
            # no child is buried before its number is known
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
            pid = os.fork()
            if pid == 0:
                break
            running[pid] = streams.pop()
            for stream in streams:
                os.close(stream)
            theirs.send(str(pid).encode())
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for end in (*running.values(), streams.pop()):
        os.close(end)
    order = json.loads(words)
    _become(order["arguments"], order["environment"], order["folder"], streams)


def _become(arguments: list[str], environment: dict[str, str], folder: str, streams: list[int]) -> None:
    """What the system does for a new program."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv[1:] = arguments
    # with which a process starts others of its kind: those are real ones
    sys.orig_argv[:] = [*BATIYOUN, *sys.argv[1:]]


def _bury(running: dict[int, int]) -> None:
    """Tell of every process that has ended."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            break
        end = running.pop(pid)
        with contextlib.suppress(BrokenPipeError):
            os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(end)
