"""The servers that official clients talk to, each a process of its own on a free port of loopback."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.harness.server import ROOT, free_port

HERE = Path(__file__).parent
PATIENCE = 30.0


class Process:
    """A server as a process."""

    def __init__(self, module: str, port: int) -> None:
        self.module = module
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self._process = subprocess.Popen(
            (sys.executable, "-u", "-m", self.module, str(self.port)), cwd=ROOT, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().decode().strip() == self.url

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it and wait: its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        with self._process:
            return self._process.wait(PATIENCE)


@contextmanager
def running(module: str) -> Iterator[Process]:
    """A server until the end of the block."""
    process = Process(module, free_port())
    process.start()
    try:
        yield process
    finally:
        process.stop()


async def node(script: str, *arguments: str) -> Any:
    """Run one of the scripts here with Node; what it printed as JSON."""
    executable = shutil.which("node")
    assert executable, "Node is not on PATH: run `make test`, which finds or fetches one"
    process = await asyncio.create_subprocess_exec(
        executable,
        str(HERE / script),
        *arguments,
        cwd=HERE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complained = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode == 0, complained.decode()
    return json.loads(said)
