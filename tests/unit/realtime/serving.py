"""An engine behind the real shell on a free port, in the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from batiyoun.realtime import Engine, EngineIO, EngineSettings, Limits, Namespace
from batiyoun.web.shell import serve

#: most tests are about something else
NO_LIMITS = Limits(enabled=False)


@asynccontextmanager
async def listening(app: Any, **options: Any) -> AsyncIterator[int]:
    """The shell with any ASGI application: its port."""
    stop = asyncio.Event()
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_ready(url: str) -> None:
        ready.set_result(int(url.rpartition(":")[2]))

    task = asyncio.create_task(serve(app, port=0, on_ready=on_ready, stop=stop, handle_signals=False, **options))
    try:
        await asyncio.wait((ready, task), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield ready.result()
    finally:
        stop.set()
        await task


@asynccontextmanager
async def engine_of(
    *namespaces: Namespace | Callable[..., None],
    settings: EngineSettings | None = None,
    **options: Any,
) -> AsyncIterator[tuple[Engine, int]]:
    """An engine whose first namespace is `/` and whose second is `/custom`: it and its port."""
    apps = [app if isinstance(app, Namespace) else Namespace(app) for app in namespaces or (ignore,)]
    engine = Engine(settings or EngineSettings(limits=NO_LIMITS), dict(zip(("/", "/custom"), apps, strict=False)))
    async with listening(engine.polling, websocket_protocol=engine.websocket_protocol, **options) as port:
        try:
            yield engine, port
        finally:
            await engine.drain(1)
            engine.close()


@asynccontextmanager
async def raw_engine(
    accept: Callable[[Any], Any], settings: EngineSettings | None = None
) -> AsyncIterator[tuple[EngineIO, int]]:
    """An Engine.IO server: it and its port."""
    engine = EngineIO(settings or EngineSettings(limits=NO_LIMITS), accept)
    async with listening(engine.polling, websocket_protocol=engine.websocket_protocol) as port:
        try:
            yield engine, port
        finally:
            await engine.drain(1)
            engine.close()


def ignore(socket: Any, event: Any) -> None:
    """An application without events."""


async def until(condition: Callable[[], Any], seconds: float = 5.0) -> None:
    """Wait for something to become true; a `TimeoutError` says that it did not."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for is not the test's to announce
            await asyncio.sleep(0.005)
