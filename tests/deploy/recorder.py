"""Stands between a proxy and a server, and writes down which polling sessions came this way."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_ENDS = {"sid": re.compile(rb"[?&]sid=([^& ]+)"), "open": re.compile(rb'(?:\A|\n)0\{"sid":"([^"]+)"')}
_REQUEST = re.compile(rb"^(?:GET|POST) (/socket\.io/\S*) HTTP/1\.1\r\n", re.MULTILINE)


class Recorder:
    """`asked` counts requests by session; `opened` are the sessions that the server behind it made."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = 0
        self.asked: Counter[str] = Counter()
        self.opened: set[str] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._gone = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the proxy."""
        self._ends.add(writer)
        try:
            if self._gone:
                return
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            self._ends.add(back)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, back, self._note_request))
                both.create_task(self._pump(there, writer, self._note_answer))
            self._end(back)
        except OSError:
            pass  # the server is gone: the proxy sees what it would see without us
        finally:
            self._end(writer)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, note: Callable[[bytes], None]
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(1 << 16):
                note(data)
                sink.write(data)
                await sink.drain()
        self._end(sink)

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._ends.discard(writer)
        writer.transport.abort()

    def _note_request(self, data: bytes) -> None:
        for target in _REQUEST.findall(data):
            for sid in _ENDS["sid"].findall(target):
                self.asked[sid.decode()] += 1

    def _note_answer(self, data: bytes) -> None:
        self.opened.update(sid.decode() for sid in _ENDS["open"].findall(data))

    def go(self) -> None:
        """From now on it is as if the server was gone: connections are reset, old and new."""
        self._gone = True
        for writer in tuple(self._ends):
            writer.transport.abort()


@asynccontextmanager
async def recording(target: int) -> AsyncIterator[Recorder]:
    """A recorder on a port of its own, in front of the server on `target`."""
    recorder = Recorder(target)
    server = await asyncio.start_server(recorder.carry, "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        server.close()
        recorder.go()
        await server.wait_closed()
