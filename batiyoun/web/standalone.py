"""Engines by themselves on one port, without an application around them: `examples/echo.py` is one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from batiyoun.realtime import Engine, EngineIO, first_serving
from batiyoun.web.shell import new_event_loop, serve


def run(
    build: Callable[[], Iterable[Engine | EngineIO]],
    *,
    host: str = "127.0.0.1",
    port: int = 3000,
    on_ready: Callable[[str], None] = print,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `build` makes the engines, each with a path of its own.

    It is called once the loop runs, which engines need. `on_ready` gets the address when connections are accepted.
    Raises `ServeError` when the address cannot be used.
    """
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(build, host, port, on_ready))


async def _serve(
    build: Callable[[], Iterable[Engine | EngineIO]], host: str, port: int, on_ready: Callable[[str], None]
) -> None:
    engines = tuple(build())

    async def drain(seconds: float) -> None:
        await asyncio.gather(*(engine.drain(seconds) for engine in engines))

    ios = tuple(engine.io if isinstance(engine, Engine) else engine for engine in engines)
    try:
        await serve(
            _polling(ios),
            websocket_protocol=first_serving(*ios),
            host=host,
            port=port,
            on_ready=on_ready,
            drain=drain,
        )
    finally:
        for engine in engines:
            engine.close()


def _polling(engines: tuple[EngineIO, ...]) -> ASGIApp:
    """Every request to the engine whose path it is."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        engine = next((engine for engine in engines if engine.serves(scope["path"])), None)
        if engine is None:
            await PlainTextResponse("Nothing is here.\n", status_code=404)(scope, receive, send)
        else:
            await engine.polling(scope, receive, send)

    return app
