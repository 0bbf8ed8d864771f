"""The WebSocket transport on picows.

picows cuts and unmasks frames in C and checks opcodes, masks and control sizes; what RFC 6455 asks beyond that is
`wire/websocket`. Writing bypasses it: frames come ready-made and one `write` per tick takes them all.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from picows import WSFrame, WSListener, WSTransport, WSUpgradeResponse

from batiyoun.realtime.request import Request
from batiyoun.realtime.session import Session
from batiyoun.realtime.wheel import Timer
from batiyoun.wire import engineio
from batiyoun.wire import websocket as ws
from batiyoun.wire.errors import ProtocolError

if TYPE_CHECKING:
    from batiyoun.realtime.engineio import EngineIO

logger = logging.getLogger(__name__)

_NO_HEADERS: Final = WSUpgradeResponse.create_101_response().headers


class WebSocketTransport(WSListener):
    """A WebSocket from handshake to close; it carries a session, or probes to carry one that is polling."""

    __slots__ = (
        "_assembler",
        "_closing",
        "_deadline",
        "_engine",
        "_paused",
        "_request",
        "_session",
        "_tcp",
    )

    name = "websocket"

    def __init__(self, engine: EngineIO, request: Request) -> None:
        self._engine = engine
        self._request: Request | None = request
        self._session: Session | None = None
        self._assembler: ws.MessageAssembler | None = None
        self._deadline: _Deadline | None = None
        self._closing = False
        self._paused = False
        self._tcp: asyncio.Transport

    # ── picows' side ──────────────────────────────────────────────────────────────────────────────────────────────

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done: open a session, or wait for the probe of an existing one."""
        self._tcp = transport.underlying_transport
        self._engine.websocket_opened()
        self._tcp.set_write_buffer_limits(high=self._engine.settings.high_water)
        # The handshake is over: its headers would stay for as long as the connection does.
        transport.request.headers = transport.response.headers = _NO_HEADERS
        request, self._request = self._request, None
        if request is None:
            return
        sid = request.query.get("sid")
        if sid is None:
            self._session = self._engine.open(self, request)
            return
        session = self._engine.sessions.get(sid)
        if session is None or session.is_websocket or session.probe is not None:
            self._say_goodbye(ws.CloseCode.POLICY_VIOLATION, "")
            return
        self._session = session
        session.probe = self
        self._start_deadline(self._engine.settings.upgrade_timeout_ms)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame. The hot path is a whole text message of a session that is ours."""
        opcode: int = frame.msg_type  # type: ignore[assignment]  # an IntEnum that picows' stub calls an Enum
        payload = frame.get_payload_as_bytes()
        reserved = frame.rsv1 or frame.rsv2 or frame.rsv3
        session = self._session
        if self._closing or session is None:
            self._while_closing(opcode)
            return
        try:
            assembler = self._assembler
            if assembler is None:
                if opcode == ws.TEXT and frame.fin and not reserved and session.transport is self:
                    if not payload.isascii():
                        ws.check_utf8(payload)
                    session.receive(payload)
                    return
                assembler = self._assembler = ws.MessageAssembler(self._engine.settings.max_payload)
            message = assembler.receive(opcode, payload, frame.fin, reserved)
            if assembler.idle:
                self._assembler = None
            if message is not None:
                self._on_message(session, *message)
        except ProtocolError as error:
            self._on_error(session, error)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The connection is gone, whoever ended it."""
        self._engine.websocket_closed()
        self._stop_deadline()
        session, self._session = self._session, None
        if session is None:
            return
        if session.transport is self:
            session.lost()
        elif session.probe is self:
            self._engine.probe_failed(session)

    def pause_writing(self) -> None:
        """The peer reads slower than we write."""
        self._paused = True
        if self._session is not None and self._session.transport is self:
            self._session.slow()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._paused = False
        if self._session is not None and self._session.transport is self:
            self._session.ready()

    # ── messages ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _on_message(self, session: Session, opcode: int, payload: bytes) -> None:
        if opcode == ws.PING:
            session.count_control()
            # Only the latest ping needs an answer (RFC 6455 §5.5.3): a peer that does not read gets none.
            if not self._paused:
                self._tcp.write(ws.frame(ws.PONG, payload))
        elif opcode == ws.PONG:
            session.count_control()
        elif opcode == ws.CLOSE:
            code, _ = ws.parse_close(payload)
            self._say_goodbye(code, "")
            self._tcp.close()
            if session.transport is self:
                session.lost()
        elif session.transport is not self:
            self._on_probe(session, opcode, payload)
        elif opcode == ws.TEXT:
            session.receive(payload)
        else:
            session.receive_binary(payload)

    def _on_probe(self, session: Session, opcode: int, payload: bytes) -> None:
        """Before the upgrade only `2probe` and then `5` may come."""
        if opcode == ws.TEXT and payload == engineio.PROBE:
            session.count_control()
            self._tcp.write(ws.text_frame(engineio.PROBE_ANSWER))
            self._engine.release_poll(session)
        elif opcode == ws.TEXT and payload[:1] == b"5":
            self._stop_deadline()
            if session.closed:
                words = self._engine.last_words.get(session.sid)
                self._tcp.write(words.all() if words is not None else b"")
                self._say_goodbye(ws.CloseCode.NORMAL, "")
            else:
                self._engine.upgrade(session, self)
        else:
            raise ProtocolError("not a probe")

    def _on_error(self, session: Session, error: ProtocolError) -> None:
        if session.transport is self:
            session.fail(error)
        else:
            self._say_goodbye(error.close_code, "")

    def _while_closing(self, opcode: int) -> None:
        if opcode == ws.CLOSE:
            self._tcp.close()

    # ── the session's side ────────────────────────────────────────────────────────────────────────────────────────

    def flush(self, session: Session) -> None:
        """Write everything at once."""
        if self._paused or self._closing:
            return
        out, session.out = session.out, []
        if out:
            self._tcp.write(out[0] if len(out) == 1 else b"".join(out))

    def closed_by_peer(self, session: Session) -> None:
        """The client sent a close packet."""
        session.close("transport close")

    def close(self, session: Session, code: int, reason: str, *, linger: bool) -> None:
        """Write what is left and a close frame; the peer has the close timeout to answer."""
        out, session.out = session.out, []
        if out and not self._closing:
            self._tcp.write(b"".join(out))
        self._say_goodbye(code, reason)

    def abort(self) -> None:
        """Cut the connection."""
        self._closing = True
        self._stop_deadline()
        self._tcp.abort()

    def _say_goodbye(self, code: int | None, reason: str) -> None:
        if self._closing:
            return
        self._closing = True
        self._assembler = None
        self._tcp.write(ws.close_frame(code, reason))
        self._start_deadline(self._engine.settings.close_timeout_ms)

    def _start_deadline(self, delay_ms: int) -> None:
        if self._deadline is None:
            self._deadline = _Deadline(self)
        self._engine.wheel.start(self._deadline, delay_ms)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._engine.wheel.cancel(self._deadline)
            self._deadline = None


class _Deadline(Timer):
    """A probe that leads nowhere, or a close that is not answered."""

    __slots__ = ("_transport",)

    def __init__(self, transport: WebSocketTransport) -> None:
        super().__init__()
        self._transport = transport

    def fire(self) -> None:
        self._transport.abort()
