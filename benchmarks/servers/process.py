"""A server process: on its core, on a free loopback port, with its output kept for when it fails."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks.machine import pinned, server_core

ROOT = Path(__file__).resolve().parents[2]
#: seconds until a server must listen, and until it must have stopped
START_TIMEOUT = 30.0
STOP_TIMEOUT = 15.0
#: below the range from which the kernel takes the ports of outgoing connections, of which there are many here
PORTS = range(21000, 29000)
_ports = itertools.cycle(PORTS)


class ServerFailed(Exception):
    """The server did not start; the message has the end of its output."""


def free_port() -> int:
    """A loopback port nobody listens on, and another one at every call."""
    for port in itertools.islice(_ports, len(PORTS)):
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
def process(
    command: Sequence[str],
    port: int,
    environment: Mapping[str, str] | None = None,
    *,
    user: str | None = None,
    stop_with: signal.Signals = signal.SIGTERM,
) -> Iterator[int]:
    """Run the command on the server's core, as `user`; gives its pid when it listens on `port`, ends it afterwards.

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
                user=user,
                group=user,
                extra_groups=None if user is None else [],
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
            stop(running, stop_with)


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


def stop(running: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to end with that signal, then what is left of its children, then make them all."""
    if running.poll() is not None:
        return
    root = psutil.Process(running.pid)
    children = root.children(recursive=True)
    _send(root, number)
    psutil.wait_procs([root], STOP_TIMEOUT)
    for each in children:  # some servers hide behind a shell, which does not pass the signal on
        _send(each, signal.SIGTERM)
    _, left = psutil.wait_procs([root, *children], STOP_TIMEOUT)
    for each in left:
        _send(each, signal.SIGKILL)
    running.wait()


def _send(target: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        target.send_signal(number)
