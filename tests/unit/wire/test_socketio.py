"""The default parser: transcripts of the reference implementation's packets, and what is peculiar to JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.wire.errors import MessageTooBig, ProtocolError
from batiyoun.wire.packets import Ack, Connect, ConnectError, Disconnect, PacketLimits, Shape
from batiyoun.wire.socketio import JsonDecoder, JsonEncoder, JsonEvent

LIMITS = PacketLimits()
ENCODER = JsonEncoder()

#: wire ↔ (namespace, name, arguments, ack), from the description of the protocol
EVENTS: dict[bytes, tuple[str, str, list[Any], int | None]] = {
    b'2["hey","Jude"]': ("/", "hey", ["Jude"], None),
    b'212["foo"]': ("/", "foo", [], 12),
    b'2/admin,["bar"]': ("/admin", "bar", [], None),
    b'2/admin,456["project:delete",123]': ("/admin", "project:delete", [123], 456),
    b'20["a",{"b":[1,"]"]}]': ("/", "a", [{"b": [1, "]"]}], 0),
}


@pytest.mark.parametrize("wire", EVENTS)
def test_event_transcripts(wire: bytes) -> None:
    namespace, name, arguments, ack = EVENTS[wire]
    packet = JsonDecoder(LIMITS).text(b"4" + wire, 1)
    assert isinstance(packet, JsonEvent)
    assert (packet.namespace, packet.name, packet.arguments(), packet.ack) == (namespace, name, arguments, ack)
    assert ENCODER.event(namespace, name, tuple(arguments), ack) == (wire,)


#: other spellings of the same event
SPELLINGS = [
    b'2["a",1]',
    b'2 ["a",1]'[:1] + b'["a", 1]',
    b'2[ "a" , 1 ]',
    b'2["\\u0061",1]',
    b'2["a",1]\n',
    b'2["a",1 ]',
]


@pytest.mark.parametrize("wire", SPELLINGS)
def test_white_space_and_escapes_are_json_all_the_same(wire: bytes) -> None:
    packet: Any = JsonDecoder(LIMITS).text(wire)
    assert (packet.name, packet.arguments(), packet.first(Shape(int))) == ("a", [1], 1)


@pytest.mark.parametrize(("wire", "name"), [(b"2[1,2]", "1"), (b"2[1.5]", "1.5"), ('2["é"]'.encode(), "é")])
def test_event_names_that_are_not_plain_ascii(wire: bytes, name: str) -> None:
    packet: Any = JsonDecoder(LIMITS).text(wire)
    assert packet.name == name


PACKETS = {
    b"0": Connect("/", None),
    b'0{"token":"123"}': Connect("/", {"token": "123"}),
    b'0/admin,{"a":1}': Connect("/admin", {"a": 1}),
    b"0/admin,": Connect("/admin", None),
    b"0/admin": Connect("/admin", None),
    b"1": Disconnect("/"),
    b"1/admin,": Disconnect("/admin"),
    b"312[]": Ack("/", 12, []),
    b'3/admin,456["bar",1]': Ack("/admin", 456, ["bar", 1]),
    b'4{"message":"no"}': ConnectError("/", {"message": "no"}),
    b'4/admin,"no"': ConnectError("/admin", "no"),
}


@pytest.mark.parametrize("wire", PACKETS)
def test_packet_transcripts(wire: bytes) -> None:
    assert JsonDecoder(LIMITS).text(wire) == PACKETS[wire]


def test_attachments_are_put_where_they_belong() -> None:
    decoder = JsonDecoder(LIMITS)
    head = b'52-/admin,7["baz",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]'
    assert decoder.text(head) is None
    assert decoder.binary(b"\x01") is None
    packet: Any = decoder.binary(b"\x02\x03")
    assert (packet.namespace, packet.name, packet.ack) == ("/admin", "baz", 7)
    assert packet.arguments() == [b"\x02\x03", [b"\x01"]]
    assert packet.size == len(head) + 3
    assert decoder.text(b'2["next"]') is not None


def test_binary_acks() -> None:
    decoder = JsonDecoder(LIMITS)
    assert decoder.text(b'61-/admin,456[{"_placeholder":true,"num":0}]') is None
    assert decoder.binary(b"\x01") == Ack("/admin", 456, [b"\x01"])
    assert ENCODER.ack("/admin", 456, (b"\x01",)) == (b'61-/admin,456[{"_placeholder":true,"num":0}]', b"\x01")


def test_a_binary_event_without_attachments_is_complete() -> None:
    packet: Any = JsonDecoder(LIMITS).text(b'50-["a",1]')
    assert packet.arguments() == [1]
    packet = JsonDecoder(LIMITS).text(b'50-["a"]')
    with pytest.raises(msgspec.ValidationError):
        packet.first(Shape(int))


def test_a_text_event_keeps_what_looks_like_a_placeholder() -> None:
    packet: Any = JsonDecoder(LIMITS).text(b'2["a",{"_placeholder":true,"num":0}]')
    assert packet.arguments() == [{"_placeholder": True, "num": 0}]


def test_bytes_in_structs_are_base64() -> None:
    class Key(msgspec.Struct):
        key: bytes

    assert ENCODER.event("/", "key", (Key(b"\x00\xff"),)) == (b'2["key",{"key":"AP8="}]',)


@pytest.mark.parametrize("number", ["true", "1", "-1", "0.0", '"0"', "null", "[0]", "99999999999999999999"])
def test_placeholders_that_point_nowhere_are_malformed(number: str) -> None:
    decoder = JsonDecoder(LIMITS)
    decoder.text(b'51-["a",{"_placeholder":true,"num":%b}]' % number.encode())
    with pytest.raises(ProtocolError):
        decoder.binary(b"\x01")


def test_33_attachments_are_bounded_in_count_and_bytes() -> None:
    for count in (b"11", b"999999", b"9999999", b"00000000011"):
        with pytest.raises(ProtocolError):
            JsonDecoder(LIMITS).text(b"5" + count + b'-["a"]')
    decoder = JsonDecoder(PacketLimits(attachment_bytes=1000))
    assert decoder.text(b'52-["a"]') is None
    assert decoder.binary(b"x" * 900) is None
    with pytest.raises(MessageTooBig):
        decoder.binary(b"x" * 100)


def test_33_a_stranger_may_not_say_much_when_connecting() -> None:
    said = JsonDecoder(LIMITS).text(b'0{"token":"' + b"x" * 16_000 + b'"}')
    assert isinstance(said, Connect)
    for much in (b'"' + b"x" * 17_000 + b'"', b"[" + b"[]," * 6_000 + b"[]]"):
        with pytest.raises(ProtocolError):
            JsonDecoder(LIMITS).text(b'0{"token":' + much + b"}")


def test_attachments_and_packets_out_of_turn() -> None:
    with pytest.raises(ProtocolError):
        JsonDecoder(LIMITS).binary(b"\x01")
    decoder = JsonDecoder(LIMITS)
    decoder.text(b'51-["a",{"_placeholder":true,"num":0}]')
    with pytest.raises(ProtocolError):
        decoder.text(b'2["b"]')


MALFORMED = [
    b"", b"7", b"9", b"x", b"-1", b"2", b"2{}", b"2[]", b"2[", b'2["a"', b'2["a",]', b"2[null]", b"2[true]", b"2[{}]",
    b'2[["a"]]', b'2"a"', b"2null", b'2["a"]x', b'2["connect"]', b'2["disconnect",1]', b'2["\\u0000', b'2["a\x00b"]',
    b"0[]", b"0null", b'0"x"', b"0{", b'0{"a":1}}', b"1[]", b'1"x"', b"3[]", b"31{}", b"31", b"3[1]", b"4",
    b"4[]", b"4null", b"5[]", b"5-[]", b'5["a"]', b"51-", b"51-{}", b"51-[]", b"51-[null]", b'51["a"]', b'5a-["a"]',
    b'51-["connect",1]', b"61-[]", b"61-1{}", b'2' + b"1" * 17 + b'["a"]', b'3' + b"1" * 17 + b'[]',
    b"2/" + b"n" * 200 + b',["a"]', b'2/\xff,["a"]', b'0/\xff', b'2["' + b"n" * 129 + b'"]', b'2["a",1,]',
    b'2["a",{"x":\xff}]', b'2["a",' + b"[" * 100_000, b'2["a",' + b"[" * 500 + b"]" * 500 + b"]", b'2["a",1e]',
]  # fmt: skip


@pytest.mark.parametrize("wire", MALFORMED, ids=lambda wire: repr(wire[:30]))
def test_malformed_packets(wire: bytes) -> None:
    def receive() -> None:
        packet: Any = JsonDecoder(LIMITS).text(wire)
        packet.arguments()  # most fail before

    with pytest.raises(ProtocolError):
        receive()


@given(st.sampled_from([*EVENTS, *PACKETS]), st.data())
def test_a_cut_packet_is_an_error_or_another_packet(wire: bytes, data: st.DataObject) -> None:
    cut = wire[: data.draw(st.integers(0, len(wire) - 1))]
    try:
        packet: Any = JsonDecoder(LIMITS).text(cut)
        if isinstance(packet, JsonEvent):
            packet.arguments()
    except ProtocolError:
        return
    assert not isinstance(packet, JsonEvent), "half an event passed for a whole one"


def test_32_names_of_object_internals_are_names_like_others() -> None:
    for name in ("__proto__", "constructor", "__class__", "toString"):
        packet: Any = JsonDecoder(LIMITS).text(b'2["%b",{"__proto__":{"admin":true}}]' % name.encode())
        assert packet.name == name
        assert packet.arguments() == [{"__proto__": {"admin": True}}]
