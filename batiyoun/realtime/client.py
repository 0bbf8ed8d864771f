"""The Socket.IO side of one session: its parser, its namespaces, and what its packets do."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from batiyoun.errors import BatiyounError, Internal, RateLimited, Unavailable
from batiyoun.realtime.frames import Broadcast, Frame
from batiyoun.realtime.namespace import ConnectRefused, Namespace
from batiyoun.realtime.recovery import Lost
from batiyoun.realtime.session import Session
from batiyoun.realtime.socket import Socket, State
from batiyoun.realtime.wheel import Timer
from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.msgpack import MsgpackDecoder, MsgpackEncoder
from batiyoun.wire.packets import Ack, Connect, ConnectError, Decoder, Disconnect, Encoder, Packet, Parts
from batiyoun.wire.socketio import JsonDecoder, JsonEncoder, JsonEvent

if TYPE_CHECKING:
    from batiyoun.realtime.engine import Engine

logger = logging.getLogger(__name__)

_JSON: Encoder = JsonEncoder()
_MSGPACK: Encoder = MsgpackEncoder()


class Client(Timer):
    """One client; it is its own timer for the connect timeout.

    The parser is chosen by the first message: CONNECT is text with the default parser and binary with MessagePack.
    """

    __slots__ = ("_decoder", "encoder", "engine", "session", "sockets")

    def __init__(self, engine: Engine, session: Session) -> None:
        super().__init__()
        self.engine = engine
        self.session = session
        self.encoder: Encoder = _JSON
        self._decoder: Decoder | None = None
        #: by namespace, those still connecting included
        self.sockets: dict[str, Socket] = {}

    def fire(self) -> None:
        """The connect timeout: the client asked for nothing, or the application does not decide."""
        if not self.sockets:
            self.session.close("forced close")
            return
        for socket in tuple(self.sockets.values()):
            if socket.deciding is not None:
                socket.deciding.cancel()

    # ── in ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def on_text(self, message: bytes, start: int) -> None:
        """A text message."""
        decoder = self._decoder
        if decoder is None:
            if message[start : start + 1] != b"0":
                raise ProtocolError("the first packet is no CONNECT")
            decoder = self._decoder = JsonDecoder(self.session.engine.settings.packets)
        packet = decoder.text(message, start)
        if type(packet) is JsonEvent:
            socket = self.sockets.get(packet.namespace)
            if socket is not None and socket.state is State.CONNECTED:
                socket.app.events(socket, packet)
                return
        if packet is not None:
            self._on_packet(packet)

    def on_binary(self, message: bytes) -> None:
        """A binary message."""
        if self._decoder is None:
            packets = self.session.engine.settings.packets
            if len(message) > packets.connect_bytes:
                raise ProtocolError("too much to say for a CONNECT")
            self._decoder = MsgpackDecoder(packets)
            self.encoder = _MSGPACK
        packet = self._decoder.binary(message)
        if packet is not None:
            self._on_packet(packet)

    def _on_packet(self, packet: Packet) -> None:
        socket = self.sockets.get(packet.namespace)
        if isinstance(packet, Connect) and socket is None:
            self._connect(packet)
        elif socket is None or socket.state is not State.CONNECTED:
            # As the reference implementation has it: nothing but CONNECT may come before the reply to it.
            raise ProtocolError("packet for a namespace that is not connected")
        elif isinstance(packet, Ack):
            socket.acknowledged(packet.id, packet.arguments)
        elif isinstance(packet, Disconnect):
            self.leave(socket, "client namespace disconnect")
        elif isinstance(packet, Connect | ConnectError):
            raise ProtocolError("packet out of order")
        else:
            socket.app.events(socket, packet)

    def _connect(self, packet: Connect) -> None:
        app = self.engine.namespaces.get(packet.namespace)
        self.session.count_control()
        if app is None:
            self._send(self.encoder.connect_error(packet.namespace, "Invalid namespace"))
            return
        if len(self.sockets) >= self.engine.settings.limits.namespaces:
            raise ProtocolError("too many namespaces")
        socket = Socket(self, packet.namespace, app)
        self.sockets[packet.namespace] = socket
        self._await_connect()
        lost = app.recovery.find(packet.auth) if app.recovery is not None else None
        if lost is not None:
            socket.id = lost.sid
        socket.deciding = self.engine.spawn(self._decide(socket, app, packet.auth, lost))

    # ── connecting ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _decide(self, socket: Socket, app: Namespace, auth: dict[str, Any] | None, lost: Lost | None) -> None:
        """Ask the application; one task per connect, bounded by the connect timeout."""
        started = app.recovery.last if app.recovery is not None else 0
        try:
            extra = await app.connect(socket, auth)
        except asyncio.CancelledError:
            busy = Unavailable()
            self._refuse(socket, busy.public, busy.to_wire())
        except ConnectRefused as refused:
            self._refuse(socket, refused.message, refused.data)
        except BatiyounError as error:
            self._refuse(socket, error.public, error.to_wire())
        except Exception:
            logger.exception("A connect handler failed")
            internal = Internal()
            self._refuse(socket, internal.public, internal.to_wire())
        else:
            self._welcome(socket, extra or {}, lost, started)
        finally:
            socket.deciding = None
            if self.sockets and all(other.deciding is None for other in self.sockets.values()):
                self.session.engine.wheel.cancel(self)

    def _welcome(self, socket: Socket, extra: dict[str, Any], lost: Lost | None, started: int) -> None:
        if socket.is_gone:
            # The client left while the application decided, which may have taken note of it already.
            socket.end("transport close")
            return
        if not self.engine.admit_user(socket):
            error = RateLimited("You have too many open connections. Close one and try again.", retry_after=30)
            self._refuse(socket, error.public, error.to_wire())
            socket.end("connect refused")
            return
        recorded = self._recover(socket, lost, started) if socket.app.recovery is not None else []
        reply = {"sid": socket.id, **({} if socket.pid is None else {"pid": socket.pid}), **extra}
        self._send(self.encoder.connect(socket.namespace, reply))
        self.engine.connected += 1
        socket.connected(recorded)

    def _recover(self, socket: Socket, lost: Lost | None, started: int) -> list[Broadcast]:
        """Take over from the socket that was lost, if it was the same user's; what is on record for the new one.

        `started` is where the record stood when the application was asked: what was sent since follows the reply.
        """
        recovery = socket.app.recovery
        if recovery is None:
            return []
        if lost is None or lost.identity != socket.identity:
            recorded = list(recovery.since(started, socket.id, socket.rooms))
            socket.pid = recovery.new_pid()
            if lost is not None:
                socket.id = self.session.engine.new_id()
            return recorded
        for room in lost.rooms:
            socket.app.hub.join(socket, room)
        socket.pid, socket.recovered = lost.pid, True
        return list(recovery.since(lost.seen, socket.id, socket.rooms))

    def _refuse(self, socket: Socket, message: str, data: Any) -> None:
        if socket.is_gone:
            return
        self._send(self.encoder.connect_error(socket.namespace, message, data))
        self.leave(socket, "connect refused")

    def _send(self, parts: Parts) -> None:
        self.session.send(Frame(parts, first_is_binary=self.encoder.is_binary))

    # ── leaving ───────────────────────────────────────────────────────────────────────────────────────────────────

    def leave(self, socket: Socket, reason: str) -> None:
        """The client is no longer on the socket's namespace."""
        if self.sockets.get(socket.namespace) is socket:
            del self.sockets[socket.namespace]
        if socket.state is State.CONNECTED:
            self.engine.connected -= 1
            self.engine.release_user(socket)
        socket.gone(reason)
        if not self.sockets and not self.session.closed:
            # Refused or gone from everywhere: it has the connect timeout to come back.
            self._await_connect()

    def _await_connect(self) -> None:
        self.session.engine.wheel.start(self, self.session.engine.settings.connect_timeout_ms)

    def disconnect_all(self, reason: str) -> None:
        """Leave every namespace, telling the client."""
        for socket in tuple(self.sockets.values()):
            socket.disconnect(reason=reason)

    def on_flow(self, *, fast: bool) -> None:
        """The session became slow, or caught up, or was upgraded."""
        for socket in self.sockets.values():
            socket.refresh_flow()

    def on_caught_up(self) -> None:
        """There is room again: those who missed something are told."""
        for socket in tuple(self.sockets.values()):
            if socket.missed and socket.state is State.CONNECTED:
                socket.resync()

    def on_close(self, reason: str) -> None:
        """The session is over."""
        self.session.engine.wheel.cancel(self)
        for socket in tuple(self.sockets.values()):
            self.leave(socket, reason)
