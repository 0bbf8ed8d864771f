"""Engine.IO packets and polling payloads."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.wire.engineio import (
    MESSAGE,
    Handshake,
    Packet,
    decode_packet,
    decode_payload,
    encode_packet,
    encode_payload,
)
from batiyoun.wire.errors import ProtocolError

texts = st.text(st.characters(exclude_characters="\x1e", codec="utf-8")).map(str.encode)
packets = st.builds(Packet, st.integers(ord("0"), ord("6")), texts, st.just(False)) | st.builds(
    Packet, st.just(MESSAGE), st.binary(), st.just(True)
)

#: bytes on the wire ↔ packets; the examples of the protocol's description
TRANSCRIPTS = {
    b"4hello": [Packet(MESSAGE, b"hello")],
    b"2": [Packet(ord("2"), b"")],
    b"2probe": [Packet(ord("2"), b"probe")],
    b"4hello\x1e2\x1e4world": [Packet(MESSAGE, b"hello"), Packet(ord("2"), b""), Packet(MESSAGE, b"world")],
    b"4hello\x1ebAQIDBA==": [Packet(MESSAGE, b"hello"), Packet(MESSAGE, b"\x01\x02\x03\x04", binary=True)],
    "4€".encode(): [Packet(MESSAGE, "€".encode())],
}


@pytest.mark.parametrize("body", TRANSCRIPTS)
def test_transcripts(body: bytes) -> None:
    assert decode_payload(body) == TRANSCRIPTS[body]
    assert encode_payload(TRANSCRIPTS[body]) == body


@given(st.lists(packets, min_size=1, max_size=20))
def test_payloads_round_trip(sent: list[Packet]) -> None:
    assert decode_payload(encode_payload(sent)) == sent


@given(packets.filter(lambda packet: not packet.binary))
def test_packets_round_trip(packet: Packet) -> None:
    assert decode_packet(encode_packet(packet)) == packet


def test_a_binary_packet_is_its_bytes_on_a_websocket() -> None:
    assert encode_packet(Packet(MESSAGE, b"\x01\x02", binary=True)) == b"\x01\x02"


@pytest.mark.parametrize(
    "body", [b"", b"7", b"x", b"4a\x1e", b"\x1e4a", b"4a\x1e\x1e4b", b"bA", b"b!!!!", b"bAQ", b"4\xff", b"4a\x1e9"]
)
def test_malformed_payloads(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_payload(body)


def test_a_payload_has_at_most_so_many_packets() -> None:
    assert len(decode_payload(b"\x1e".join([b"2"] * 10), max_packets=10)) == 10
    with pytest.raises(ProtocolError):
        decode_payload(b"\x1e".join([b"2"] * 11), max_packets=10)


@given(st.binary(max_size=60))
def test_whatever_comes_only_a_protocol_error_is_raised(body: bytes) -> None:
    try:
        decoded = decode_payload(body)
    except ProtocolError:
        return
    assert decode_payload(encode_payload(decoded)) == decoded


def test_the_open_packet() -> None:
    packet = decode_packet(Handshake("abc", ("websocket",), 25_000, 20_000, 1_000_000).encode())
    assert packet.type == ord("0")
    assert msgspec.json.decode(packet.data) == {
        "sid": "abc",
        "upgrades": ["websocket"],
        "pingInterval": 25_000,
        "pingTimeout": 20_000,
        "maxPayload": 1_000_000,
    }
