"""TLS in front of a server that has none: as managed databases are reached."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

#: PostgreSQL manual, "SSLRequest": what a client sends before TLS begins, and the server's yes
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
_YES = b"S"


@asynccontextmanager
async def tls_front(
    context: ssl.SSLContext, *, unix: Path | None = None, port: int | None = None, asked_first: bool = False
) -> AsyncIterator[int]:
    """The loopback port of a TLS server that passes everything on to a Unix socket or a port.

    `asked_first`: as PostgreSQL does it, a client asks for TLS in the clear before it begins.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if asked_first:
                assert await reader.readexactly(8) == _SSL_REQUEST
                writer.write(_YES)
                await writer.start_tls(context)
            opened = asyncio.open_unix_connection(unix) if unix else asyncio.open_connection("127.0.0.1", port)
            inner_reader, inner_writer = await opened
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=None if asked_first else context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, ssl.SSLError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()
