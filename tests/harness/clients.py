"""The Python Socket.IO client, opened and closed without leaving anything behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import socketio

#: Seconds until a server must have let a client in: the library gives it one, which a busy machine may take by itself.
ENTRY = 20
#: Seconds that the loops of a client get to notice the end of their connection.
PATIENCE = 5


@asynccontextmanager
async def new_client() -> AsyncIterator[socketio.AsyncClient]:
    """A client with an HTTP session of ours: the library leaves its own open when the server ends the connection."""
    async with aiohttp.ClientSession() as session:
        client = socketio.AsyncClient(reconnection=False, http_session=session)
        client.connect = partial(client.connect, wait_timeout=ENTRY)
        try:
            yield client
        finally:
            await client.disconnect()
            # When the server was quicker, the library does not wait for its loops, and they would go on after us.
            loops = (client.eio.read_loop_task, client.eio.write_loop_task)
            if pending := [loop for loop in loops if loop is not None and not loop.done()]:
                await asyncio.wait(pending, timeout=PATIENCE)
    await asyncio.sleep(0.05)  # aiohttp closes its sockets a moment later
