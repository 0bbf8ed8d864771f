"""python-socketio on uvicorn, storing nothing: what a Python project takes from the shelf."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from benchmarks.scene import Scene
from benchmarks.servers.node import peer_stage
from benchmarks.servers.process import free_port, process
from benchmarks.servers.subject import Absent, Running


class PythonSocketio:
    """python-socketio with uvloop and the `websockets` package."""

    name = "python-socketio"
    stored = "nothing"

    def version(self) -> str:
        """Its version. Raises `Absent`."""
        try:
            found = version("python-socketio")
        except PackageNotFoundError:
            raise Absent("python-socketio is not installed: `pip install python-socketio websockets`.") from None
        if find_spec("websockets") is None:
            raise Absent("python-socketio's WebSocket library is not installed: `pip install websockets`.")
        return f"python-socketio {found}"

    @contextmanager
    def start(self, scene: Scene) -> Iterator[Running]:
        """See `Subject.start`."""
        self.version()
        port = free_port()
        seats, chat_ids = peer_stage(scene)
        with process([sys.executable, "-m", "benchmarks.peers.python_socketio", str(port)], port) as pid:
            yield Running(port, [pid], seats, chat_ids)
