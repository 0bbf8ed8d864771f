"""The MessagePack parser, as the JavaScript one writes it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.msgpack import MsgpackDecoder, MsgpackEncoder
from batiyoun.wire.packets import Ack, Connect, Disconnect, PacketLimits

LIMITS = PacketLimits()
UNDEFINED = msgspec.msgpack.Ext(0, b"\x00")


def decode(packet: Any) -> Any:
    """Send it as a client would."""
    return MsgpackDecoder(LIMITS).binary(msgspec.msgpack.encode(packet))


def test_undefined_is_how_javascript_leaves_things_out() -> None:
    assert decode({"type": 0, "nsp": "/", "data": UNDEFINED}) == Connect("/", None)
    assert decode({"type": 1, "nsp": "/", "data": UNDEFINED, "id": UNDEFINED}) == Disconnect("/")
    event = decode({"type": 2, "nsp": "/", "data": ["a", UNDEFINED, 1], "id": UNDEFINED, "options": {"compress": True}})
    assert (event.name, event.arguments(), event.ack) == ("a", [None, 1], None)


def test_array_buffers_are_bytes_and_other_extensions_stay_apart() -> None:
    event = decode({"type": 2, "nsp": "/", "data": ["a", msgspec.msgpack.Ext(0, b"\x01\x02"), b"\x03"], "id": 5})
    assert event.arguments() == [b"\x01\x02", b"\x03"]
    other = msgspec.msgpack.Ext(5, b"\x01")
    assert decode({"type": 2, "nsp": "/", "data": ["a", other]}).arguments() == [other]


def test_bytes_travel_inside_the_packet() -> None:
    parts = MsgpackEncoder().ack("/", 3, ({"key": b"\x00\xff"},))
    assert len(parts) == 1
    assert MsgpackDecoder(LIMITS).binary(parts[0]) == Ack("/", 3, [{"key": b"\x00\xff"}])


MALFORMED: list[Any] = [
    1, None, [], "x", {}, {"type": 2}, {"type": 2, "nsp": "/"}, {"type": 2, "nsp": "/", "data": []},
    {"type": 2, "nsp": 1, "data": ["a"]}, {"type": 9, "nsp": "/"}, {"type": "2", "nsp": "/", "data": ["a"]},
    {"type": True, "nsp": "/", "data": {}}, {"type": 2.0, "nsp": "/", "data": ["a"]},
    {"type": 2, "nsp": "/", "data": [None]}, {"type": 2, "nsp": "/", "data": [["a"]]},
    {"type": 2, "nsp": "/", "data": ["a"], "id": "1"}, {"type": 2, "nsp": "/", "data": ["a"], "id": -1},
    {"type": 2, "nsp": "/", "data": ["a"], "id": True}, {"type": 2, "nsp": "/", "data": ["a"], "id": 2**60},
    {"type": 3, "nsp": "/", "data": []}, {"type": 3, "nsp": "/", "data": {}, "id": 1},
    {"type": 0, "nsp": "/", "data": []}, {"type": 1, "nsp": "/", "data": {}}, {"type": 5, "nsp": "/", "data": ["a"]},
]  # fmt: skip


@pytest.mark.parametrize("packet", MALFORMED, ids=repr)
def test_malformed_packets(packet: Any) -> None:
    with pytest.raises(ProtocolError):
        decode(packet)


@pytest.mark.parametrize(
    "message", [b"", b"\xc1", b"\x82", b"\xd9\x02\xff\xff", b"\x91" * 100_000, b"\xdd\xff\xff\xff\xff"]
)
def test_bytes_that_are_not_messagepack(message: bytes) -> None:
    with pytest.raises(ProtocolError):
        MsgpackDecoder(LIMITS).binary(message)


def test_there_are_no_text_messages() -> None:
    with pytest.raises(ProtocolError):
        MsgpackDecoder(LIMITS).text(b'2["a"]')
