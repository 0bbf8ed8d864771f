"""Socket.IO protocol 5 in its default form: JSON text with binary attachments.

    <type>[<attachments>-][<namespace>,][<ack id>][JSON]

The hot path is an event without attachments on the default namespace: its name is cut out of the bytes and its first
argument is decoded straight into a struct, with no list or dict between.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

import msgspec

from batiyoun.wire.attachments import has_binary, put_together, take_apart
from batiyoun.wire.errors import MessageTooBig, ProtocolError
from batiyoun.wire.packets import (
    ACK,
    BINARY_ACK,
    BINARY_EVENT,
    CONNECT,
    CONNECT_ERROR,
    DEFAULT_NAMESPACE,
    DISCONNECT,
    EVENT,
    RESERVED_EVENTS,
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

#: The hot path: an event without attachments whose name is plain printable ASCII. Namespace, acknowledgement, name.
_EVENT: Final = re.compile(rb'2(?:(/[^,]*),)?([0-9]*)\["([ !#-\[\]-~]*)"[,\]]')
_HEAD: Final = re.compile(rb"([0-6])(?:(?<=[56])(\d{1,6})-)?(?:(/[^,]*)(?:,|\Z))?(\d*)")
_BRACKET: Final = ord("]")

#: What holds no attachments, told at a glance.
_WHOLE: Final = (msgspec.Struct, str)

_encode = msgspec.json.Encoder().encode
_decode_any = msgspec.json.Decoder().decode
_decode_raw_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
#: What msgspec's decoder may raise on foreign bytes: wrong syntax or form, bad UTF-8, nesting beyond the C stack.
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class JsonEvent:
    """An event whose arguments are still JSON bytes."""

    __slots__ = ("_body", "_start", "ack", "name", "namespace")

    def __init__(self, namespace: str, name: str, ack: int | None, body: bytes, start: int) -> None:
        self.namespace = namespace
        self.name = name
        self.ack = ack
        self._body = body
        self._start = start

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return len(self._body)

    def arguments(self) -> list[Any]:
        """Every argument as plain values; see `packets.Event`."""
        values = parse_json(self._list())
        if not isinstance(values, list):
            raise ProtocolError("event is not an array")
        return values[1:]

    def first(self, shape: Shape[T]) -> T:
        """The first argument as `shape`; see `packets.Event`."""
        body = self._body
        try:
            # Between `["name",` and the closing bracket stands exactly one argument, nearly always.
            return shape.from_json(body[self._start + len(self.name) + 4 : -1])
        except _DECODE_ERRORS:
            return self._first_of_many(shape)

    def _first_of_many(self, shape: Shape[T]) -> T:
        try:
            items = _decode_raw_list(self._list())
        except _DECODE_ERRORS as error:
            raise ProtocolError("event is not JSON") from error
        if len(items) < 2:
            raise msgspec.ValidationError("Expected an argument")
        try:
            return shape.from_json(items[1])
        except msgspec.ValidationError:
            raise
        except _DECODE_ERRORS as error:
            raise ProtocolError("event is not JSON") from error

    def _list(self) -> bytes:
        return self._body[self._start :]


class BinaryEvent:
    """An event that had attachments; its arguments are values already."""

    __slots__ = ("_arguments", "ack", "name", "namespace", "size")

    def __init__(self, namespace: str, name: str, ack: int | None, arguments: list[Any], size: int) -> None:
        self.namespace = namespace
        self.name = name
        self.ack = ack
        self.size = size
        self._arguments = arguments

    def arguments(self) -> list[Any]:
        """Every argument as plain values; see `packets.Event`."""
        return self._arguments

    def first(self, shape: Shape[T]) -> T:
        """The first argument as `shape`; see `packets.Event`."""
        if not self._arguments:
            raise msgspec.ValidationError("Expected an argument")
        return msgspec.convert(self._arguments[0], shape.type)


class JsonDecoder:
    """The default parser of one connection."""

    __slots__ = ("_limits", "_partial")

    def __init__(self, limits: PacketLimits) -> None:
        self._limits = limits
        self._partial: _Partial | None = None

    def text(self, message: bytes, start: int = 0) -> Packet | None:
        """Take a text message from `start` on; return the packet it completes, None while attachments are missing."""
        if self._partial is not None:
            raise ProtocolError("text while attachments are missing")
        match = _EVENT.match(message, start)
        if match is not None and message[-1] == _BRACKET:
            return self._event(message, match)
        return self._any(message, start)

    def binary(self, message: bytes) -> Packet | None:
        """Take an attachment; return the packet it completes."""
        partial = self._partial
        if partial is None:
            raise ProtocolError("attachment without a packet")
        partial.size += len(message)
        if partial.size > self._limits.attachment_bytes:
            raise MessageTooBig("attachments over the limit")
        partial.attachments.append(message)
        if len(partial.attachments) < partial.expected:
            return None
        self._partial = None
        return partial.complete(self._limits)

    def _event(self, message: bytes, match: re.Match[bytes]) -> JsonEvent:
        namespace, ack, raw = match.groups()
        limits = self._limits
        name = raw.decode()
        if name in RESERVED_EVENTS or len(name) > limits.event_length:
            raise ProtocolError("illegal event name")
        bracket = match.end(2)
        if message.count(b"[") + message.count(b"{") > limits.depth:
            check_depth(parse_json(message[bracket:]), limits.depth)
        return JsonEvent(
            DEFAULT_NAMESPACE if namespace is None else self._namespace(namespace),
            name,
            self._ack_id(ack) if ack else None,
            message,
            bracket,
        )

    def _odd_event(self, namespace: str, ack: int | None, message: bytes, bracket: int) -> Packet:
        """An event whose name is a number, has escapes or spaces around it: parsed whole."""
        values = self._value(message, bracket)
        if not isinstance(values, list) or not values:
            raise ProtocolError("event is not an array")
        name = check_event_name(values[0], self._limits)
        return BinaryEvent(namespace, name, ack, values[1:], len(message) - bracket)

    def _any(self, message: bytes, start: int) -> Packet | None:
        match = _HEAD.match(message, start)
        if match is None:
            raise ProtocolError("unknown packet type")
        kind = int(match[1])
        namespace = self._namespace(match[3])
        ack = self._ack_id(match[4])
        body = match.end()
        if kind == EVENT:
            if message[body : body + 1] != b"[":
                raise ProtocolError("event is not an array")
            return self._odd_event(namespace, ack, message, body)
        if kind == CONNECT and len(message) - body > self._limits.connect_bytes:
            raise ProtocolError("too much to say for a CONNECT")
        value = self._value(message, body)
        if kind in (BINARY_EVENT, BINARY_ACK):
            return self._start_binary(kind, namespace, ack, value, match[2], len(message) - start)
        return _simple(kind, namespace, ack, value)

    def _namespace(self, raw: bytes | None) -> str:
        if raw is None:
            return DEFAULT_NAMESPACE
        if len(raw) > self._limits.namespace_length:
            raise ProtocolError("namespace too long")
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise ProtocolError("namespace is not UTF-8") from error

    def _ack_id(self, digits: bytes) -> int | None:
        if len(digits) > self._limits.ack_digits:
            raise ProtocolError("ack id too long")
        return int(digits) if digits else None

    def _value(self, message: bytes, body: int) -> Any:
        if body == len(message):
            return msgspec.UNSET
        value = parse_json(message[body:])
        if message.count(b"[", body) + message.count(b"{", body) > self._limits.depth:
            check_depth(value, self._limits.depth)
        return value

    def _start_binary(
        self, kind: int, namespace: str, ack: int | None, value: Any, count: bytes | None, size: int
    ) -> Packet | None:
        if count is None or int(count) > self._limits.attachments:
            raise ProtocolError("illegal attachments")
        if not isinstance(value, list) or (kind == BINARY_ACK and ack is None):
            raise ProtocolError("binary packet is not an array")
        if kind == BINARY_EVENT:
            if not value:
                raise ProtocolError("event without a name")
            check_event_name(value[0], self._limits)
        partial = _Partial(kind, namespace, ack, value, int(count), size)
        if partial.expected == 0:
            return partial.complete(self._limits)
        self._partial = partial
        return None


class _Partial:
    """A packet whose attachments are still on their way."""

    __slots__ = ("ack", "attachments", "expected", "kind", "namespace", "size", "value")

    def __init__(self, kind: int, namespace: str, ack: int | None, value: list[Any], expected: int, size: int) -> None:
        self.kind = kind
        self.namespace = namespace
        self.ack = ack
        self.value = value
        self.expected = expected
        self.size = size
        self.attachments: list[bytes] = []

    def complete(self, limits: PacketLimits) -> Packet:
        value = put_together(self.value, self.attachments)
        if self.kind == BINARY_ACK and self.ack is not None:
            return Ack(self.namespace, self.ack, value)
        return BinaryEvent(self.namespace, check_event_name(value[0], limits), self.ack, value[1:], self.size)


def parse_json(data: bytes) -> Any:
    """Plain values of JSON bytes; raises `ProtocolError`."""
    try:
        return _decode_any(data)
    except _DECODE_ERRORS as error:
        raise ProtocolError("packet is not JSON") from error


def _simple(kind: int, namespace: str, ack: int | None, value: Any) -> Packet:
    """A packet without attachments other than an event, with the data its type asks for."""
    if kind == CONNECT and (value is msgspec.UNSET or isinstance(value, dict)):
        return Connect(namespace, None if value is msgspec.UNSET else value)
    if kind == DISCONNECT and value is msgspec.UNSET:
        return Disconnect(namespace)
    if kind == ACK and isinstance(value, list) and ack is not None:
        return Ack(namespace, ack, value)
    if kind == CONNECT_ERROR and isinstance(value, str | dict):
        return ConnectError(namespace, value)
    raise ProtocolError("wrong data for the packet type")


class JsonEncoder:
    """Packets as the default parser of the clients reads them."""

    is_binary = False

    def event(self, namespace: str, name: str, arguments: tuple[Any, ...], ack: int | None = None) -> Parts:
        """An event; bytes in plain containers become attachments."""
        return _with_attachments(b"2", b"5", namespace, ack, (name, *arguments))

    def ack(self, namespace: str, ack: int, arguments: tuple[Any, ...]) -> Parts:
        """An acknowledgement."""
        return _with_attachments(b"3", b"6", namespace, ack, arguments)

    def connect(self, namespace: str, data: dict[str, Any]) -> Parts:
        """The reply to CONNECT."""
        return (b"0" + _prefix(namespace) + _encode(data),)

    def connect_error(self, namespace: str, message: str, data: Any = None) -> Parts:
        """CONNECT refused."""
        body = {"message": message} if data is None else {"message": message, "data": data}
        return (b"4" + _prefix(namespace) + _encode(body),)

    def disconnect(self, namespace: str) -> Parts:
        """The namespace is closed to this client."""
        return (b"1" + _prefix(namespace),)


def _prefix(namespace: str) -> bytes:
    return b"" if namespace == DEFAULT_NAMESPACE else namespace.encode() + b","


def _with_attachments(plain: bytes, binary: bytes, namespace: str, ack: int | None, values: tuple[Any, ...]) -> Parts:
    head = _prefix(namespace) if ack is None else _prefix(namespace) + b"%d" % ack
    for value in values:
        if not isinstance(value, _WHOLE) and has_binary(value):
            break
    else:
        return (plain + head + _encode(values),)
    attachments: list[bytes] = []
    text = _encode([take_apart(value, attachments) for value in values])
    return (binary + b"%d-" % len(attachments) + head + text, *attachments)
