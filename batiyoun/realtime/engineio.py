"""An Engine.IO server: sessions over WebSocket and long-polling, without knowing what the messages mean.

`accept` is called for every new session and returns what its messages are for. Socket.IO (`engine.py`) is one such
application, `examples/echo.py` shows another. Source: the Engine.IO protocol, revision 4.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import random
from collections.abc import Callable
from typing import Any, Final

from batiyoun.realtime import refusal
from batiyoun.realtime.frames import Frame
from batiyoun.realtime.handover import Handover
from batiyoun.realtime.limits import Account, Accounts
from batiyoun.realtime.polling import LastWords, PollingApp, PollingTransport
from batiyoun.realtime.pulse import Pulse
from batiyoun.realtime.refusal import Refusal
from batiyoun.realtime.request import Gate, Request, limit_key
from batiyoun.realtime.session import Consumer, Session, Transport
from batiyoun.realtime.settings import EngineSettings
from batiyoun.realtime.websocket import WebSocketTransport
from batiyoun.realtime.wheel import Wheel
from batiyoun.runtime import Runtime
from batiyoun.wire import engineio
from batiyoun.wire.websocket import CloseCode

logger = logging.getLogger(__name__)

#: Seconds a refused client is asked to wait when the number of its connections is the reason.
_CROWDED_RETRY: Final = 30.0


class EngineIO:
    """The server. Make it while the event loop runs; everything happens on that loop's thread."""

    def __init__(
        self, settings: EngineSettings, accept: Callable[[Session], Consumer], runtime: Runtime | None = None
    ) -> None:
        self.settings = settings
        self.runtime = runtime or Runtime()
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time
        shortest = min(
            settings.ping_interval_ms,
            settings.ping_timeout_ms,
            settings.connect_timeout_ms,
            settings.upgrade_timeout_ms,
            settings.close_timeout_ms,
        )
        self.wheel = Wheel(self._loop, max(5, min(250, shortest // 20)))
        self.pulse = Pulse(self._loop)
        self.gate = Gate(settings.allowed_origins, settings.trusted_proxies)
        self.sessions: dict[str, Session] = {}
        self.last_words: dict[str, LastWords] = {}
        self.addresses = Accounts(settings.limits.address, settings.limits.handshakes)
        self.draining = False
        #: connections picows holds, from handshake to the end of TCP
        self.websockets = 0
        self._no_websockets = asyncio.Event()
        self._all_said = asyncio.Event()
        #: the ASGI application to mount at the path
        self.polling = PollingApp(self)

    def websocket_protocol(self, *_: Any, **__: Any) -> Handover:
        """A protocol for one upgraded connection; the arguments are uvicorn's and not needed."""
        return Handover(lambda path: self if self.serves(path) else None)

    def serves(self, path: str) -> bool:
        """Whether a request's path is this engine's."""
        return path.rstrip("/") == self.settings.path.rstrip("/")

    # ── requests ──────────────────────────────────────────────────────────────────────────────────────────────────

    def admit(self, request: Request, *, websocket: bool) -> Refusal | None:
        """Why a request is not served; None when it is. The order of the checks is the reference implementation's."""
        name = request.query.get("transport")
        if name is None or name not in self.settings.transports:
            return refusal.UNKNOWN_TRANSPORT
        if not self.gate.allows(request):
            return refusal.FORBIDDEN
        sid = request.query.get("sid")
        if sid is not None:
            return self._admit_known(sid, name, websocket=websocket)
        return self._admit_new(request, name, websocket=websocket)

    def _admit_new(self, request: Request, name: str, *, websocket: bool) -> Refusal | None:
        if request.method != "GET":
            return refusal.BAD_METHOD
        if websocket != (name == "websocket"):
            return refusal.BAD_REQUEST
        if request.query.get("EIO") != str(engineio.VERSION):
            return refusal.UNSUPPORTED_VERSION
        if self.draining:
            return refusal.going_away(1 + self._jitter())
        return self._admit_address(request)

    def _admit_known(self, sid: str, name: str, *, websocket: bool) -> Refusal | None:
        session = self.sessions.get(sid)
        if session is None:
            return None if sid in self.last_words and not websocket else refusal.UNKNOWN_SID
        if websocket != (name == "websocket"):
            return refusal.BAD_REQUEST
        # A session that was upgraded does not go back; a second WebSocket closes right after its handshake.
        if not websocket and session.is_websocket:
            return refusal.BAD_REQUEST
        return None

    def _admit_address(self, request: Request) -> Refusal | None:
        limits = self.settings.limits
        if not limits.enabled:
            return None
        account = self._account(request)
        if account.sockets >= limits.sockets_per_address:
            return refusal.too_many(_CROWDED_RETRY)
        wait = account.handshakes.take(limits.handshakes, self.now())
        return refusal.too_many(wait) if wait else None

    def _account(self, request: Request) -> Account:
        return self.addresses.of(limit_key(self.gate.client_address(request)), self.now())

    # ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, transport: Transport, request: Request) -> Session:
        """A new session, its OPEN packet on the way."""
        sid = f"{self.settings.sid_prefix}{self.new_id()}"
        account = self._account(request)
        account.sockets += 1
        session = Session(self, sid, transport, account)
        session.kept_headers = request.kept_headers()
        session.raw_query = request.raw_query
        session.address = self.gate.client_address(request)
        session.secure = self.gate.is_secure(request)
        self.sessions[sid] = session
        settings = self.settings
        can_upgrade = not session.is_websocket and "websocket" in settings.transports
        handshake = engineio.Handshake(
            sid,
            ("websocket",) if can_upgrade else (),
            settings.ping_interval_ms,
            settings.ping_timeout_ms,
            settings.max_payload,
        )
        session.send(Frame.packet(handshake.encode()))
        session.consumer = self._accept(session)
        self.wheel.start(session, settings.ping_interval_ms)
        return session

    def upgrade(self, session: Session, transport: WebSocketTransport) -> None:
        """The WebSocket takes over; what was queued for a poll goes out through it."""
        old = session.transport
        session.probe = None
        session.transport = transport
        session.is_websocket = True
        session.out = [frame.websocket for frame in session.out_frames]
        session.out_frames = []
        session.lag_since = self.now()
        if isinstance(old, PollingTransport):
            old.release()
        session.ready()

    def release_poll(self, session: Session) -> None:
        """A probe was answered: let the client's polls end."""
        if isinstance(session.transport, PollingTransport):
            session.transport.probed = True
            session.transport.release()

    def probe_failed(self, session: Session) -> None:
        """The WebSocket that was to take over is gone: polls wait again."""
        session.probe = None
        if isinstance(session.transport, PollingTransport):
            session.transport.probed = False

    def forget(self, session: Session) -> None:
        """The session is over."""
        if self.sessions.pop(session.sid, None) is not None:
            session.account.sockets -= 1

    def websocket_opened(self) -> None:
        """picows has taken over a connection."""
        self.websockets += 1

    def websocket_closed(self) -> None:
        """Its TCP connection is gone."""
        self.websockets -= 1
        self._note_websockets()

    def _note_websockets(self) -> None:
        if self.websockets:
            self._no_websockets.clear()
        else:
            self._no_websockets.set()

    def linger(self, sid: str, words: LastWords) -> None:
        """Keep what a closed polling session has to say until somebody comes for it, for a while."""
        self.last_words[sid] = words
        self._all_said.clear()
        self.wheel.start(words, self.settings.close_timeout_ms)

    def said(self, sid: str) -> None:
        """Somebody came for it, or nobody will."""
        self.last_words.pop(sid, None)
        if not self.last_words:
            self._all_said.set()

    def new_id(self) -> str:
        """20 characters nobody can guess: whoever knows a session's id can speak for it."""
        return base64.urlsafe_b64encode(self.runtime.random_bytes(15)).decode()

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def drain(self, limit_seconds: float) -> None:
        """Take no new sessions and close the open ones, spread over half of the time at random, within the limit.

        Clients see an abnormal end of the transport (close code 1012), which makes them reconnect by themselves.
        """
        self.draining = True
        deadline = self.now() + limit_seconds
        sessions = list(self.sessions.values())
        random.shuffle(sessions)
        # Few clients need no spreading: at 1,000 a second the next server is not overrun.
        steps = max(1, min(int(limit_seconds / 2 / 0.02), len(sessions) // 20))
        for step in range(steps):
            for session in sessions[step::steps]:
                session.close("server shutting down", code=CloseCode.SERVICE_RESTART, text="restart")
            if step + 1 < steps:
                await asyncio.sleep(0.02)
        self._note_websockets()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._no_websockets.wait(), max(0.0, deadline - self.now()))
        if self.last_words:  # of clients that are between two polls
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_said.wait(), max(0.0, deadline - self.now()))

    def close(self) -> None:
        """End everything at once."""
        self.draining = True
        for session in list(self.sessions.values()):
            session.close("server shutting down", code=CloseCode.GOING_AWAY)
        self.last_words.clear()
        self.wheel.close()

    def _jitter(self) -> float:
        return random.random() * 4  # noqa: S311 - spreads load, guards nothing


def first_serving(*engines: EngineIO) -> Callable[..., Handover]:
    """One `ws=` for several engines on different paths of one port."""

    def find(path: str) -> EngineIO | None:
        return next((engine for engine in engines if engine.serves(path)), None)

    return lambda *_, **__: Handover(find)
