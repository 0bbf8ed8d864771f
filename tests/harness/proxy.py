"""A wire that a test can cut: a TCP proxy between a browser and the server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.harness.server import free_port


class Wire:
    """Passes bytes on, until it is cut; then everything on it is reset and nothing new gets through."""

    def __init__(self, target: int, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._target = target
        self._whole = True
        self._ends: set[asyncio.StreamWriter] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first byte to its end."""
        self._ends.add(writer)
        try:
            if not self._whole:
                return
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            self._ends.add(back)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(reader, back))
                    both.create_task(self._pump(there, writer))
            finally:
                self._end(back)
        except OSError:
            pass  # the server is gone: the browser sees what it would see without us
        finally:
            self._end(writer)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
        self._end(sink)

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._ends.discard(writer)
        writer.close()

    def cut(self) -> None:
        """Reset every connection and refuse new ones."""
        self._whole = False
        for writer in tuple(self._ends):
            writer.transport.abort()

    def mend(self) -> None:
        """New connections get through again."""
        self._whole = True


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """A wire to the server on that port."""
    own = free_port()
    wire = Wire(port, own)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", own)
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
        await server.wait_closed()
