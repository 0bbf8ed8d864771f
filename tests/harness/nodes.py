"""Several nodes of one installation in this process, each a whole application on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batiyoun.app import App, build
from batiyoun.realtime.bus import Bus
from batiyoun.runtime import Runtime
from batiyoun.settings import load_settings
from batiyoun.storage.memory.bus import MemoryExchange
from batiyoun.storage.sqlite.chatlog import SqliteChatLog
from batiyoun.web.shell import serve
from tests.harness.clients import new_client
from tests.harness.people import Live, Person


@dataclass
class Node:
    """A running node."""

    app: App
    url: str
    stop: asyncio.Event

    @asynccontextmanager
    async def online(self, person: Person) -> AsyncIterator[Live]:
        """A live connection of that person to this node, whichever node they signed up on."""
        async with new_client() as client:
            live = Live(client)
            await client.connect(self.url, headers={"Cookie": person.cookie}, transports=["websocket"])
            yield live


class SharedLog(SqliteChatLog):
    """One message log for all nodes; whoever made it opens and closes it."""

    async def open(self) -> None:
        """It is open."""

    async def close(self) -> None:
        """Others may still need it."""

    async def begin(self) -> None:
        """Open it."""
        await super().open()

    async def end(self) -> None:
        """Close it."""
        await super().close()


@asynccontextmanager
async def open_nodes(
    folder: Path, count: int, *, redis: str | None = None, **settings: Any
) -> AsyncIterator[list[Node]]:
    """Nodes over shared stores, joined by the Redis at that address, or in memory."""
    chosen = load_settings(
        **{
            "data_dir": folder / "data",
            "port": 0,
            "password_cost": 4,
            "rate_limits": False,
            "allow_plaintext": True,
            "redis_url": redis,
            "drain_seconds": 1,
            **settings,
        }
    )
    exchange = MemoryExchange()
    (folder / "data").mkdir(mode=0o700, exist_ok=True)
    log = SharedLog(folder / "data" / "log.db", Runtime())
    await log.begin()
    try:
        async with AsyncExitStack() as stack:
            nodes = []
            for _ in range(count):
                bus = None if redis else LossyBus(exchange.node())
                nodes.append(await stack.enter_async_context(_running(build(chosen, chat_log=log, bus=bus))))
            yield nodes
    finally:
        await log.end()


@asynccontextmanager
async def _running(app: App) -> AsyncIterator[Node]:
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with app.opened():
        engine = app.engine
        assert engine is not None
        serving = asyncio.create_task(
            serve(
                app.web,
                websocket_protocol=engine.websocket_protocol,
                port=0,
                on_ready=ready.set_result,
                drain=engine.drain,
                drain_seconds=app.settings.drain_seconds,
                stop=stop,
                handle_signals=False,
            )
        )
        await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
        try:
            yield Node(app, ready.result(), stop)
        finally:
            stop.set()
            await serving


class LossyBus:
    """A bus that loses what it is told to lose."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.losing = False
        self.attach = bus.attach
        self.subscribe = bus.subscribe
        self.unsubscribe = bus.unsubscribe
        self.settled = bus.settled

    def publish(self, channel: str, payload: bytes, *, keep: str | None = None) -> None:
        """Send it, or not."""
        if not self.losing:
            self._bus.publish(channel, payload, keep=keep)
