"""What the tests of both Socket.IO parsers share: encoder and decoder of each, and values that travel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from batiyoun.wire.msgpack import MsgpackDecoder, MsgpackEncoder
from batiyoun.wire.packets import Decoder, Encoder, Packet, PacketLimits, Parts
from batiyoun.wire.socketio import JsonDecoder, JsonEncoder

LIMITS = PacketLimits()


@dataclass
class Parser:
    """One of the two."""

    name: str

    def decoder(self, limits: PacketLimits = LIMITS) -> Decoder:
        """A fresh one, as each connection has."""
        return JsonDecoder(limits) if self.name == "json" else MsgpackDecoder(limits)

    @property
    def encoder(self) -> Encoder:
        """The encoder."""
        return JsonEncoder() if self.name == "json" else MsgpackEncoder()

    def decode(self, parts: Parts, limits: PacketLimits = LIMITS) -> Packet | None:
        """Feed the parts as a connection would; the packet the last of them completes."""
        decoder = self.decoder(limits)
        first, *rest = parts
        packet = decoder.binary(first) if self.encoder.is_binary else decoder.text(first)
        for part in rest:
            assert packet is None, "complete before its attachments came"
            packet = decoder.binary(part)
        return packet


PARSERS = [Parser("json"), Parser("msgpack")]

_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
#: values that a client may send, bytes among them
values: st.SearchStrategy[Any] = st.recursive(
    _scalars | st.binary(max_size=20),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text().filter(lambda key: key != "_placeholder"), children, max_size=3)
    ),
    max_leaves=8,
)
namespaces = st.just("/") | st.text(st.characters(exclude_characters=",", codec="utf-8"), max_size=10).map("/".__add__)
acks = st.none() | st.integers(0, 2**53 - 1)
