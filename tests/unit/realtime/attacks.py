"""Attacks on a server, each a coroutine that has done its worst when it returns."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final

import msgspec

from tests.harness.wires import WEBSOCKET, Wire, client_frame

POLLING: Final = "/socket.io/?EIO=4&transport=polling"
TEXT, BINARY, CONTINUATION, PING, PONG = 1, 2, 0, 9, 10

Attack = Callable[[int], Awaitable[None]]


async def _open(port: int, *, connect: bool = True) -> Wire:
    wire = await Wire.connect(port)
    if wire.status == 101:
        if connect:
            await wire.open()
        else:
            await wire.text()
    return wire


async def _push(wire: Wire, data: bytes, times: int = 1) -> None:
    """Send for as long as the server takes it."""
    with suppress(ConnectionError, TimeoutError):
        for _ in range(times):
            wire.writer.write(data)
            await asyncio.wait_for(wire.writer.drain(), 1)


async def _each(port: int, frames: Iterable[bytes], *, connect: bool = True) -> None:
    """Each of the frames on a connection of its own, which ends by it or right after."""
    for frame in frames:
        wire = await _open(port, connect=connect)
        await _push(wire, frame)
        with suppress(TimeoutError, AssertionError):
            await wire.closed(0.05)
        wire.close()


def _texts(*messages: str) -> list[bytes]:
    return [client_frame(TEXT, message.encode()) for message in messages]


def on_one(connect: bool, build: Callable[[], tuple[bytes, int]], *, read: bool = True) -> Attack:
    """Push the same bytes many times into one connection."""

    async def attack(port: int) -> None:
        wire = await _open(port, connect=connect)
        if not read:
            wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
        await _push(wire, *build())
        await asyncio.sleep(0.1)
        wire.close()

    return attack


def frames(*, connect: bool, all_of: Iterable[bytes]) -> Attack:
    """Each frame on its own connection."""
    listed = list(all_of)

    async def attack(port: int) -> None:
        await _each(port, listed, connect=connect)

    return attack


def raw(data: bytes, *, times: int = 1, connections: int = 1, hold: float = 0.1) -> Attack:
    """Bytes on bare TCP connections that then stay silent."""

    async def attack(port: int) -> None:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
        for _, writer in opened:
            with suppress(ConnectionError, TimeoutError):
                for _ in range(times):
                    writer.write(data)
                    await asyncio.wait_for(writer.drain(), 1)
        await asyncio.sleep(hold)
        for _, writer in opened:
            writer.transport.abort()

    return attack


async def _request(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
        writer.write(data)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
        size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        body = await asyncio.wait_for(reader.readexactly(size), 3)
        writer.transport.abort()
        return body
    writer.transport.abort()
    return b""


def _get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def _post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _sid(port: int) -> str:
    body = await _request(port, _get(POLLING))
    return str(msgspec.json.decode(body[1:])["sid"]) if body[:1] == b"0" else "refused"


def polled(*bodies: bytes) -> Attack:
    """Each body posted to a polling session of its own."""

    async def attack(port: int) -> None:
        for body in bodies:
            await _request(port, _post(f"{POLLING}&sid={await _sid(port)}", body))

    return attack


async def silent_websockets(port: int) -> None:
    """Open and never CONNECT."""
    wires = [await _open(port, connect=False) for _ in range(100)]
    await asyncio.sleep(2.2)
    for wire in wires:
        wire.close()


async def deaf_members(port: int) -> None:
    """Members of a busy room that never read, and never answer a ping."""
    wires = [await _open(port) for _ in range(10)]
    for wire in wires:
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
    talker = await _open(port)
    message = client_frame(TEXT, b'42["tell","' + b"x" * 20_000 + b'"]')
    await _push(talker, message, 150)
    await asyncio.sleep(0.2)
    for wire in (*wires, talker):
        wire.close()


async def deaf_callers(port: int) -> None:
    """Ask for answers and do not read them."""
    wire = await _open(port)
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
    await _push(wire, client_frame(TEXT, b'421["echo",{"x":"' + b"x" * 30_000 + b'"}]'), 500)
    await asyncio.sleep(0.2)
    wire.close()


async def abandoned_polls(port: int) -> None:
    """Sessions that nobody polls."""
    for _ in range(150):
        sid = await _sid(port)
        await _request(port, _post(f"{POLLING}&sid={sid}", b"40"))


async def endless_probes(port: int) -> None:
    """Upgrades that never finish."""
    wires = []
    for _ in range(30):
        sid = await _sid(port)
        for _ in range(2):
            wire = await Wire.connect(port, f"{WEBSOCKET}&sid={sid}")
            if wire.status == 101:
                await _push(wire, client_frame(TEXT, b"2probe"))
            wires.append(wire)
    await asyncio.sleep(0.8)
    for wire in wires:
        wire.close()


async def guessed_sids(port: int) -> None:
    """Session ids out of thin air."""
    for _ in range(200):
        await _request(port, _get(f"{POLLING}&sid={base64.urlsafe_b64encode(os.urandom(15)).decode()}"))


async def many_polls(port: int) -> None:
    """Polls of one session, all at once."""
    sid = await _sid(port)
    await asyncio.gather(*(_request(port, _get(f"{POLLING}&sid={sid}")) for _ in range(50)))


async def churn(port: int) -> None:
    """Connect and disconnect the namespace as fast as it goes."""
    wire = await _open(port, connect=False)
    await _push(wire, b"".join(_texts("40", "41")), 500)
    wire.close()


async def too_many_sockets(port: int) -> None:
    """More connections than an address may have, under forged addresses."""
    wires = await asyncio.gather(
        *(Wire.connect(port, headers={"X-Forwarded-For": f"198.51.100.{number}"}) for number in range(200))
    )
    refused = sum(wire.status == 429 for wire in wires)
    for wire in wires:
        wire.close()
    assert refused >= 50, "a forged address was believed"


def _oversized(declared: int) -> bytes:
    return bytes((0x82, 0xFF)) + declared.to_bytes(8, "big") + b"\0\0\0\0" + b"x" * 1_000


NESTED = "[" * 40_000 + "]" * 40_000
GARBAGE = [client_frame(TEXT, bytes(os.urandom(40).hex(), "ascii")) for _ in range(20)]

ATTACKS: Final[dict[str, Attack]] = {
    "garbage packets": frames(connect=True, all_of=GARBAGE + _texts("", "9", "42", "4[]", "42{}", "42[", "451-", "x")),
    "garbage before connecting": frames(connect=False, all_of=GARBAGE + _texts("42[1]", "41", "43[]", "40[", "40[]")),
    "999,999 attachments": frames(connect=True, all_of=_texts('45999999-["a"]', '4599999999999-["a"]', '4611-1["a"]')),
    "attachments before connecting": frames(connect=False, all_of=_texts('4510-["a"]', '45999999-["a"]')),
    "attachments that never end": on_one(
        True, lambda: (client_frame(TEXT, b'4510-["a"]') + client_frame(BINARY, b"x" * 90_000) * 20, 1)
    ),
    "placeholders everywhere": frames(
        connect=True,
        all_of=[
            client_frame(TEXT, b'451-["a",{"_placeholder":true,"num":%b}]' % number) + client_frame(BINARY, b"x")
            for number in (b"-1", b"true", b"99", b'"0"', b"1e3", b"null")
        ],
    ),
    "engine.io pongs": on_one(True, lambda: (client_frame(TEXT, b"3") * 1_000, 100)),
    "websocket pongs": on_one(True, lambda: (client_frame(PONG, b"x" * 100) * 500, 50)),
    "websocket pings, answers unread": on_one(True, lambda: (client_frame(PING, b"x" * 100) * 500, 200), read=False),
    "noops": on_one(True, lambda: (client_frame(TEXT, b"6") * 1_000, 100)),
    "tiny fragments": on_one(
        True,
        lambda: (client_frame(TEXT, b"4", fin=False) + client_frame(CONTINUATION, b"x", fin=False) * 20_000, 1),
    ),
    "empty fragments": on_one(
        True,
        lambda: (client_frame(TEXT, b"", fin=False) + client_frame(CONTINUATION, b"", fin=False) * 20_000, 1),
    ),
    "a message that never ends": on_one(
        True,
        lambda: (client_frame(TEXT, b"4", fin=False) + client_frame(CONTINUATION, b"x" * 50_000, fin=False) * 50, 1),
    ),
    "frames larger than memory": frames(
        connect=True, all_of=[_oversized(2**62), _oversized(2**63 + 1), _oversized(2**32), _oversized(200_000)]
    ),
    "frames over the limit": frames(connect=True, all_of=[client_frame(TEXT, b"4" + b"x" * 100_000)]),
    "a slow large frame": raw(
        _get(WEBSOCKET, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==") + _oversized(90_000), connections=20, hold=1.5,
    ),
    "unmasked frames": frames(connect=True, all_of=[client_frame(TEXT, b"4x", masked=False)] * 5),
    "reserved bits": frames(connect=True, all_of=[client_frame(TEXT, b"4x", reserved=bit) for bit in (1, 2, 4, 7)]),
    "text that is not UTF-8": frames(
        connect=True, all_of=[client_frame(TEXT, b'42["\xff"]'), client_frame(TEXT, b"4\xc0")]
    ),
    "deep JSON": frames(
        connect=True, all_of=_texts(f'42["echo",{NESTED}]', '42["echo",' + '{"a":' * 9_000, "43[" * 9_000)
    ),
    "wide JSON": on_one(True, lambda: (client_frame(TEXT, b'421["echo",{"a":[' + b"{}," * 30_000 + b"{}]}]"), 30)),
    "numbers without end": frames(
        connect=True, all_of=_texts(f'42["echo",{{"a":{"9" * 50_000}}}]', '42["echo",1e99999]')
    ),
    "long names": frames(
        connect=True, all_of=_texts(f'42["{"n" * 90_000}"]', f'42/{"n" * 90_000},["a"]', f'40/{"n" * 9_000}')
    ),
    "reserved names": frames(connect=True, all_of=_texts('42["connect"]', '42["disconnect"]', '42["newListener"]')),
    "names of object internals": on_one(
        True, lambda: (b"".join(_texts('421["__proto__",{}]', '421["constructor",1]', '421["__class__"]')), 20)
    ),
    "long ack ids": frames(connect=True, all_of=_texts(f'42{"1" * 1_000}["a"]', f'43{"9" * 90_000}[]')),
    "acks nobody asked for": on_one(True, lambda: (client_frame(TEXT, b"431[]") * 1_000, 50)),
    "unknown namespaces": on_one(True, lambda: (b"".join(_texts(*(f"40/{n}," for n in range(500)))), 4)),
    "connecting twice": frames(connect=True, all_of=_texts("40", "40", "40")),
    "connecting and disconnecting": churn,
    "events without acks": on_one(True, lambda: (client_frame(TEXT, b'42["tell","x"]') * 500, 20)),
    "events with acks": on_one(True, lambda: (client_frame(TEXT, b'421["tell","x"]') * 500, 20)),
    "slow handlers": on_one(True, lambda: (client_frame(TEXT, b'421["slow"]') * 150, 1)),
    "msgpack bombs": frames(
        connect=False,
        all_of=[client_frame(BINARY, data) for data in
                (b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\x91" * 90_000, b"\xc6\xff\xff\xff\xff", b"\xc1")],
    ),
    "silent websockets": silent_websockets,
    "deaf members": deaf_members,
    "deaf callers": deaf_callers,
    "silent connections": raw(b"", connections=100, hold=1.5),
    "slow heads": raw(b"GET /socket.io/ HTTP/1.1\r\nX: ", connections=100, hold=1.5),
    "slow bodies": raw(
        f"POST {POLLING} HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\nx".encode(), connections=60, hold=1.5
    ),
    "a flood of headers": raw(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5_000, times=20),
    "a large header": raw(b"GET / HTTP/1.1\r\nCookie: " + b"x" * 100_000, times=20),
    "pipelined requests": raw(_get(POLLING) * 200, times=5),
    "two lengths": raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 90\r\n\r\n" * 20),
    "chunks without end": raw(
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 500
    ),
    "another protocol": raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50, connections=20),
    "oversized posts": polled(b"4" + b"x" * 5_000_000),
    "a thousand packets in a post": polled(
        b"\x1e".join([b"3"] * 40_000), b"\x1e" * 90_000, b"\x1e".join([b"6"] * 1_000)
    ),
    "malformed posts": polled(b"", b"b!", b"4\xff", b"9", b"4\x1e", b"bAAA"),
    "abandoned polls": abandoned_polls,
    "endless probes": endless_probes,
    "guessed session ids": guessed_sids,
    "many polls at once": many_polls,
    "too many sockets": too_many_sockets,
}  # fmt: skip
