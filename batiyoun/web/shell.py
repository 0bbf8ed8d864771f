"""The server's runner: listens, hands connections to the shell and the engine, and owns the signals.

Stopping goes: not ready → wait → drain the sockets → stop HTTP; a second signal exits at once. (uvicorn alone would
close its listener first, cut upgraded sockets, and ignore a second SIGTERM.) The shell itself is `connection.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final

import uvicorn
from uvicorn.config import Config

from batiyoun.web.connection import ShellLimits, ShellProtocol
from batiyoun.web.passing import Passing

try:
    import uvloop
except ImportError:  # Windows, PyPy
    uvloop = None  # type: ignore[assignment]

__all__ = ["ServeError", "ShellLimits", "bind", "new_event_loop", "reserve", "serve"]

_BACKLOG: Final = 2048


class ServeError(Exception):
    """The server cannot start; the message is for the operator and says the way out."""


class _Server(uvicorn.Server):
    """uvicorn without its hands on the signals, saying when it listens."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._leaving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Until told to leave; once a second the Date header is made anew (uvicorn's own loop wakes ten times)."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 1)

    def leave(self) -> None:
        """Stop now."""
        self.should_exit = True
        self._leaving.set()

    async def adopt(self, connection: socket.socket, data: bytes) -> None:
        """Serve a connection that another worker accepted and read the first bytes of."""
        loop = asyncio.get_running_loop()
        protocol: Any = self.config.http_protocol_class
        create = functools.partial(
            protocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=loop,
            first=data,
        )
        await loop.connect_accepted_socket(create, connection)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave them to `serve`."""
        yield


async def _nothing(_: float) -> None:
    return None


async def serve(
    app: Any,
    *,
    websocket_protocol: Callable[..., asyncio.Protocol] | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    tls_cert: str | os.PathLike[str] | None = None,
    tls_key: str | os.PathLike[str] | None = None,
    limits: ShellLimits | None = None,
    on_ready: Callable[[str], None] = lambda url: None,
    on_stopping: Callable[[], None] = lambda: None,
    drain: Callable[[float], Awaitable[None]] = _nothing,
    unready_seconds: float = 0.0,
    drain_seconds: float = 10.0,
    stop: asyncio.Event | None = None,
    handle_signals: bool = True,
    exit_now: Callable[[int], Any] = os._exit,
    passing: Passing | None = None,
) -> None:
    """Serve the ASGI application until SIGTERM, SIGINT or `stop`; return when everything is closed.

    `websocket_protocol` is the engine's. `on_ready(url)` is called once connections are accepted. When stopping:
    `on_stopping()` makes readiness fail, `unready_seconds` pass for balancers to notice, `drain(drain_seconds)`
    empties the engine, then HTTP requests in flight get 5 s. A second signal calls `exit_now` with 128 + its number
    (`handle_signals` false leaves signals alone).
    With `passing`, several workers listen on the port and pass connections to each other.
    The application's lifespan is not run: whoever built it opens and closes it. Raises `ServeError` when the address
    or the certificate cannot be used.
    """
    sockets = bind(host, port, shared=passing is not None)
    shell = functools.partial(ShellProtocol, limits=limits or ShellLimits(), passing=passing)
    config = Config(
        app,
        http=shell,  # type: ignore[arg-type]  # a factory
        ws=websocket_protocol or "none",  # type: ignore[arg-type]  # a factory
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=(limits or ShellLimits()).keep_alive_seconds,
        timeout_graceful_shutdown=5,
        ssl_certfile=tls_cert,
        ssl_keyfile=None if tls_key is None else str(tls_key),
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        for each in sockets:
            each.close()
        raise ServeError(
            f"The TLS certificate {tls_cert} or its key {tls_key} cannot be used: {error}. Both must be readable PEM "
            "files that belong together."
        ) from error
    server = _Server(config)
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT) if handle_signals else ()
    for number in signals:
        loop.add_signal_handler(number, _on_signal, number, stop, exit_now)
    running = loop.create_task(server.serve(sockets))
    try:
        await server.listening.wait()
        if passing is not None:
            passing.listen(server.adopt)
        on_ready(_url(sockets[0], secure=tls_cert is not None))
        stopping = loop.create_task(stop.wait())
        await asyncio.wait((stopping, running), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        on_stopping()
        await asyncio.sleep(unready_seconds)
        await drain(drain_seconds)
    finally:
        if passing is not None:
            await passing.close()
        server.leave()
        await running
        for number in signals:
            loop.remove_signal_handler(number)


def _on_signal(number: signal.Signals, stop: asyncio.Event, exit_now: Callable[[int], Any]) -> None:
    if stop.is_set():
        exit_now(128 + number)
    stop.set()


def bind(host: str, port: int, *, shared: bool = False) -> list[socket.socket]:
    """Listening sockets for every address the host name has; `shared` with other processes that say so, too.

    Raises `ServeError` with the way out.
    """
    sockets: list[socket.socket] = []
    try:
        infos = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(infos):
            if port == 0 and sockets:  # one free port for all addresses
                address = (address[0], sockets[0].getsockname()[1], *address[2:])  # noqa: PLW2901
            sockets.append(socket.create_server(address[:2], family=family, backlog=_BACKLOG, reuse_port=shared))
            sockets[-1].setblocking(False)
    except OSError as error:
        for each in sockets:
            each.close()
        raise ServeError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Is another server running there? Choose another port with BATIYOUN_PORT."
        ) from error
    return sockets


def reserve(host: str, port: int) -> tuple[list[socket.socket], int]:
    """Keep a port for several processes that `bind` it shared; nothing is accepted here. The sockets, and the port.

    Raises `ServeError` when somebody else listens there.
    """
    # Sharing is granted to every process of this user, also to one that was started by mistake: ask for it alone first.
    alone = bind(host, port)
    port = alone[0].getsockname()[1]
    for each in alone:
        each.close()
    sockets = []
    for family, _, _, _, address in dict.fromkeys(socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)):
        each = socket.socket(family, socket.SOCK_STREAM)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        each.bind(address)
        sockets.append(each)
    return sockets, port


def _url(sock: socket.socket, *, secure: bool) -> str:
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{shown}:{port}"


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where there is one; for `asyncio.Runner(loop_factory=new_event_loop)`."""
    return uvloop.new_event_loop() if uvloop is not None else asyncio.new_event_loop()
