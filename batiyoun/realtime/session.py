"""One Engine.IO session: what outlives a change of transport.

It owns the out-list, the heartbeat and the reasons for closing. Live frames (broadcasts) are dropped for a consumer
that is too slow, and the consumer is told once it has caught up; everything else is kept up to a hard cap, past which
the connection is closed: no session holds more memory than the settings say.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

from batiyoun.realtime.frames import Frame
from batiyoun.realtime.limits import Account, Bucket, Meter
from batiyoun.realtime.request import KEPT_HEADERS, parse_query
from batiyoun.realtime.wheel import Timer
from batiyoun.wire import engineio
from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.websocket import CloseCode

if TYPE_CHECKING:
    from batiyoun.realtime.engineio import EngineIO

logger = logging.getLogger(__name__)

_PING: Final = Frame.packet(b"2")
#: Frames a consumer may be behind by; bounds what a queue of tiny ones costs beyond its bytes.
_MAX_FRAMES: Final = 10_000


class Consumer(Protocol):
    """What a session's messages are for: a Socket.IO client, or an application of raw Engine.IO.

    Who subclasses it inherits that nothing happens.
    """

    def on_text(self, message: bytes, start: int) -> None:
        """A text message: the bytes from `start` on, valid UTF-8. May raise `ProtocolError`."""
        ...

    def on_binary(self, message: bytes) -> None:
        """A binary message. May raise `ProtocolError`."""
        ...

    def on_flow(self, *, fast: bool) -> None:
        """Whether frames may be put straight on the session's out-list (`Session.fast`) has changed."""
        ...

    def on_caught_up(self) -> None:
        """Live frames were dropped, and from now on there is room again."""
        ...

    def on_close(self, reason: str) -> None:
        """The session is over. Called once."""
        ...


class _Nobody:
    """The consumer of a session that is over. A client and its session hold each other: with one of the two let go,
    closed connections are freed at once and leave nothing to the collector of cycles, which seldom runs.
    """

    def on_text(self, message: bytes, start: int) -> None:
        """Nobody reads it."""

    def on_binary(self, message: bytes) -> None:
        """Nobody reads it."""

    def on_flow(self, *, fast: bool) -> None:
        """Nobody sends."""

    def on_caught_up(self) -> None:
        """Nobody missed anything."""

    def on_close(self, reason: str) -> None:
        """It is over already."""


_NOBODY: Final = _Nobody()


class Transport(Protocol):
    """What carries a session at the moment."""

    name: str

    def flush(self, session: Session) -> None:
        """Write the session's out-list, or as much as can be written now."""
        ...

    def close(self, session: Session, code: int, reason: str, *, linger: bool) -> None:
        """Write what is left, say goodbye, close. `linger`: wait for a client that does not listen just now."""
        ...

    def closed_by_peer(self, session: Session) -> None:
        """The client said goodbye."""
        ...

    def abort(self) -> None:
        """Close without a word."""
        ...


