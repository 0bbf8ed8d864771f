"""The machine: which core does what, how many files may be open, and the line that says what was measured on."""

from __future__ import annotations

import os
import platform
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

#: the packages that the numbers depend on
PACKAGES = ("picows", "uvloop", "uvicorn", "msgspec")
#: kept over a restart, so never in memory (Filesystem Hierarchy Standard 3.0 §5.15)
_REAL = "/var/tmp"  # noqa: S108


def cores() -> list[int]:
    """The cores this process was given at its start, in order."""
    return _CORES


_CORES = sorted(os.sched_getaffinity(0))


def server_core() -> int:
    """The core of the server under test, and of its database."""
    return _CORES[0]


def generator_core() -> int:
    """The core of the load generators: another one, unless there is only one."""
    return _CORES[-1]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """What is started inside stays on that core, with all of its threads and children."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def raise_file_limit() -> int:
    """Lift the soft limit of open files to the hard one, for this process and what it starts; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def processor() -> str:
    """The processor's name as the kernel gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def disk() -> str:
    """A folder for databases on a real disk: a sync in memory costs nothing and proves nothing.

    The folder of temporary files, or /var/tmp when that one is in memory.
    """
    return next((folder for folder in (tempfile.gettempdir(), _REAL) if file_system(folder) != "tmpfs"), _REAL)


def file_system(folder: str) -> str:
    """The kind of file system that the folder is on."""
    path = Path(folder).resolve()
    mounted = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounted[parent] for parent in (path, *path.parents) if parent in mounted), "unknown")


def machine_line(*peers: str) -> str:
    """One line: date, processor, cores, kernel, Python and packages, then the versions of `peers`."""
    kernel = ".".join(platform.release().split("-")[0].split(".")[:2])
    shared = "" if len(_CORES) > 1 else " (server and generator share it)"
    parts = [
        datetime.now(UTC).date().isoformat(),
        f"{processor()}, {len(_CORES)} core{'s' if len(_CORES) > 1 else ''}{shared}",
        f"{platform.system()} {kernel}",
        f"Python {platform.python_version()}",
        f"databases on {file_system(disk())}",
        f"SQLite {sqlite3.sqlite_version}",
        *(f"{name} {version(name)}" for name in PACKAGES),
        *peers,
    ]
    return "Machine: " + " · ".join(parts)
