"""Socket.IO protocol 5 in MessagePack, as `socket.io-msgpack-parser` speaks it.

Every packet is one binary message: a map of `type`, `nsp`, `data` and perhaps `id`; bytes travel inside, so there are
no attachments. The JavaScript side writes `undefined` as an extension of type 0 with one zero byte and an ArrayBuffer
as an extension of type 0; both are understood. Its Date (8 bytes of the same type) arrives as bytes: send ISO strings.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.packets import (
    ACK,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
    Ack,
    Connect,
    ConnectError,
    Disconnect,
    Packet,
    PacketLimits,
    Parts,
    Shape,
    check_depth,
    check_event_name,
)

T = TypeVar("T")

_BYTES = (bytes, bytearray, memoryview)
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError, TypeError)
#: Ids are sent as JavaScript numbers.
_MAX_ID = 2**53


def _extension(code: int, data: memoryview) -> Any:
    if code != 0:
        return msgspec.msgpack.Ext(code, bytes(data))
    return None if bytes(data) == b"\x00" else bytes(data)


_decode = msgspec.msgpack.Decoder(ext_hook=_extension).decode
_encode = msgspec.msgpack.Encoder().encode


class MsgpackEvent:
    """An event; its arguments are values already."""

    __slots__ = ("_arguments", "ack", "name", "namespace", "size")

    def __init__(self, namespace: str, name: str, ack: int | None, arguments: list[Any], size: int) -> None:
        self.namespace = namespace
        self.name = name
        self.ack = ack
        self.size = size
        self._arguments = arguments

    def arguments(self) -> list[Any]:
        """Every argument as plain values."""
        return self._arguments

    def first(self, shape: Shape[T]) -> T:
        """The first argument as `shape`; see `packets.Event`."""
        if not self._arguments:
            raise msgspec.ValidationError("Expected an argument")
        return msgspec.convert(self._arguments[0], shape.type)


class MsgpackDecoder:
    """The MessagePack parser of one connection."""

    __slots__ = ("_limits",)

    def __init__(self, limits: PacketLimits) -> None:
        self._limits = limits

    def text(self, message: bytes, start: int = 0) -> Packet | None:
        """There are no text messages in this parser."""
        raise ProtocolError("text message with the msgpack parser")

    def binary(self, message: bytes) -> Packet | None:
        """Take a packet."""
        try:
            packet = _decode(message)
        except _DECODE_ERRORS as error:
            raise ProtocolError("packet is not MessagePack") from error
        if not isinstance(packet, dict):
            raise ProtocolError("packet is not a map")
        check_depth(packet, self._limits.depth + 1)
        namespace = packet.get("nsp")
        if not isinstance(namespace, str) or len(namespace) > self._limits.namespace_length:
            raise ProtocolError("invalid namespace")
        ack = packet.get("id")
        if ack is not None and (type(ack) is not int or not 0 <= ack < _MAX_ID):
            raise ProtocolError("invalid packet id")
        return self._packet(packet.get("type"), namespace, ack, packet.get("data"), len(message))

    def _packet(self, kind: Any, namespace: str, ack: int | None, data: Any, size: int) -> Packet:
        if type(kind) is not int:
            raise ProtocolError("invalid packet type")
        if kind == EVENT and isinstance(data, list) and data:
            return MsgpackEvent(namespace, check_event_name(data[0], self._limits), ack, data[1:], size)
        if kind == ACK and isinstance(data, list) and ack is not None:
            return Ack(namespace, ack, data)
        if kind == CONNECT and (data is None or isinstance(data, dict)):
            return Connect(namespace, data)
        if kind == DISCONNECT and data is None:
            return Disconnect(namespace)
        if kind == CONNECT_ERROR and isinstance(data, str | dict):
            return ConnectError(namespace, data)
        raise ProtocolError("wrong data for the packet type")


class MsgpackEncoder:
    """Packets as `socket.io-msgpack-parser` reads them."""

    is_binary = True

    def event(self, namespace: str, name: str, arguments: tuple[Any, ...], ack: int | None = None) -> Parts:
        """An event."""
        return _pack(EVENT, namespace, [name, *arguments], ack)

    def ack(self, namespace: str, ack: int, arguments: tuple[Any, ...]) -> Parts:
        """An acknowledgement."""
        return _pack(ACK, namespace, list(arguments), ack)

    def connect(self, namespace: str, data: dict[str, Any]) -> Parts:
        """The reply to CONNECT."""
        return _pack(CONNECT, namespace, data)

    def connect_error(self, namespace: str, message: str, data: Any = None) -> Parts:
        """CONNECT refused."""
        return _pack(
            CONNECT_ERROR, namespace, {"message": message} if data is None else {"message": message, "data": data}
        )

    def disconnect(self, namespace: str) -> Parts:
        """The namespace is closed to this client."""
        return (_encode({"type": DISCONNECT, "nsp": namespace}),)


def _pack(kind: int, namespace: str, data: Any, ack: int | None = None) -> Parts:
    # Through plain values, so that times are ISO strings here as they are in JSON and not a MessagePack extension.
    packet = {"type": kind, "nsp": namespace, "data": msgspec.to_builtins(data, builtin_types=_BYTES)}
    if ack is not None:
        packet["id"] = ack
    return (_encode(packet),)