class Session(Timer):
    """One connection of one client, whatever carries it. Made by `EngineIO`."""

    __slots__ = (
        "account",
        "address",
        "awaiting_pong",
        "closed",
        "consumer",
        "control",
        "engine",
        "fast",
        "is_websocket",
        "kept_headers",
        "lag_since",
        "lagging",
        "meter",
        "out",
        "out_frames",
        "probe",
        "queued",
        "raw_query",
        "secure",
        "sid",
        "transport",
    )

    consumer: Consumer

    def __init__(self, engine: EngineIO, sid: str, transport: Transport, account: Account) -> None:
        super().__init__()
        self.engine = engine
        self.sid = sid
        self.transport = transport
        self.account = account
        self.address = ""
        self.kept_headers: tuple[str | None, ...] = ()
        self.raw_query = ""
        self.secure = False
        #: bytes for the WebSocket while `is_websocket`
        self.out: list[bytes] = []
        #: frames while polling: their form is chosen when they are written
        self.out_frames: list[Frame] = []
        self.is_websocket = transport.name == "websocket"
        #: True: a frame's WebSocket bytes may be appended to `out` at once (open, on WebSocket, not slow)
        self.fast = self.is_websocket
        #: bytes gathered since the consumer became slow, or waiting for a poll
        self.queued = 0
        self.lag_since = 0.0
        self.lagging = False
        self.probe: Transport | None = None
        self.closed = False
        self.awaiting_pong = False
        self.control: Bucket | None = None
        #: what it sends, counted from its first event on
        self.meter: Meter | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the handshake that are kept, names in lower case."""
        pairs = zip(KEPT_HEADERS, self.kept_headers, strict=False)
        return {name: value for name, value in pairs if value is not None}

    @property
    def query(self) -> dict[str, str]:
        """The query of the handshake."""
        return parse_query(self.raw_query)

    # ── out ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, frame: Frame) -> None:
        """Send a frame; a no-op once the session is closed."""
        if self.fast:
            out = self.out
            if not out:
                self.engine.pulse.mark(self)
            out.append(frame.websocket)
        elif not self.closed:
            self._queue(frame)

    def send_live(self, frame: Frame) -> bool:
        """Send a frame that may be dropped when the consumer is too slow; False says it was dropped."""
        if self.fast:
            self.send(frame)
            return True
        if self.closed:
            return False
        if self.lagging or self._is_behind(len(frame.websocket if self.is_websocket else frame.polled)):
            self.lagging = True
            return False
        self._queue(frame)
        return True

    def send_text(self, message: bytes) -> None:
        """Send a raw Engine.IO text message (UTF-8)."""
        self.send(Frame((message,)))

    def send_binary(self, message: bytes) -> None:
        """Send a raw Engine.IO binary message."""
        self.send(Frame((message,), first_is_binary=True))

    def _is_behind(self, size: int) -> bool:
        settings = self.engine.settings
        if self.queued + size > settings.max_queue or len(self.out) + len(self.out_frames) >= _MAX_FRAMES:
            return True
        # A poll comes and goes; only a WebSocket that is not being read counts as slow by time.
        return self.is_websocket and self.engine.now() - self.lag_since > settings.max_lag_ms / 1000

    def _queue(self, frame: Frame) -> None:
        if self.is_websocket:
            data = frame.websocket
            self.out.append(data)
        else:
            data = frame.polled
            if not self.out_frames:
                self.engine.pulse.mark(self)
            self.out_frames.append(frame)
        self.queued += len(data)
        if self.queued > 4 * self.engine.settings.max_queue or len(self.out) > 4 * _MAX_FRAMES:
            logger.warning("A connection does not read what it asked for; it is closed")
            self.abort("transport error")

    def flush(self) -> None:
        """The tick is over: write."""
        self.transport.flush(self)

    def slow(self) -> None:
        """The transport cannot take more for now."""
        if self.closed or not self.fast:
            return
        self.fast = False
        self.queued = 0
        self.lag_since = self.engine.now()
        self.consumer.on_flow(fast=False)

    def ready(self) -> None:
        """The transport takes more again."""
        if self.closed or self.fast or not self.is_websocket:
            return
        self.fast = True
        self.consumer.on_flow(fast=True)
        if self.out:
            self.engine.pulse.mark(self)
        self.caught_up()

    def caught_up(self) -> None:
        """Everything queued was written."""
        self.queued = 0
        if self.lagging:
            self.lagging = False
            self.consumer.on_caught_up()

    # ── in ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def receive(self, packet: bytes) -> None:
        """Take an Engine.IO text packet of valid UTF-8. Whatever is wrong closes this session and no other."""
        if self.closed:
            return
        kind = packet[0] if packet else 0
        try:
            if kind == engineio.MESSAGE:
                self.consumer.on_text(packet, 1)
            else:
                self._control_packet(kind)
        except ProtocolError as error:
            self.fail(error)
        except Exception:
            self.crash()

    def receive_binary(self, message: bytes) -> None:
        """Take an Engine.IO binary message."""
        if self.closed:
            return
        try:
            self.consumer.on_binary(message)
        except ProtocolError as error:
            self.fail(error)
        except Exception:
            self.crash()

    def _control_packet(self, kind: int) -> None:
        self.count_control()
        if kind == engineio.PONG:
            if self.awaiting_pong:
                self.awaiting_pong = False
                self.engine.wheel.start(self, self.engine.settings.ping_interval_ms)
        elif kind == engineio.CLOSE:
            self.transport.closed_by_peer(self)
        elif kind not in (engineio.NOOP, engineio.UPGRADE):
            # A ping is in the wrong direction since revision 4; the rest does not exist.
            raise ProtocolError("packet type not for servers")

    def count_control(self) -> None:
        """Count something that costs the sender nothing; raises `ProtocolError` when it is a flood."""
        limits = self.engine.settings.limits
        if not limits.enabled:
            return
        now = self.engine.now()
        if self.control is None:
            self.control = Bucket(limits.control, now)
        if self.control.take(limits.control, now):
            raise ProtocolError("flood of control packets", close_code=CloseCode.POLICY_VIOLATION)

    # ── heartbeat ─────────────────────────────────────────────────────────────────────────────────────────────────

    def fire(self) -> None:
        """The timer: a ping is due, or the answer to the last one is overdue."""
        if self.closed:
            return
        if self.awaiting_pong:
            self.close("ping timeout", code=CloseCode.GOING_AWAY, linger=False)
            return
        self.awaiting_pong = True
        self.send(_PING)
        self.engine.wheel.start(self, self.engine.settings.ping_timeout_ms)

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

    def fail(self, error: ProtocolError) -> None:
        """The peer broke the protocol."""
        logger.info("Protocol error: %s", error)
        self.close("parse error", code=error.close_code, linger=False)

    def crash(self) -> None:
        """We broke: log it, close this session only."""
        logger.exception("A session failed")
        self.close("transport error", code=CloseCode.INTERNAL_ERROR, linger=False)

    def close(self, reason: str, *, code: int = CloseCode.NORMAL, text: str = "", linger: bool = True) -> None:
        """End the session: write what is queued, then close. `code` and `text` go into a WebSocket's close frame.

        `linger`: a polling client that is between two polls gets what is left with the next ones; false when it is
        the client that failed.
        """
        # A WebSocket that is about to take over goes on: its client has stopped polling, and gets the last words there.
        if self._end(reason):
            self.transport.close(self, code, text, linger=linger)

    def abort(self, reason: str) -> None:
        """End the session without another word to the peer."""
        if self._end(reason):
            self.out, self.out_frames = [], []
            self.transport.abort()
            self._abort_probe()

    def lost(self, reason: str = "transport close") -> None:
        """The transport is gone."""
        if self._end(reason):
            self.out, self.out_frames = [], []
            self._abort_probe()

    def _abort_probe(self) -> None:
        if self.probe is not None:
            self.probe.abort()
            self.probe = None

    def _end(self, reason: str) -> bool:
        if self.closed:
            return False
        self.closed = True
        self.fast = False
        self.engine.wheel.cancel(self)
        self.engine.forget(self)
        try:
            self.consumer.on_flow(fast=False)
            self.consumer.on_close(reason)
        except Exception:
            logger.exception("Closing a session failed")
        self.consumer = _NOBODY
        return True
