"""Node with socket.io, the seed's stack: storing nothing, or one insert per message into PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from benchmarks.load.jobs import Seat
from benchmarks.scene import Scene
from benchmarks.servers.postgres import postgres, postgres_version
from benchmarks.servers.process import ROOT, free_port, process
from benchmarks.servers.subject import Absent, Running
from scripts import client as tools

PEERS = ROOT / "benchmarks" / "peers"


def peer_stage(scene: Scene) -> tuple[list[Seat], list[str]]:
    """Seats and chat ids for a peer, which authenticates nobody and joins the rooms that a client names."""
    chat_ids = [str(uuid.uuid4()) for _ in scene.chats]
    named = [[chat_ids[place] for place in places] for places in scene.chats_of()]
    return [Seat(auth=msgspec.json.encode({"rooms": names}).decode()) for names in named], chat_ids


def _node() -> str:
    """The Node to run, with the peers' packages installed. Raises `Absent`."""
    node = tools.find_node()
    if node is None:
        raise Absent(
            "Node is not installed: put Node 20.19 or newer on PATH, or run `make run` once, which fetches it."
        )
    try:
        tools.install(node, PEERS)
    except SystemExit as exc:
        msg = f"the peers' npm packages are not installed: {exc}"
        raise Absent(msg) from exc
    return node.executable


def _version(node: str) -> str:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    installed = json.loads((PEERS / "node_modules" / "socket.io" / "package.json").read_text())
    return f"Node {said.removeprefix('v')} with socket.io {installed['version']}"


class Node:
    """socket.io on one Node process, without compression; messages are kept nowhere."""

    name = "Node socket.io"
    stored = "nothing"

    def version(self) -> str:
        """Versions of Node and socket.io. Raises `Absent`."""
        return _version(_node())

    @contextmanager
    def start(self, scene: Scene) -> Iterator[Running]:
        """See `Subject.start`."""
        node, port = _node(), free_port()
        seats, chat_ids = peer_stage(scene)
        with process([node, str(PEERS / "socketio.mjs"), str(port)], port) as pid:
            yield Running(port, [pid], seats, chat_ids)


class NodePostgres:
    """The same with PostgreSQL on the same core: one insert and commit per message, `synchronous_commit` on."""

    name = "Node socket.io + PostgreSQL"
    stored = "one commit per message, fsync"

    def version(self) -> str:
        """Versions of Node, socket.io and PostgreSQL. Raises `Absent`."""
        return f"{_version(_node())} and {postgres_version()}"

    @contextmanager
    def start(self, scene: Scene) -> Iterator[Running]:
        """See `Subject.start`. The database's processes count with the server's."""
        node, port = _node(), free_port()
        seats, chat_ids = peer_stage(scene)
        with (
            postgres() as database,
            process([node, str(PEERS / "socketio.mjs"), str(port), database.url], port) as pid,
        ):
            yield Running(port, [pid, database.pid], seats, chat_ids)
