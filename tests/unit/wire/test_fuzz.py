"""Mutated traffic against every decoder: nothing but a protocol error may come out, and none may take long."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest

from batiyoun.wire.engineio import decode_payload
from batiyoun.wire.errors import ProtocolError
from batiyoun.wire.msgpack import MsgpackDecoder, MsgpackEncoder
from batiyoun.wire.packets import Decoder, PacketLimits, Shape
from batiyoun.wire.socketio import JsonDecoder
from batiyoun.wire.websocket import MessageAssembler

LIMITS = PacketLimits()
#: seconds one input may take on a busy machine; a quadratic parser takes longer on the long ones
PATIENCE: Final = 2.0


class Note(msgspec.Struct, rename="camel"):
    """A payload with a bit of everything."""

    chat_id: str
    seq: int = 0
    metadata: dict[str, Any] = {}


NOTE = Shape(Note)

#: feeds one connection at random, returns what it fed
Target = Callable[[random.Random], list[bytes]]

TEXTS = [
    b'2["send_message",{"chatId":"c","seq":1,"metadata":{"a":[1,2.5e3,null,true,"\\u00e9"]}}]',
    b'2/custom,12["a",{"chatId":"x"},"two",3]',
    b'52-/custom,7["a",{"_placeholder":true,"num":1},{"chatId":{"_placeholder":true,"num":0}}]',
    b'61-3[{"_placeholder":true,"num":0}]',
    b'0{"token":"abc"}', b"0/custom,", b"1", b"1/custom,", b'3/custom,12["ok"]', b'4{"message":"no"}',
    '2["é",{"chatId":"€","metadata":{"\U0001f600":{}}}]'.encode(),
    b'2["deep",' + b"[" * 60 + b"]" * 60 + b"]",
]  # fmt: skip
PACKS = [
    MsgpackEncoder().event("/", "send_message", ({"chatId": "c", "seq": 2**40, "metadata": {"a": [None, 1.5]}},), 3)[0],
    MsgpackEncoder().ack("/custom", 9, (b"bytes", {"x": b""}))[0],
    MsgpackEncoder().connect("/", {"sid": "x"})[0],
    MsgpackEncoder().disconnect("/")[0],
    msgspec.msgpack.encode({"type": 2, "nsp": "/", "data": ["a", msgspec.msgpack.Ext(0, b"\0")], "id": 1}),
]
BODIES = [b"4" + text for text in TEXTS] + [b"4a\x1ebAQIDBA==\x1e2", b"2probe", b"1", b"bAAAA"]


def mutate(data: bytes, chance: random.Random, corpus: list[bytes]) -> bytes:
    """The bytes with one to four things wrong."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(result) + 1)
        match chance.randrange(7):
            case 0 if result:
                result[at % len(result)] ^= 1 << chance.randrange(8)
            case 1 if result:
                result[at % len(result)] = chance.choice(b'0123456789-,[]{}":\\/\x00\xff\x80\xc1\xdf ')
            case 2:
                del result[at : at + chance.randint(1, 8)]
            case 3:
                result[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 6)))
            case 4:
                piece = result[at : at + chance.randint(1, 12)]
                result[at:at] = piece * chance.choice([1, 2, 50, 5_000])
            case 5:
                other = chance.choice(corpus)
                result[at:] = other[chance.randrange(len(other)) :]
            case _:
                result[at:at] = chance.choice([b"[", b"{", b'"', b"\x91", b"\x81\xa1a", b"9" * 30, b"1e999", b"-0"])
    return bytes(result)


def use(packet: Any) -> None:
    """Ask a packet for everything it has, as applications do."""
    if hasattr(packet, "first"):
        packet.arguments()
        try:
            packet.first(NOTE)
        except msgspec.ValidationError:
            return


def socketio(
    new: Callable[[], Decoder], corpus: list[bytes], *, binary: bool
) -> Callable[[random.Random], list[bytes]]:
    """A few messages on one connection."""

    def run(chance: random.Random) -> list[bytes]:
        decoder = new()
        fed = []
        for _ in range(chance.randint(1, 4)):
            message = mutate(chance.choice(corpus), chance, corpus)
            fed.append(message)
            if binary or chance.random() < 0.2:
                use(decoder.binary(message))
            else:
                use(decoder.text(message))
        return fed

    return run


def polled(chance: random.Random) -> list[bytes]:
    """One polling body."""
    body = mutate(chance.choice(BODIES), chance, BODIES)
    decode_payload(body)
    return [body]


def websocket(chance: random.Random) -> list[bytes]:
    """Frames of any kind in any order."""
    assembler = MessageAssembler(1000, max_fragments=8)
    fed = []
    for _ in range(chance.randint(1, 12)):
        opcode = chance.choice([0, 0, 1, 1, 2, 8, 9, 10, chance.randrange(16)])
        payload = mutate(chance.choice(TEXTS), chance, TEXTS)[: chance.choice([0, 1, 2, 125, 126, 2000])]
        fed.append(payload)
        message = assembler.receive(opcode, payload, chance.random() < 0.6, chance.random() < 0.02)
        if message is not None and message[0] == 1:
            message[1].decode()
    return fed


TARGETS: dict[str, Target] = {
    "json": socketio(lambda: JsonDecoder(LIMITS), TEXTS, binary=False),
    "msgpack": socketio(lambda: MsgpackDecoder(LIMITS), PACKS, binary=True),
    "polling": polled,
    "websocket": websocket,
}


def fuzz(target: Target, seconds: float) -> tuple[int, int]:
    """Run until the time is over; how many inputs were refused and how many passed."""
    seed = time.time_ns()
    end = time.monotonic() + seconds
    refused = passed = 0
    while (started := time.monotonic()) < end:
        seed += 1
        try:
            target(random.Random(seed))  # noqa: S311 - chance that can be repeated
            passed += 1
        except ProtocolError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"seed {seed} raised {type(error).__name__}") from error
        assert time.monotonic() - started < PATIENCE, f"seed {seed} took too long"
    return refused, passed


@pytest.mark.parametrize("name", TARGETS)
def test_fuzz(name: str) -> None:
    refused, passed = fuzz(TARGETS[name], 15)
    assert refused > 100, "the mutations are too tame"
    assert passed > 100, "the mutations never get past the first check"


@pytest.mark.soak
@pytest.mark.parametrize("name", TARGETS)
def test_fuzz_for_long(name: str) -> None:
    refused, passed = fuzz(TARGETS[name], 150)
    assert min(refused, passed) > 1_000
