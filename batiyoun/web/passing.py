"""Several workers on one port: a connection that lands elsewhere is passed to the worker it belongs to.

The system gives every new connection to some worker, and a client that polls opens several. The worker that holds a
session is named in the session's id (`sid=w1.…`), so whoever gets such a request sends the open connection over a Unix
socket to that worker, with the bytes read so far (SCM_RIGHTS, unix(7)). From then on it is that worker's, as if it had
landed there; nothing is copied any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

#: bytes sent along with the descriptor
_CHUNK: Final = 32 * 1024
_BACKLOG: Final = 1024
#: Seconds that handing over may take.
_PATIENCE: Final = 5.0
_SID: Final = re.compile(rb"[?&]sid=w(\d{1,4})\.")

#: `adopt(connection, data)`: serve a connection whose first bytes were read already
Adopt = Callable[[socket.socket, bytes], Awaitable[None]]


def prefix_of(index: int) -> str:
    """What the ids of sessions begin with that are held by that worker."""
    return f"w{index}."


class Passing:
    """One worker's side: `index` of `count`, meeting in `folder`, a directory of this user alone."""

    def __init__(self, folder: Path, index: int, count: int, *, path: str = "/socket.io/") -> None:
        self._folder = folder
        self._index = index
        self._count = count
        self._starts = tuple(f"{method} {path}".encode() for method in ("GET", "POST", "OPTIONS"))
        self._longest = max(map(len, self._starts))
        self._accepting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def knows_enough(self, data: bytes) -> bool:
        """Whether the first bytes of a request tell whose it is."""
        if not data.startswith(self._starts):
            return not any(start.startswith(data[: self._longest]) for start in self._starts)
        return b"\r\n" in data

    def owner(self, data: bytes) -> int | None:
        """The other worker that a request belongs to; None for one's own and everybody's."""
        if not data.startswith(self._starts):
            return None
        found = _SID.search(data, 0, data.find(b"\r\n"))
        if found is None:
            return None
        index = int(found[1])
        return index if index != self._index and index < self._count else None

    async def give(self, descriptor: int, data: bytes, owner: int) -> bool:
        """Give the connection away; the descriptor is closed here. False: that worker is not there."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_PATIENCE):
                with socket.socket(socket.AF_UNIX) as way:
                    way.setblocking(False)
                    await loop.sock_connect(way, str(self._place(owner)))
                    sent = socket.send_fds(way, [data[:_CHUNK]], [descriptor])
                    await loop.sock_sendall(way, data[sent:])
        except (OSError, TimeoutError):
            return False
        finally:
            os.close(descriptor)
        return True

    def listen(self, adopt: Adopt) -> None:
        """Take what others give."""
        place = self._place(self._index)
        place.unlink(missing_ok=True)  # of a worker of this place that crashed
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(str(place))
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except BaseException:
            listener.close()
            raise
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listener, adopt), name="passing")

    async def close(self) -> None:
        """Take no more."""
        tasks = [*self._tasks, *([self._accepting] if self._accepting is not None else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _place(self, index: int) -> Path:
        return self._folder / str(index)

    async def _accept(self, listener: socket.socket, adopt: Adopt) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                way, _ = await loop.sock_accept(listener)
                task = loop.create_task(self._take(way, adopt), name="a passed connection")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            listener.close()
            self._place(self._index).unlink(missing_ok=True)

    async def _take(self, way: socket.socket, adopt: Adopt) -> None:
        connection: socket.socket | None = None
        try:
            with way:
                async with asyncio.timeout(_PATIENCE):
                    connection, data = await _receive(way)
            await adopt(connection, data)
        except (OSError, TimeoutError, EOFError):
            logger.warning("A connection from another worker did not arrive whole")
            if connection is not None:
                connection.close()


async def _receive(way: socket.socket) -> tuple[socket.socket, bytes]:
    loop = asyncio.get_running_loop()
    way.setblocking(False)
    readable: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(way, tell)
    try:
        await readable
    finally:
        loop.remove_reader(way)
    first, descriptors, _, _ = socket.recv_fds(way, _CHUNK, 1)
    if not descriptors:
        raise EOFError
    connection = socket.socket(fileno=descriptors[0])
    try:
        connection.setblocking(False)
        data = bytearray(first)
        while chunk := await loop.sock_recv(way, _CHUNK):
            data += chunk
    except BaseException:
        with contextlib.suppress(OSError):
            connection.close()
        raise
    return connection, bytes(data)
