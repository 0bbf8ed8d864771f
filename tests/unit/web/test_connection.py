"""One HTTP connection against clients that are slow, large, ambiguous or rude."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest

from batiyoun.web.shell import ShellLimits
from tests.unit.realtime.serving import listening, until

LIMITS = ShellLimits(
    head_seconds=0.3, head_bytes=4_000, max_body=10_000, body_at={"/upload": 50_000, "/upload/small": 100},
    body_seconds=0.3, least_rate=100_000, keep_alive_seconds=1,
)  # fmt: skip


class App:
    """Answers with the size of the body; `/early` answers before reading it, `/large` with a lot."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.disconnects = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests.append(scope["path"])
        size = 0
        more = scope["path"] != "/early"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return
            size += len(message["body"])
            more = message["more_body"]
        body = b"%d" % size if scope["path"] != "/large" else b"x" * 30_000_000
        close = [(b"connection", b"close")] if scope["path"] == "/early" else []
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [length, *close]})
        await send({"type": "http.response.body", "body": body})


class Connection:
    """A TCP connection that says whatever a test likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self, patience: float = 3) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the next answer."""
        async with asyncio.timeout(patience):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *rest = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest if line)}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
            return int(first.split(" ")[1]), headers, body

    async def refused(self, status: int, code: str) -> None:
        """The next answer is this problem, and then the connection ends."""
        got, headers, body = await self.answer()
        assert got == status
        assert headers["content-type"] == "application/problem+json"
        assert headers["connection"] == "close"
        assert msgspec.json.decode(body)["code"] == code
        assert await self.ended()

    async def ended(self, patience: float = 3) -> bool:
        """The server closes without another byte."""
        try:
            async with asyncio.timeout(patience):
                return await self.reader.read() == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.transport.abort()


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def post(path: str, *headers: str, body: bytes = b"") -> bytes:
    """A request with exactly these headers besides Host."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode() + body


# ── heads ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_requests_pass_one_after_the_other_and_pipelined() -> None:
    app = App()
    async with listening(app, limits=LIMITS) as port, connection(port) as client:
        for _ in range(3):
            client.send(GET)
            assert (await client.answer())[2] == b"0"
        client.send(post("/", "Content-Length: 3", body=b"abc") + GET + post("/", "Content-Length: 1", body=b"x"))
        assert [(await client.answer())[2] for _ in range(3)] == [b"3", b"0", b"1"]
        client.send(post("/", "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
        assert (await client.answer())[2] == b"5"


async def test_37_a_head_that_does_not_come_or_end_is_cut() -> None:
    app = App()
    async with listening(app, limits=LIMITS) as port:
        async with connection(port) as silent:
            assert await silent.ended(2)
        async with connection(port) as slow:
            slow.send(b"GET / HTTP/1.1\r\n")
            for _ in range(4):
                await asyncio.sleep(0.1)
                slow.send(b"X: y\r\n")
            await slow.refused(408, "request_timeout")
        async with connection(port) as second:
            second.send(GET)
            await second.answer()
            second.send(b"GET / HT")
            await second.refused(408, "request_timeout")
    assert app.requests == ["/"]


async def test_37_sixty_stalled_connections_leave_the_service_available() -> None:
    async with listening(App(), limits=LIMITS) as port:
        stalled = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        for index, (_, writer) in enumerate(stalled):
            writer.write((b"GET / HTTP/1.1\r\nX: ", post("/", "Content-Length: 9", body=b"x"), b"")[index % 3])
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"http://127.0.0.1:{port}/")).status_code == 200
        for reader, writer in stalled:
            async with asyncio.timeout(5):
                await reader.read()
            writer.transport.abort()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 4_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 5_000,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1_000,
    ],
)
async def test_heads_are_bounded(head: bytes) -> None:
    app = App()
    async with listening(app, limits=LIMITS) as port, connection(port) as client:
        for start in range(0, len(head), 700):
            client.send(head[start : start + 700])
            await asyncio.sleep(0.001)
        await client.refused(431, "head_too_large")
    assert app.requests == []


async def test_a_head_below_the_bound_passes() -> None:
    async with listening(App(), limits=LIMITS) as port, connection(port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 3_900 + b"\r\n\r\n")
        assert (await client.answer())[0] == 200
        client.send(post("/", "Content-Length: 9000", body=b"x" * 9_000))
        assert (await client.answer())[2] == b"9000", "a body is no part of the head"


AMBIGUOUS = {
    "two lengths": post("/", "Content-Length: 3", "Content-Length: 4", body=b"abcd"),
    "the same length twice": post("/", "Content-Length: 3", "Content-Length: 3", body=b"abc"),
    "length and chunks": post("/", "Content-Length: 3", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks and length": post("/", "Transfer-Encoding: chunked", "Content-Length: 3", body=b"0\r\n\r\n"),
    "a list of lengths": post("/", "Content-Length: 3, 3", body=b"abc"),
    "a signed length": post("/", "Content-Length: +3", body=b"abc"),
    "a negative length": post("/", "Content-Length: -3", body=b"abc"),
    "a hexadecimal length": post("/", "Content-Length: 0x3", body=b"abc"),
    "chunked, but not last": post("/", "Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "an unknown coding": post("/", "Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    "a space before the colon": post("/", "Content-Length : 3", body=b"abc"),
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a bare line feed": b"GET / HTTP/1.1\nHost: x\n\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 3,
    "a header with NUL": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_39_ambiguous_requests_are_refused(name: str) -> None:
    app = App()
    async with listening(app, limits=LIMITS) as port, connection(port) as client:
        client.send(AMBIGUOUS[name] + b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        await client.refused(400, "invalid_input")
    assert app.requests == []


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_35_an_oversized_post_is_refused_before_its_body_and_the_client_can_read_why() -> None:
    app = App()
    async with listening(app, limits=LIMITS) as port:
        async with connection(port) as client:
            client.send(post("/", "Content-Length: 10001"))
            await client.refused(413, "payload_too_large")
        async with connection(port) as client:
            client.send(post("/", "Content-Length: 3000000", "Expect: 100-continue"))
            await client.refused(413, "payload_too_large")
        async with connection(port) as client:
            client.send(post("/", "Content-Length: 99999999999999999999999999"))
            got = await client.answer()
            assert got[0] in (400, 413)
        async with httpx.AsyncClient(timeout=10) as http:
            for _ in range(5):  # a client that sends everything first
                answer = await http.post(f"http://127.0.0.1:{port}/", content=b"x" * 3_000_000)
                assert answer.status_code == 413
    assert app.requests == []


async def test_chunked_bodies_are_measured_as_they_come() -> None:
    app = App()
    async with listening(app, limits=LIMITS) as port, connection(port) as client:
        client.send(post("/", "Transfer-Encoding: chunked"))
        for _ in range(11):
            client.send(b"3e8\r\n" + b"x" * 1_000 + b"\r\n")
            await asyncio.sleep(0.001)
        await client.refused(413, "payload_too_large")
        await until(lambda: app.disconnects == 1)


async def test_the_longest_prefix_decides_about_the_body() -> None:
    async with listening(App(), limits=LIMITS) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.post("/upload/x?y=1", content=b"x" * 50_000)).text == "50000"
        assert (await http.post("/upload", content=b"x" * 50_001)).status_code == 413
        assert (await http.post("/upload/small/x", content=b"x" * 101)).status_code == 413
        assert (await http.post("/elsewhere", content=b"x" * 10_001)).status_code == 413
        assert (await http.post("/", content=b"x" * 10_000)).text == "10000"


async def test_37_a_body_that_stalls_is_cut() -> None:
    app = App()
    async with listening(app, limits=LIMITS) as port, connection(port) as client:
        client.send(post("/", "Content-Length: 9000", body=b"x"))
        await client.refused(408, "request_timeout")
        await until(lambda: app.disconnects == 1)


async def test_a_body_that_keeps_up_the_rate_may_take_its_time() -> None:
    limits = replace(LIMITS, least_rate=1_000)
    async with listening(App(), limits=limits) as port, connection(port) as client:
        client.send(post("/", "Content-Length: 9000"))
        for _ in range(9):
            client.send(b"x" * 1_000)
            await asyncio.sleep(0.07)
        assert (await client.answer())[2] == b"9000"


async def test_an_early_answer_can_be_read_by_a_client_that_still_sends() -> None:
    limits = replace(LIMITS, max_body=10_000_000)
    async with listening(App(), limits=limits) as port, httpx.AsyncClient(timeout=10) as http:
        for _ in range(5):
            answer = await http.post(f"http://127.0.0.1:{port}/early", content=b"x" * 5_000_000)
            assert (answer.status_code, answer.text) == (200, "0")


async def test_37_a_reader_that_stalls_is_cut() -> None:
    async with listening(App(), limits=LIMITS) as port, connection(port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
        client.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(1.0)
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]  # a read transport as well
        with suppress(ConnectionError):
            assert len(await asyncio.wait_for(client.reader.read(-1), 5)) < 30_000_000


async def test_a_large_answer_reaches_a_reader_that_reads() -> None:
    async with listening(App(), limits=LIMITS) as port, httpx.AsyncClient(timeout=20) as http:
        assert len((await http.get(f"http://127.0.0.1:{port}/large")).content) == 30_000_000


async def test_a_refusal_does_not_answer_an_earlier_request() -> None:
    """A pipelined request is refused while the one before it is still being worked on: cutting is all one can do."""
    gate = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await gate.wait()

    async with listening(app, limits=LIMITS) as port, connection(port) as client:
        client.send(GET + post("/", "Content-Length: 10001"))
        assert await client.ended()
        gate.set()
