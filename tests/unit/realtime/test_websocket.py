"""The WebSocket transport over a real connection: handshake, RFC 6455, heartbeat, the end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import trustme

from batiyoun.realtime import EngineIO, EngineSettings, Session
from batiyoun.realtime.handover import Handover
from tests.harness.wires import Wire, client_frame, wire
from tests.unit.realtime.serving import NO_LIMITS, listening, raw_engine, until

MAX = 10_000
SETTINGS = EngineSettings(
    ping_interval_ms=60_000, ping_timeout_ms=300, close_timeout_ms=200, max_payload=MAX, limits=NO_LIMITS
)
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Echo:
    """Sends back what it gets; remembers why sessions ended."""

    ended: list[str]

    def __init__(self, session: Session) -> None:
        self.session = session

    def on_text(self, message: bytes, start: int) -> None:
        if message[start:] == b"fail":
            raise RuntimeError("an application failed")
        self.session.send_text(message[start:])

    def on_binary(self, message: bytes) -> None:
        self.session.send_binary(message)

    def on_flow(self, *, fast: bool) -> None: ...
    def on_caught_up(self) -> None: ...
    def on_close(self, reason: str) -> None:
        Echo.ended.append(reason)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[tuple[EngineIO, int]]:
    Echo.ended = []
    async with raw_engine(Echo, SETTINGS) as pair:
        yield pair


async def opened(port: int, **options: Any) -> Wire:
    """A connection past its OPEN packet."""
    connection = await Wire.connect(port, **options)
    assert connection.status == 101, connection.body
    opcode, payload = await connection.receive()
    assert (opcode, payload[:1]) == (TEXT, b"0")
    return connection


# ── handshake ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_handshake(server: tuple[EngineIO, int]) -> None:
    async with wire(server[1]) as connection:
        assert connection.status == 101
        assert connection.headers["upgrade"] == "websocket"
        assert "sec-websocket-extensions" not in connection.headers, "item 34: no compression"
        assert '"upgrades":[]' in (await connection.text())


BAD_HANDSHAKES: list[tuple[dict[str, str | None], int]] = [
    ({"Sec-WebSocket-Version": "8"}, 426),
    ({"Sec-WebSocket-Version": None}, 426),
    ({"Sec-WebSocket-Key": None}, 400),
    ({"Sec-WebSocket-Key": "short"}, 400),
    ({"Sec-WebSocket-Key": "!" * 24}, 400),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
]


@pytest.mark.parametrize(("headers", "status"), BAD_HANDSHAKES)
async def test_bad_handshakes(server: tuple[EngineIO, int], headers: dict[str, str | None], status: int) -> None:
    async with wire(server[1], headers=headers) as connection:
        assert connection.status == status
        if status == 426:
            assert connection.headers["sec-websocket-version"] == "13"
    assert server[0].sessions == {}


BAD_TARGETS = [
    ("/socket.io/?EIO=4&transport=polling", 400, b'{"code":3,"message":"Bad request"}'),
    ("/socket.io/?EIO=3&transport=websocket", 400, b'{"code":5,"message":"Unsupported protocol version"}'),
    ("/socket.io/?EIO=4", 400, b'{"code":0,"message":"Transport unknown"}'),
    ("/socket.io/?EIO=4&transport=websocket&sid=nobody", 400, b'{"code":1,"message":"Session ID unknown"}'),
    ("/elsewhere/?EIO=4&transport=websocket", 404, b""),
    ("/socket.io/?" + "a=1&" * 100, 400, b""),
    ("*", 404, b""),
]


@pytest.mark.parametrize(("path", "status", "body"), BAD_TARGETS)
async def test_bad_targets(server: tuple[EngineIO, int], path: str, status: int, body: bytes) -> None:
    async with wire(server[1], path) as connection:
        assert (connection.status, connection.body) == (status, body)


async def test_the_upgrade_is_a_get(server: tuple[EngineIO, int]) -> None:
    async with wire(server[1], method="POST", headers={"Content-Length": "0"}) as connection:
        assert connection.status == 400


async def test_a_cookie_larger_than_every_buffer(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1], headers={"Cookie": "session=" + "x" * 12_000})
    connection.send("4hello")
    assert await connection.text() == "4hello"
    (session,) = server[0].sessions.values()
    assert len(session.headers["cookie"]) == 12_008
    connection.close()


async def test_a_client_that_sends_before_the_answer(server: tuple[EngineIO, int]) -> None:
    head = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    for data in (head + client_frame(TEXT, b"4early"), head + client_frame(BINARY, b"x" * 9_000)):
        reader, writer = await asyncio.open_connection("127.0.0.1", await _handover_only(server[0]))
        writer.write(data)
        connection = Wire(reader, writer)
        await reader.readuntil(b"\r\n\r\n")
        assert (await connection.text())[0] == "0"
        assert (await connection.receive())[1] in (b"4early", b"x" * 9_000)
        connection.close()


async def _handover_only(engine: EngineIO) -> int:
    """A server that hands every connection over at once, as a proxy-less `ws=` of another HTTP server would."""
    server = await asyncio.get_running_loop().create_server(engine.websocket_protocol, "127.0.0.1", 0)
    _servers.append(server)
    port: int = server.sockets[0].getsockname()[1]
    return port


_servers: list[asyncio.Server] = []


@pytest.fixture(autouse=True)
def _close_servers() -> Any:
    yield
    while _servers:
        _servers.pop().close()


async def test_a_head_without_end_is_refused(server: tuple[EngineIO, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", await _handover_only(server[0]))
    for _ in range(20):
        writer.write(b"X-Filler: " + b"x" * 1_000 + b"\r\n")
        await asyncio.sleep(0.001)
    assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")
    writer.transport.abort()


async def test_garbage_instead_of_a_head(server: tuple[EngineIO, int]) -> None:
    for data in (b"\r\n\r\n", b"GET\r\n\r\n", b"GET http://[ HTTP/1.1\r\n\r\n", b"\xff\xfe \x00 x\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", await _handover_only(server[0]))
        writer.write(data)
        assert (await reader.readline()).split(b" ")[1] in (b"400", b"404")
        writer.transport.abort()


async def test_a_peer_that_leaves_during_the_handover(server: tuple[EngineIO, int]) -> None:
    handover = server[0].websocket_protocol()
    assert isinstance(handover, Handover)
    handover.connection_lost(None)
    assert not handover.eof_received()


# ── RFC 6455 ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FRAGMENTS = [("4h", 1), ("él", 0), ("lo", 0)]


async def test_fragments_with_control_frames_between(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    message = "4hé€🙂llo".encode()
    for cut in range(1, len(message)):
        connection.frame(TEXT, message[:cut], fin=False)
        connection.frame(PING, b"between")
        connection.frame(0, message[cut:])
        assert await connection.receive() == (PONG, b"between")
        assert await connection.receive() == (TEXT, message)
    connection.close()


async def test_a_message_in_pieces_of_any_size_on_the_network(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    data = client_frame(TEXT, b"4" + b"x" * 300) + client_frame(BINARY, b"y" * 130) + client_frame(PING, b"")
    for step in (1, 2, 3, 7, 100):
        for start in range(0, len(data), step):
            connection.writer.write(data[start : start + step])
            await connection.writer.drain()
            if step < 10:
                await asyncio.sleep(0)
        got = {await connection.receive() for _ in range(3)}
        assert got == {(TEXT, b"4" + b"x" * 300), (BINARY, b"y" * 130), (PONG, b"")}
    connection.close()


async def test_sizes_around_every_length_form(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    for size in (0, 1, 124, 125, 126, 127, MAX - 1, MAX):
        connection.frame(BINARY, b"b" * size)
        assert await connection.receive() == (BINARY, b"b" * size)
    connection.close()


#: frames as (opcode, payload, options) → the close code
VIOLATIONS: dict[str, tuple[list[tuple[int, bytes, dict[str, Any]]], int]] = {
    "not masked": ([(TEXT, b"4a", {"masked": False})], 1002),
    "reserved bit 1, compression nobody agreed on": ([(TEXT, b"4a", {"reserved": 4})], 1002),
    "reserved bit 2": ([(TEXT, b"4a", {"reserved": 2})], 1002),
    "reserved bit 3": ([(PING, b"", {"reserved": 1})], 1002),
    "unknown opcode": ([(5, b"", {})], 1002),
    "unknown control opcode": ([(11, b"", {})], 1002),
    "fragmented ping": ([(PING, b"", {"fin": False})], 1002),
    "long ping": ([(PING, b"x" * 126, {})], 1002),
    "continuation of nothing": ([(0, b"x", {})], 1002),
    "message inside a message": ([(TEXT, b"4a", {"fin": False}), (TEXT, b"4b", {})], 1002),
    "text that is not UTF-8": ([(TEXT, b"4\xff", {})], 1007),
    "fragments that are not UTF-8": ([(TEXT, b"4\xe2", {"fin": False}), (0, b"\x28", {})], 1007),
    "over the limit": ([(TEXT, b"4" + b"x" * MAX, {})], 1009),
    "fragments over the limit": (
        [(TEXT, b"4" + b"x" * 9_000, {"fin": False}), (0, b"x" * 9_000, {"fin": False})],
        1009,
    ),
    "close code that must not be sent": ([(CLOSE, (1005).to_bytes(2, "big"), {})], 1002),
    "close code out of range": ([(CLOSE, (5000).to_bytes(2, "big"), {})], 1002),
    "close with half a code": ([(CLOSE, b"\x03", {})], 1002),
    "close reason that is not UTF-8": ([(CLOSE, b"\x03\xe8\xff", {})], 1007),
    "empty packet": ([(TEXT, b"", {})], 1002),
    "unknown packet": ([(TEXT, b"9", {})], 1002),
    "an Engine.IO ping, which is for servers to send": ([(TEXT, b"2", {})], 1002),
    "an Engine.IO open": ([(TEXT, b"0{}", {})], 1002),
    "too many fragments": ([(TEXT, b"4", {"fin": False})] + [(0, b"", {"fin": False})] * 1_100, 1008),
}


@pytest.mark.parametrize("name", VIOLATIONS)
async def test_violations_close_this_connection_and_no_other(server: tuple[EngineIO, int], name: str) -> None:
    frames, code = VIOLATIONS[name]
    victim, other = await opened(server[1]), await opened(server[1])
    for opcode, payload, options in frames:
        victim.frame(opcode, payload, **options)
    assert await victim.closed() == code
    await until(lambda: len(Echo.ended) == 1)
    other.send("4unharmed")
    assert await other.text() == "4unharmed"
    other.close()


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1012, 3000, 4999, None])
async def test_a_close_is_answered_with_its_code(server: tuple[EngineIO, int], code: int | None) -> None:
    connection = await opened(server[1])
    payload = b"" if code is None else code.to_bytes(2, "big") + "goodbye €".encode()
    connection.frame(CLOSE, payload)
    connection.frame(TEXT, b"4after the close")
    assert await connection.receive() == (CLOSE, payload[:2])
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await connection.receive()
    assert Echo.ended == ["transport close"]


# ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_messages_echo_in_order(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    for number in range(200):
        connection.send(f"4{number}")
    assert [await connection.text() for _ in range(200)] == [f"4{number}" for number in range(200)]
    connection.close()
    await until(lambda: Echo.ended == ["transport close"])
    assert server[0].sessions == {}
    await until(lambda: server[0].websockets == 0)


async def test_what_is_sent_within_a_tick_is_written_at_once(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    (session,) = server[0].sessions.values()
    for number in range(5):
        session.send_text(b"%d" % number)
    assert len(session.out) == 5
    await asyncio.sleep(0.05)
    assert session.out == []
    data = await connection.reader.read(1_000)
    assert data == b"".join(b"\x81\x024%d" % number for number in range(5))
    connection.close()


async def test_an_application_that_fails_costs_its_own_connection(
    server: tuple[EngineIO, int], caplog: pytest.LogCaptureFixture
) -> None:
    victim, other = await opened(server[1]), await opened(server[1])
    victim.send("4fail")
    assert await victim.closed() == 1011
    assert "A session failed" in caplog.text
    other.send("4unharmed")
    assert await other.text() == "4unharmed"
    other.close()


async def test_closing_from_the_server_side(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    (session,) = server[0].sessions.values()
    session.send_text(b"last")
    session.close("forced close")
    session.send_text(b"too late")
    assert await connection.text() == "4last"
    assert await connection.closed() == 1000
    assert Echo.ended == ["forced close"]


async def test_a_close_that_is_not_answered_is_cut(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    (session,) = server[0].sessions.values()
    session.close("forced close")
    assert await connection.receive() == (CLOSE, b"\x03\xe8")
    connection.send("4ignored")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await connection.receive(1)


async def test_an_engineio_close_packet_closes(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    connection.send("1")
    assert await connection.closed() == 1000
    assert Echo.ended == ["transport close"]


async def test_noop_is_ignored(server: tuple[EngineIO, int]) -> None:
    connection = await opened(server[1])
    connection.send("6")
    connection.send("4x")
    assert await connection.text() == "4x"
    connection.close()


async def test_heartbeat_in_milliseconds_and_its_timeout() -> None:
    Echo.ended = []
    settings = EngineSettings(ping_interval_ms=150, ping_timeout_ms=400, close_timeout_ms=100, limits=NO_LIMITS)
    async with raw_engine(Echo, settings) as (_, port):
        connection = await opened(port)
        clock = asyncio.get_running_loop()
        for _ in range(3):
            started = clock.time()
            assert await connection.receive() == (TEXT, b"2")
            assert clock.time() - started > 0.1
            connection.send("3")
        assert await connection.receive() == (TEXT, b"2")
        started = clock.time()
        assert await connection.closed() == 1001
        assert clock.time() - started > 0.3
        assert Echo.ended == ["ping timeout"]


async def test_over_tls() -> None:
    Echo.ended = []
    authority = trustme.CA()
    server_context, client_context = authority.issue_cert("127.0.0.1"), ssl.create_default_context()
    authority.configure_trust(client_context)
    engine = EngineIO(SETTINGS, Echo)
    with (
        server_context.private_key_pem.tempfile() as key,
        server_context.cert_chain_pems[0].tempfile() as certificate,
    ):
        async with listening(
            engine.polling, websocket_protocol=engine.websocket_protocol, tls_cert=certificate, tls_key=key
        ) as port:
            connection = await opened(port, tls=client_context, headers={"Origin": f"https://127.0.0.1:{port}"})
            (session,) = engine.sessions.values()
            assert session.secure
            assert session.address == "127.0.0.1"
            for size in (10, 9_000):
                connection.send("4" + "x" * size)
                assert await connection.text() == "4" + "x" * size
            connection.frame(PING, b"tls")
            assert await connection.receive() == (PONG, b"tls")
            connection.frame(CLOSE, b"\x03\xe8")
            assert await connection.closed() == 1000
            await engine.drain(1)
            engine.close()
