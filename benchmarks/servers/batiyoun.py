"""Our server as its users start it: one process, SQLite, everything durable before it is acknowledged."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from batiyoun import __version__
from benchmarks.load.jobs import Seat
from benchmarks.machine import disk
from benchmarks.scene import Scene
from benchmarks.servers.mongo import mongo, mongo_version
from benchmarks.servers.postgres import postgres, postgres_version
from benchmarks.servers.process import ROOT, free_port, process
from benchmarks.servers.redis import redis, redis_version
from benchmarks.servers.seeding import Laid, Town
from benchmarks.servers.subject import Running

#: what the scripts need and nobody else may use: no limits on how much one machine sends, and chats without encryption
ENVIRONMENT = {
    "BATIYOUN_HOST": "127.0.0.1",
    "BATIYOUN_RATE_LIMITS": "off",
    "BATIYOUN_PASSWORD_COST": "4",
    # the generators of load hold no keys; what encryption costs is measured in browsers
    "BATIYOUN_ENCRYPTION": "off",
    "BATIYOUN_LOG_LEVEL": "warning",
}


class SeedingFailed(Exception):
    """The data directory could not be filled; the message has the end of the output."""


class Batiyoun:
    """`batiyoun serve` with a data directory of its own."""

    name = "Batiyoun"
    stored = "SQLite, fdatasync before the ack"

    def __init__(self, **environment: str) -> None:
        """`environment` is stronger than what the scripts set."""
        self._environment = environment

    def version(self) -> str:
        """Our version."""
        return f"Batiyoun {__version__}"

    @contextmanager
    def start(self, scene: Scene) -> Iterator[Running]:
        """See `Subject.start`."""
        with self._served(scene, None) as running:
            yield running

    @contextmanager
    def _served(self, scene: Scene, messages_url: str | None, *pids: int, **places: str) -> Iterator[Running]:
        """With messages at that address (in the data directory when None), whose processes count with ours.

        `places` are the other addresses: `database_url`, `redis_url`.
        """
        with tempfile.TemporaryDirectory(prefix="bench-batiyoun-", dir=disk()) as folder:
            if messages_url is not None:
                places["messages_url"] = messages_url
            laid = _lay(scene, Path(folder), places)
            port = free_port()
            environment = {**ENVIRONMENT, **self._environment, "BATIYOUN_DATA_DIR": folder, "BATIYOUN_PORT": str(port)}
            environment |= {f"BATIYOUN_{name.upper()}": url for name, url in places.items()}
            with process([sys.executable, "-m", "batiyoun", "serve"], port, environment) as pid:
                yield Running(port, [pid, *pids], [Seat(cookie) for cookie in laid.cookies], laid.chat_ids)


class BatiyounOnPostgres(Batiyoun):
    """The same with its messages in a PostgreSQL on the same core."""

    name = "Batiyoun on PostgreSQL"
    stored = "PostgreSQL, fsync before the ack"

    def version(self) -> str:
        """Our version, and PostgreSQL's. Raises `Absent`."""
        return f"{super().version()} on {postgres_version()}"

    @contextmanager
    def start(self, scene: Scene) -> Iterator[Running]:
        """See `Subject.start`. The database's processes count with the server's."""
        with postgres() as database, self._served(scene, database.url, database.pid) as running:
            yield running


class BatiyounOnMongo(Batiyoun):
    """The same with its messages in a MongoDB on the same core."""

    name = "Batiyoun on MongoDB"
    stored = "MongoDB, majority and journal before the ack"

    def version(self) -> str:
        """Our version, and MongoDB's. Raises `Absent`."""
        return f"{super().version()} on {mongo_version()}"

    @contextmanager
    def start(self, scene: Scene) -> Iterator[Running]:
        """See `Subject.start`. The database's process counts with the server's."""
        with mongo() as database, self._served(scene, database.url, database.pid) as running:
            yield running


class BatiyounNodes(Batiyoun):
    """`nodes` processes on one port over one Redis, with accounts and messages in one PostgreSQL.

    Redis and PostgreSQL are on the same core, and their CPU counts with the nodes'.
    """

    stored = "PostgreSQL, fsync before the ack"

    def __init__(self, nodes: int) -> None:
        super().__init__(BATIYOUN_WORKERS=str(nodes))
        self.name = f"Batiyoun, {nodes} {'node' if nodes == 1 else 'nodes'}"

    def version(self) -> str:
        """Our version, PostgreSQL's and Redis's. Raises `Absent`."""
        return f"{super().version()} on {postgres_version()} and {redis_version()}"

    @contextmanager
    def start(self, scene: Scene) -> Iterator[Running]:
        """See `Subject.start`."""
        with (
            postgres() as database,
            redis() as shared,
            self._served(
                scene, database.url, database.pid, shared.pid, database_url=database.url, redis_url=shared.url
            ) as running,
        ):
            yield running


#: by the names of `--store`
STORES: dict[str, type[Batiyoun]] = {"sqlite": Batiyoun, "postgres": BatiyounOnPostgres, "mongo": BatiyounOnMongo}


def _lay(scene: Scene, folder: Path, places: Mapping[str, str]) -> Laid:
    town = Town(str(folder), scene.people, [list(members) for members in scene.chats], **places)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.servers.seeding"],
        cwd=ROOT,
        input=msgspec.json.encode(town),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise SeedingFailed(done.stderr[-2000:].decode(errors="replace"))
    return msgspec.json.decode(done.stdout, type=Laid)
