"""A server process: on its core, on a free loopback port, with its output kept for when it fails."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import pinned, server_core

ROOT = Path(__file__).resolve().parents[2]
#: seconds until a server must listen, and until it must have stopped
START_TIMEOUT = 30.0
STOP_TIMEOUT = 15.0
#: below the range from which the kernel takes the ports of outgoing connections, of which there are many here
PORTS = range(21000, 29000)


class ServerFailed(Exception):
    """The server did not start; the message has the end of its output."""


def free_port() -> int:
    """A loopback port nobody listens on."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    msg = f"no free port in {PORTS}"
    raise ServerFailed(msg)


@contextmanager
def process(command: Sequence[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run the command on the server's core until it listens on `port`; gives its pid, ends it afterwards.

    Raises `ServerFailed` when it does not come up.
    """
    with tempfile.TemporaryFile() as output:
        with pinned(server_core()):
            running = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            try:
                _wait_for(running, port)
            except ServerFailed as exc:
                output.seek(0)
                said = output.read()[-2000:].decode(errors="replace")
                msg = f"{exc}; its output ends with:\n{said}"
                raise ServerFailed(msg) from None
            yield running.pid
        finally:
            stop(running)


def _wait_for(running: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if running.poll() is not None:
            msg = f"{running.args!r} ended with code {running.returncode}"
            raise ServerFailed(msg)
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    msg = f"{running.args!r} does not listen on port {port}"
    raise ServerFailed(msg)


def stop(running: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, then make it."""
    if running.poll() is None:
        running.terminate()
    try:
        running.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
