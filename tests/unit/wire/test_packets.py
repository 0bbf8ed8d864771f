"""What holds for both parsers: round trips, limits, and that malformed input is one kind of error."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.packets import (
    MAX_CONTAINERS,
    RESERVED_EVENTS,
    Ack,
    Connect,
    ConnectError,
    Disconnect,
    PacketLimits,
    Shape,
    check_depth,
)
from tests.unit.wire.parsers import LIMITS, PARSERS, Parser, acks, namespaces, values

names = st.text(max_size=20).filter(lambda name: name not in RESERVED_EVENTS)
both = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)


class Note(msgspec.Struct, rename="camel"):
    """A payload."""

    chat_id: str
    text: str = ""


NOTE = Shape(Note)


@both
@given(namespace=namespaces, name=names, arguments=st.lists(values, max_size=3), ack=acks)
def test_events_round_trip(parser: Parser, namespace: str, name: str, arguments: list[Any], ack: int | None) -> None:
    packet = parser.decode(parser.encoder.event(namespace, name, tuple(arguments), ack), PacketLimits(attachments=100))
    assert packet is not None
    assert not isinstance(packet, Ack | Connect | ConnectError | Disconnect)
    if not (name.isascii() and name.isprintable()):
        assert packet.arguments() == arguments  # the long way round
    assert (packet.namespace, packet.name, packet.ack) == (namespace, name, ack)
    assert packet.arguments() == arguments
    assert packet.size > 0


@both
@given(namespace=namespaces, arguments=st.lists(values, max_size=3), ack=st.integers(0, 2**53 - 1))
def test_acks_round_trip(parser: Parser, namespace: str, arguments: list[Any], ack: int) -> None:
    parts = parser.encoder.ack(namespace, ack, tuple(arguments))
    assert parser.decode(parts, PacketLimits(attachments=100)) == Ack(namespace, ack, arguments)


@both
@pytest.mark.parametrize("namespace", ["/", "/custom"])
def test_the_rest_round_trips(parser: Parser, namespace: str) -> None:
    encoder = parser.encoder
    assert parser.decode(encoder.connect(namespace, {"sid": "x"})) == Connect(namespace, {"sid": "x"})
    assert parser.decode(encoder.disconnect(namespace)) == Disconnect(namespace)
    refused = encoder.connect_error(namespace, "no", {"code": "unauthenticated"})
    assert parser.decode(refused) == ConnectError(namespace, {"message": "no", "data": {"code": "unauthenticated"}})
    assert parser.decode(encoder.connect_error(namespace, "no")) == ConnectError(namespace, {"message": "no"})


@both
def test_structs_travel_as_plain_values_with_iso_times(parser: Parser) -> None:
    class Told(msgspec.Struct, rename="camel"):
        sent_at: datetime

    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    packet = parser.decode(parser.encoder.event("/", "told", (Told(moment),)))
    assert packet is not None
    assert not isinstance(packet, Ack | Connect | ConnectError | Disconnect)
    assert packet.arguments() == [{"sentAt": "2024-01-02T03:04:05Z"}]


@both
def test_what_has_no_wire_form_is_a_type_error(parser: Parser) -> None:
    with pytest.raises(TypeError):
        parser.encoder.event("/", "a", (object(),))


def event(parser: Parser, *arguments: Any) -> Any:
    """An event that came in with these arguments."""
    return parser.decode(parser.encoder.event("/", "note", arguments))


@both
def test_the_first_argument_becomes_a_struct_and_the_rest_is_ignored(parser: Parser) -> None:
    assert event(parser, {"chatId": "c"}).first(NOTE) == Note("c")
    assert event(parser, {"chatId": "c", "text": "]}\"'", "more": [1, {}]}).first(NOTE) == Note("c", "]}\"'")
    assert event(parser, {"chatId": "c"}, 2, "three").first(NOTE) == Note("c")
    assert event(parser, {"chatId": "c"}, b"bytes").first(NOTE) == Note("c")


@both
@pytest.mark.parametrize("arguments", [(), (None,), ("x",), ({},), ({"chatId": 7},), ({"chatId": "c", "text": []}, 1)])
def test_a_payload_of_the_wrong_form_is_a_validation_error(parser: Parser, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(msgspec.ValidationError):
        event(parser, *arguments).first(NOTE)


def nested(depth: int) -> Any:
    """Lists in lists."""
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@both
def test_depth_is_bounded(parser: Parser) -> None:
    assert event(parser, nested(50)).arguments() == [nested(50)]
    for depth in (LIMITS.depth + 5, 400):
        with pytest.raises(ProtocolError):
            event(parser, nested(depth)).arguments()
    shallow: Any = [{"a": [{}] * 5}] * 40
    assert event(parser, shallow).arguments() == [shallow], "many brackets are not deep ones"


@given(st.integers(0, 8), st.integers(0, 8))
def test_check_depth_counts_levels(depth: int, limit: int) -> None:
    if depth <= limit:
        check_depth(nested(depth), limit)
    else:
        with pytest.raises(ProtocolError):
            check_depth(nested(depth), limit)


@both
def test_33_lists_and_maps_are_bounded(parser: Parser) -> None:
    many: Any = [{}] * (MAX_CONTAINERS - 10)
    assert event(parser, many).arguments() == [many]
    wides: list[Any] = [[{}] * (MAX_CONTAINERS + 1), [[[]] * 20] * (MAX_CONTAINERS // 20)]
    for wide in wides:
        with pytest.raises(ProtocolError):
            event(parser, wide).arguments()
    assert event(parser, "[{" * 30_000).arguments() == ["[{" * 30_000], "text is text"


@both
@pytest.mark.parametrize("name", sorted(RESERVED_EVENTS))
def test_reserved_events_are_malformed(parser: Parser, name: str) -> None:
    with pytest.raises(ProtocolError):
        parser.decode(parser.encoder.event("/", name, ()))


@both
def test_lengths_are_bounded(parser: Parser) -> None:
    for name, namespace in (("x" * 129, "/"), ("x", "/" + "n" * 128)):
        with pytest.raises(ProtocolError):
            parser.decode(parser.encoder.event(namespace, name, ()))


@both
@given(message=st.binary(max_size=80) | st.text(string.printable, max_size=80).map(str.encode), start=st.booleans())
def test_whatever_comes_only_a_protocol_error_is_raised(parser: Parser, message: bytes, start: bool) -> None:
    decoder = parser.decoder()
    for feed in (decoder.text, decoder.binary) if start else (decoder.binary, decoder.text):
        try:
            packet: Any = feed(message)
            if packet is not None and hasattr(packet, "first"):
                packet.arguments()
                packet.first(NOTE)
        except (ProtocolError, msgspec.ValidationError):
            continue


@both
@given(name=names, arguments=st.lists(values, max_size=2), ack=acks, data=st.data())
def test_damaged_packets_raise_a_protocol_error_or_nothing(
    parser: Parser, name: str, arguments: list[Any], ack: int | None, data: st.DataObject
) -> None:
    first = bytearray(parser.encoder.event("/a", name, tuple(arguments), ack)[0])
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(first) - 1))
        first[position] = data.draw(st.integers(0, 255))
    cut = bytes(first[: data.draw(st.integers(0, len(first)))])
    for message in (bytes(first), cut):
        decoder = parser.decoder()
        try:
            packet: Any = decoder.binary(message) if parser.encoder.is_binary else decoder.text(message)
            if packet is not None and hasattr(packet, "first"):
                packet.arguments()
                packet.first(NOTE)
        except (ProtocolError, msgspec.ValidationError):
            continue
