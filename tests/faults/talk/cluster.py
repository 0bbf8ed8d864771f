"""A whole installation that faults happen to: PostgreSQL, a MongoDB set of three, Valkey, two nodes of each kind
behind Caddy as `deploy/Caddyfile.scale` has it."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.proxies import Caddy, Identity, free_ports
from tests.faults.talk.clock import VARIABLE
from tests.harness.installation import Installation
from tests.harness.mongo import Mongod
from tests.harness.people import Town
from tests.harness.postgres import Postgres
from tests.harness.redis import RedisServer
from tests.harness.server import ROOT, Server

#: dead connections are noticed soon, and a store or Redis that hangs is given up on soon
SETTINGS = {
    "PING_INTERVAL_MS": "1000",
    "PING_TIMEOUT_MS": "1000",
    "MESSAGES_TIMEOUT_MS": "1500",
    "REDIS_TIMEOUT_MS": "500",
    "UNREADY_SECONDS": "1",
    "TRUSTED_PROXIES": "127.0.0.1",
}
#: seconds for four servers that start at once, perhaps on a machine that others use as well
START = 60.0
#: the disk of a database
MEGABYTES = 400


def other_program(module: str, name: str) -> tuple[str, ...]:
    """The command of a node that is not quite `batiyoun serve`."""
    return (sys.executable, "-c", f"import sys; sys.path[0] = {str(ROOT)!r}; from {module} import {name}; {name}()")


WRONG_CLOCK = other_program("tests.faults.talk.clock", "serve")


@dataclass(frozen=True)
class Databases:
    """What the nodes keep things in."""

    postgres: Postgres
    mongo: Mongod
    redis: RedisServer


@contextmanager
def databases() -> Iterator[Databases]:
    """New ones. Valkey keeps what it knows over a restart."""
    postgres = Postgres(min_wal_size="32MB", max_wal_size="64MB")
    postgres.megabytes = MEGABYTES
    mongo, redis = Mongod(3, megabytes=MEGABYTES), RedisServer("valkey", appendonly="yes")
    with postgres, mongo, redis:
        yield Databases(postgres, mongo, redis)


@dataclass
class Cluster:
    """The processes, and the proxy that everybody goes through."""

    folder: Path
    stores: Databases
    proxy: Caddy
    api: list[Server] = field(default_factory=list)
    realtime: list[Server] = field(default_factory=list)
    _names: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def nodes(self) -> list[Server]:
        """All four."""
        return [*self.api, *self.realtime]

    @property
    def clock(self) -> Path:
        """The seconds by which the clocks of the first node of each kind are wrong."""
        return self.folder / "clock"

    def town(self) -> Town:
        """Where people come from who come through the proxy; nobody before had their names."""
        return Town(self.proxy.url, suffix=f"_{next(self._names)}", trust=self.proxy.identity.trust())

    def nodes_with(self, chat_id: str) -> int:
        """How many nodes listen to the chat: those that have one of its members."""
        answer = self.stores.redis.call("PUBSUB", "NUMSUB", f"chat:{chat_id}")
        return int(answer.rpartition(b":")[2])

    def tell(self) -> None:
        """Show what the nodes have to say; pytest keeps it for tests that fail."""
        for node in self.nodes:
            print(f"── {node.environment['BATIYOUN_ROLE']} {node.port}\n{node.output[-3_000:]}")  # noqa: T201

    async def all_ready(self, within: float = 30) -> None:
        """Until every node says that it can serve."""
        async with asyncio.timeout(within):
            for node in self.nodes:
                while not await asyncio.to_thread(node.is_ready):  # noqa: ASYNC110  # it happens in another process
                    await asyncio.sleep(0.1)


@contextmanager
def cluster(
    folder: Path, stores: Databases, identity: Identity, messages: str, program: Sequence[str] | None = None
) -> Iterator[Cluster]:
    """A running one with empty stores; `messages` names the database of the log, `program` what all nodes are."""
    folder.mkdir(exist_ok=True)
    ports = free_ports(4)
    proxy = Caddy(folder / "proxy", identity, api=ports[:2], realtime=ports[2:], scale=True, besides=ports)
    log = {"MESSAGES_URL": stores.mongo.url()} if messages == "mongodb" else {}
    installation = Installation(folder, stores.postgres, stores.redis, **SETTINGS, **log, PUBLIC_URL=proxy.url)
    made = Cluster(folder, stores, proxy)
    made.clock.write_text("0")
    with ExitStack() as stack:
        for number, port in enumerate(ports):
            role = "api" if number < 2 else "realtime"
            # a Twin goes to the nodes themselves
            origins = f"{proxy.url},http://127.0.0.1:{port}"
            # `batiyoun serve`, and its double with another clock
            node = installation.server(PORT=str(port), ROLE=role, PUBLIC_URL=proxy.url, ALLOWED_ORIGINS=origins)
            if number % 2 == 0:
                node.command = WRONG_CLOCK
                node.environment[VARIABLE] = str(made.clock)
            node.command = program or node.command
            (made.api if role == "api" else made.realtime).append(node)
            stack.callback(node.kill)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: node.start(START), made.nodes))
        stack.enter_context(proxy)
        yield made
