"""Socket.IO protocol 5: what travels, whatever the parser. Source: the Socket.IO protocol, revision 5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from batiyoun.wire.errors import ProtocolError

T = TypeVar("T")

CONNECT: Final = 0
DISCONNECT: Final = 1
EVENT: Final = 2
ACK: Final = 3
CONNECT_ERROR: Final = 4
BINARY_EVENT: Final = 5
BINARY_ACK: Final = 6

DEFAULT_NAMESPACE: Final = "/"

#: Names the clients and servers of the protocol use for themselves; sending one is malformed.
RESERVED_EVENTS: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)


#: lists and maps in one packet; nobody needs many, and looking at a megabyte of `[[],[],…` holds everybody up
MAX_CONTAINERS: Final = 5_000


@dataclass(frozen=True, slots=True)
class PacketLimits:
    """What one packet may hold. Bytes count all attachments together; depth is of nested arrays and objects."""

    attachments: int = 10
    attachment_bytes: int = 1_000_000
    depth: int = 64
    namespace_length: int = 128
    event_length: int = 128
    ack_digits: int = 16
    #: of what a stranger may say when connecting: a token has 400 characters
    connect_bytes: int = 16_384


class Shape(Generic[T]):
    """A type that arguments are decoded into, with its decoder made once."""

    __slots__ = ("from_json", "type")

    def __init__(self, of: type[T]) -> None:
        self.type = of
        #: JSON bytes → T; raises `msgspec.DecodeError`, `msgspec.ValidationError` for the wrong form
        self.from_json = msgspec.json.Decoder(of).decode


class Event(Protocol):
    """An event as it came in; arguments are decoded when asked for."""

    @property
    def namespace(self) -> str:
        """The namespace it is for."""
        ...

    @property
    def name(self) -> str:
        """The event's name; names that came as numbers in decimal."""
        ...

    @property
    def ack(self) -> int | None:
        """The id to acknowledge with, None when no acknowledgement is wanted."""
        ...

    @property
    def size(self) -> int:
        """Bytes it took on the wire, attachments included."""
        ...

    def arguments(self) -> list[Any]:
        """Every argument as plain values. Raises `ProtocolError` when the packet is malformed."""
        ...

    def first(self, shape: Shape[T]) -> T:
        """The first argument as `shape`; others are ignored.

        Raises `msgspec.ValidationError` when it is missing or not of that shape, `ProtocolError` when the packet is
        malformed.
        """
        ...


@dataclass(slots=True)
class Connect:
    """A client asks for a namespace, with its auth payload (None when it sent none)."""

    namespace: str
    auth: dict[str, Any] | None


@dataclass(slots=True)
class Disconnect:
    """A client leaves a namespace."""

    namespace: str


@dataclass(slots=True)
class Ack:
    """A client acknowledges an event of ours."""

    namespace: str
    id: int
    arguments: list[Any]


@dataclass(slots=True)
class ConnectError:
    """Only servers send it; kept so that a codec reads what it writes."""

    namespace: str
    data: Any


Packet = Connect | Disconnect | Event | Ack | ConnectError

#: A packet ready for Engine.IO: the first part is a text message (a binary one with msgpack), the rest are its
#: attachments, to be sent in this order with nothing between.
Parts = tuple[bytes, ...]


class Decoder(Protocol):
    """The parser of one connection. Both methods raise `ProtocolError` and nothing else."""

    def text(self, message: bytes, start: int = 0) -> Packet | None:
        """Take a text message from `start` on; return the packet it completes."""
        ...

    def binary(self, message: bytes) -> Packet | None:
        """Take a binary message; return the packet it completes."""
        ...


class Encoder(Protocol):
    """Packets into parts. `ack` is the id of the acknowledgement wanted or given."""

    #: whether the first part is a binary message
    is_binary: bool

    def event(self, namespace: str, name: str, arguments: tuple[Any, ...], ack: int | None = None) -> Parts:
        """An event. Raises `TypeError` for a value that has no wire form."""
        ...

    def ack(self, namespace: str, ack: int, arguments: tuple[Any, ...]) -> Parts:
        """An acknowledgement."""
        ...

    def connect(self, namespace: str, data: dict[str, Any]) -> Parts:
        """The reply to CONNECT."""
        ...

    def connect_error(self, namespace: str, message: str, data: Any = None) -> Parts:
        """CONNECT refused; `data` may say why in machine-readable form."""
        ...

    def disconnect(self, namespace: str) -> Parts:
        """The namespace is closed to this client."""
        ...


def check_depth(value: Any, limit: int) -> None:
    """Raise `ProtocolError` when lists and maps are nested deeper than `limit`, or are more than `MAX_CONTAINERS`."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    seen = 0
    for _ in range(limit + 1):
        if not level:
            return
        seen += len(level)
        if seen > MAX_CONTAINERS:
            raise ProtocolError("too many lists and maps")
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
    raise ProtocolError("nested too deep")


def check_event_name(name: Any, limits: PacketLimits) -> str:
    """The name as a string; raises `ProtocolError` unless it is a number or a string that is not reserved."""
    if isinstance(name, int | float) and not isinstance(name, bool):
        return str(name)
    if not isinstance(name, str) or name in RESERVED_EVENTS or len(name) > limits.event_length:
        raise ProtocolError("illegal event name")
    return name
