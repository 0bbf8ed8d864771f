"""Engine.IO protocol 4: packets, and the payloads of long-polling.

A packet is its type's digit followed by its data; a binary message is a WebSocket binary frame as it is, or `b` and
base64 when polling. A polling body holds packets separated by the record separator.
Source: the Engine.IO protocol, revision 4.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.websocket import check_utf8

VERSION: Final = 4

OPEN: Final = ord("0")
CLOSE: Final = ord("1")
PING: Final = ord("2")
PONG: Final = ord("3")
MESSAGE: Final = ord("4")
UPGRADE: Final = ord("5")
NOOP: Final = ord("6")
_BINARY_MARK: Final = ord("b")

SEPARATOR: Final = b"\x1e"
PROBE: Final = b"2probe"
PROBE_ANSWER: Final = b"3probe"


class Packet(NamedTuple):
    """One packet. `data` is what follows the type; `binary` only ever with MESSAGE."""

    type: int
    data: bytes
    binary: bool = False


class Handshake(msgspec.Struct, frozen=True, rename="camel"):
    """The data of the OPEN packet; times in milliseconds, `max_payload` in bytes."""

    sid: str
    upgrades: tuple[str, ...]
    ping_interval: int
    ping_timeout: int
    max_payload: int

    def encode(self) -> bytes:
        """The OPEN packet."""
        return b"0" + msgspec.json.encode(self)


def decode_packet(data: bytes) -> Packet:
    """A text packet, as a WebSocket text message or a part of a polling body carries it. Raises `ProtocolError`."""
    if not data:
        raise ProtocolError("empty packet")
    kind = data[0]
    if not OPEN <= kind <= NOOP:
        raise ProtocolError("unknown packet type")
    return Packet(kind, data[1:])


def encode_packet(packet: Packet) -> bytes:
    """The packet as a text message, or the bare bytes of a binary one (WebSocket framing)."""
    return packet.data if packet.binary else bytes((packet.type,)) + packet.data


def encode_polled(packet: Packet) -> bytes:
    """The packet as a part of a polling body."""
    return polled_binary(packet.data) if packet.binary else bytes((packet.type,)) + packet.data


def polled_binary(data: bytes) -> bytes:
    """A binary message as a part of a polling body."""
    return b"b" + binascii.b2a_base64(data, newline=False)


def encode_payload(packets: Sequence[Packet]) -> bytes:
    """A polling body."""
    return SEPARATOR.join(map(encode_polled, packets))


def decode_payload(body: bytes, *, max_packets: int = 1024) -> list[Packet]:
    """The packets of a polling body.

    Raises `ProtocolError` when it is empty, not UTF-8, holds more than `max_packets` or any malformed packet: then
    none of them counts.
    """
    if not body.isascii():
        check_utf8(body)
    if body.count(SEPARATOR) >= max_packets:
        raise ProtocolError("too many packets in one payload")
    return [_decode_polled(part) for part in body.split(SEPARATOR)]


def _decode_polled(part: bytes) -> Packet:
    if not part or part[0] != _BINARY_MARK:
        return decode_packet(part)
    try:
        return Packet(MESSAGE, binascii.a2b_base64(part[1:], strict_mode=True), binary=True)
    except binascii.Error as error:
        raise ProtocolError("binary packet is not base64") from error
