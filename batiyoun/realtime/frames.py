"""What is sent, encoded at most once per form and shared by every receiver."""

from __future__ import annotations

from typing import Any, Final

from batiyoun.wire import engineio
from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.packets import Encoder, PacketLimits, Parts
from batiyoun.wire.socketio import BinaryEvent, JsonDecoder, JsonEvent
from batiyoun.wire.websocket import binary_frame, text_frame

#: Frames from other nodes were checked when their events came in; only the form is.
_TRUSTED: Final = PacketLimits(attachments=10_000, attachment_bytes=1 << 30)


class Frame:
    """One Engine.IO packet, or one message with its attachments, in the forms that transports write.

    `websocket` are bytes for the wire; `polled` is a part (or several, separated) of a polling body.
    """

    __slots__ = ("_first_is_binary", "_polled", "_websocket", "parts")

    def __init__(self, parts: Parts, *, first_is_binary: bool = False) -> None:
        self.parts = parts
        self._first_is_binary = first_is_binary
        self._websocket: bytes | None = None
        self._polled: bytes | None = None

    @classmethod
    def packet(cls, packet: bytes) -> Frame:
        """An Engine.IO text packet that is no message: it stands as it is."""
        frame = cls(())
        frame._websocket = text_frame(packet)
        frame._polled = packet
        return frame

    @property
    def websocket(self) -> bytes:
        """WebSocket frames, ready to be written."""
        if self._websocket is None:
            first, *rest = self.parts
            head = binary_frame(first) if self._first_is_binary else text_frame(first, b"4")
            self._websocket = b"".join((head, *map(binary_frame, rest))) if rest else head
        return self._websocket

    @property
    def polled(self) -> bytes:
        """Packets of a polling body."""
        if self._polled is None:
            first, *rest = self.parts
            head = engineio.polled_binary(first) if self._first_is_binary else b"4" + first
            self._polled = engineio.SEPARATOR.join((head, *map(engineio.polled_binary, rest)))
        return self._polled


class Broadcast:
    """An event for many sockets of one namespace: one frame per parser, made when the first receiver needs it."""

    __slots__ = ("_arguments", "_frames", "_name", "_namespace", "_ready")

    def __init__(self, namespace: str, name: str, arguments: tuple[Any, ...]) -> None:
        self._namespace = namespace
        self._name = name
        self._arguments = arguments
        self._frames: dict[bool, Frame] = {}
        self._ready: Parts | None = None

    @classmethod
    def ready(cls, parts: Parts) -> Broadcast:
        """One that another node encoded as JSON; it is taken apart only if somebody here uses another parser."""
        broadcast = cls("", "", ())
        broadcast._ready = parts
        broadcast._frames[False] = Frame(parts)
        return broadcast

    def parts(self, encoder: Encoder) -> Parts:
        """The packet of that parser, as the bus carries it."""
        return self.frame(encoder).parts

    def frame(self, encoder: Encoder) -> Frame:
        """The frame for receivers of that parser."""
        frame = self._frames.get(encoder.is_binary)
        if frame is None:
            if self._ready is not None:
                self._unpack(self._ready)
            parts = encoder.event(self._namespace, self._name, self._arguments)
            frame = self._frames[encoder.is_binary] = Frame(parts, first_is_binary=encoder.is_binary)
        return frame

    def last_argument(self) -> Any:
        """The last argument, None when there is none."""
        if self._ready is not None:
            self._unpack(self._ready)
        return self._arguments[-1] if self._arguments else None

    def _unpack(self, parts: Parts) -> None:
        decoder = JsonDecoder(_TRUSTED)
        packet = decoder.text(parts[0])
        for part in parts[1:]:
            packet = decoder.binary(part)
        if not isinstance(packet, JsonEvent | BinaryEvent):
            raise ProtocolError("the bus delivered something that is no event")
        self._namespace, self._name, self._arguments = packet.namespace, packet.name, tuple(packet.arguments())
