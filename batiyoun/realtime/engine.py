"""The Socket.IO server: namespaces on top of an Engine.IO server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from batiyoun.realtime.client import Client
from batiyoun.realtime.engineio import EngineIO
from batiyoun.realtime.handover import Handover
from batiyoun.realtime.limits import Accounts
from batiyoun.realtime.namespace import Namespace
from batiyoun.realtime.polling import PollingApp
from batiyoun.realtime.session import Consumer, Session
from batiyoun.realtime.settings import EngineSettings
from batiyoun.realtime.socket import Socket
from batiyoun.runtime import Runtime


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Open sessions, open WebSockets, sockets on namespaces, acknowledgements being worked on."""

    sessions: int
    websockets: int
    sockets: int
    pending: int


class Engine:
    """A conforming Socket.IO v5 server. Make it while the event loop runs.

    `websocket_protocol` goes to uvicorn's `ws=`, `polling` is an ASGI application for the engine's path. A client
    chooses its parser (JSON or MessagePack) with its first packet.
    """

    def __init__(
        self, settings: EngineSettings, namespaces: Mapping[str, Namespace], runtime: Runtime | None = None
    ) -> None:
        self.settings = settings
        self.namespaces = dict(namespaces)
        self.io = EngineIO(settings, self._accept, runtime)
        self.users = Accounts(settings.limits.user, settings.limits.handshakes)
        #: sockets whose CONNECT was answered
        self.connected = 0
        #: events whose acknowledgement is still being worked on
        self.pending = 0
        self._quiet = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        for name, namespace in self.namespaces.items():
            namespace.hub.bind(name, self.io.pulse, namespace.recovery)
            if namespace.recovery is not None:
                namespace.recovery.bind(name, self.io.new_id, self.io.now)

    @property
    def polling(self) -> PollingApp:
        """The ASGI application of the long-polling transport."""
        return self.io.polling

    def websocket_protocol(self, *args: Any, **kwargs: Any) -> Handover:
        """uvicorn's `ws=`."""
        return self.io.websocket_protocol(*args, **kwargs)

    def stats(self) -> EngineStats:
        """Numbers for metrics and readiness."""
        return EngineStats(len(self.io.sessions), self.io.websockets, self.connected, self.pending)

    async def drain(self, limit_seconds: float) -> None:
        """Stop gracefully: no new clients, pending acknowledgements go out, clients are told to reconnect.

        Takes at most `limit_seconds`; half of it for acknowledgements at the most.
        """
        self.io.draining = True
        started = self.io.now()
        if self.pending:
            self._quiet.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), limit_seconds / 2)
        await self.io.drain(max(0.0, limit_seconds - (self.io.now() - started)))

    def close(self) -> None:
        """End everything at once."""
        self.io.close()
        for task in self._tasks:
            task.cancel()

    # ── for the engine's own parts ────────────────────────────────────────────────────────────────────────────────

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run it; the loop itself would forget a task nobody holds."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def begin_reply(self) -> None:
        """An acknowledgement is being worked on."""
        self.pending += 1

    def end_reply(self) -> None:
        """It was sent, or its client is gone."""
        self.pending -= 1
        if not self.pending:
            self._quiet.set()

    def admit_user(self, socket: Socket) -> bool:
        """Count a socket for the user its `connect` found; False when that user has too many."""
        if socket.identity is None:
            return True
        account = self.users.of(socket.identity, self.io.now())
        limits = self.settings.limits
        if limits.enabled and account.sockets >= limits.sockets_per_user:
            return False
        account.sockets += 1
        socket.user = account
        return True

    def release_user(self, socket: Socket) -> None:
        """A counted socket is gone."""
        if socket.user is not None:
            socket.user.sockets -= 1
            socket.user = None

    def _accept(self, session: Session) -> Consumer:
        client = Client(self, session)
        self.io.wheel.start(client, self.settings.connect_timeout_ms)
        return client
