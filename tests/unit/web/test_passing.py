"""web/passing.py: what lands on the wrong worker is passed to the right one, whatever the transport."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import msgspec
import pytest

from batiyoun.realtime import Engine, EngineSettings, Gateway, Handler, Namespace, Socket
from batiyoun.web.passing import Passing, prefix_of
from tests.harness.wires import Wire
from tests.unit.realtime.serving import NO_LIMITS, engine_of, until

COUNT = 2


async def shout(socket: Socket, payload: dict[str, str]) -> dict[str, str]:
    return {"said": payload["text"].upper()}


@dataclass
class Worker:
    """One of them."""

    engine: Engine
    port: int


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: a socket's path may have 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="pass-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def workers(folder: Path) -> AsyncIterator[list[Worker]]:
    """Two on ports of their own, so that a test decides where a connection lands."""
    async with AsyncExitStack() as stack:
        running = []
        for index in range(COUNT):
            settings = replace(EngineSettings(limits=NO_LIMITS), sid_prefix=prefix_of(index))
            app = Namespace(Gateway({"shout": Handler(shout, dict[str, str])}))
            passing = Passing(folder, index, COUNT)
            running.append(Worker(*await stack.enter_async_context(engine_of(app, settings=settings, passing=passing))))
        yield running


def url(worker: Worker) -> str:
    return f"http://127.0.0.1:{worker.port}/socket.io/"


async def open_session(http: httpx.AsyncClient, worker: Worker) -> dict[str, str]:
    """The query of a polling session on that worker, connected to `/`."""
    answer = await http.get(url(worker), params={"EIO": "4", "transport": "polling"})
    sid = msgspec.json.decode(answer.text[1:])["sid"]
    query = {"EIO": "4", "transport": "polling", "sid": sid}
    assert (await http.post(url(worker), params=query, content="40")).text == "ok"
    assert (await http.get(url(worker), params=query)).text.startswith("40{")
    return query


async def test_polling_requests_on_either_port_belong_to_one_session(workers: list[Worker]) -> None:
    one, two = workers
    async with httpx.AsyncClient() as http:
        query = await open_session(http, one)
        assert query["sid"].startswith("w0.")
        for number in range(6):
            body = msgspec.json.encode(["shout", {"text": f"hello {number}"}]).decode()
            assert (await http.post(url(two), params=query, content=f"42{number}{body}")).text == "ok"
            answer = await http.get(url(one if number % 2 else two), params=query)
            assert answer.text == f'43{number}[{{"said":"HELLO {number}"}}]'
    assert len(one.engine.io.sessions) == 1
    assert len(two.engine.io.sessions) == 0


async def test_a_passed_connection_is_the_other_worker_s_from_then_on(workers: list[Worker]) -> None:
    one, two = workers
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient() as http, httpx.AsyncClient(limits=limits) as single:
        query = await open_session(http, one)
        assert (await single.post(url(two), params=query, content="3")).text == "ok"
        # A request without a session stays where the connection is.
        answer = await single.get(url(two), params={"EIO": "4", "transport": "polling"})
        assert msgspec.json.decode(answer.text[1:])["sid"].startswith("w0.")


async def test_a_large_body_comes_along_whole(workers: list[Worker]) -> None:
    one, two = workers
    text = "x" * 400_000
    async with httpx.AsyncClient() as http:
        query = await open_session(http, one)
        body = msgspec.json.encode(["shout", {"text": text}]).decode()
        assert (await http.post(url(two), params=query, content=f"421{body}")).text == "ok"
        assert (await http.get(url(one), params=query)).text == f'431[{{"said":"{text.upper()}"}}]'


async def test_an_upgrade_that_lands_elsewhere_takes_over(workers: list[Worker]) -> None:
    one, two = workers
    async with httpx.AsyncClient() as http:
        query = await open_session(http, one)
        path = f"/socket.io/?EIO=4&transport=websocket&sid={query['sid']}"
        wire = await Wire.connect(two.port, path)
        assert wire.status == 101
        wire.send("2probe")
        assert await wire.text() == "3probe"
        wire.send("5")
        assert await wire.call("shout", {"text": "over"}) == {"said": "OVER"}
        assert (one.engine.io.websockets, two.engine.io.websockets) == (1, 0)
        wire.close()
        await until(lambda: not one.engine.io.sessions)


async def test_a_request_line_in_pieces_is_waited_for(workers: list[Worker]) -> None:
    one, two = workers
    async with httpx.AsyncClient() as http:
        query = await open_session(http, one)
        reader, writer = await asyncio.open_connection("127.0.0.1", two.port)
        head = (
            f"GET /socket.io/?EIO=4&transport=polling&sid={query['sid']} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        )
        waiting = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
        for start in range(0, len(head), 7):
            writer.write(head[start : start + 7])
            await asyncio.sleep(0.002)
        body = msgspec.json.encode(["shout", {"text": "wake"}]).decode()
        assert (await http.post(url(one), params=query, content=f"421{body}")).text == "ok"
        assert b"200 OK" in await waiting
        writer.close()


async def test_a_session_of_a_worker_that_is_gone_is_unknown(folder: Path) -> None:
    settings = replace(EngineSettings(limits=NO_LIMITS), sid_prefix=prefix_of(0))
    async with engine_of(settings=settings, passing=Passing(folder, 0, 3)) as (_, port), httpx.AsyncClient() as http:
        for sid in ("w1.gone", "w9.never", "w0.mine", "none"):
            query = {"EIO": "4", "transport": "polling", "sid": sid}
            answer = await http.get(f"http://127.0.0.1:{port}/socket.io/", params=query)
            assert (answer.status_code, answer.json()["message"]) == (400, "Session ID unknown")
        assert (await http.get(f"http://127.0.0.1:{port}/other?sid=w1.x")).status_code != 500


async def test_whatever_comes_over_the_way_between_workers_harms_nobody(folder: Path) -> None:
    settings = replace(EngineSettings(limits=NO_LIMITS), sid_prefix=prefix_of(0))
    async with engine_of(settings=settings, passing=Passing(folder, 0, 2)) as (_, port), httpx.AsyncClient() as http:
        for rubbish in (b"", b"no descriptor"):
            _, writer = await asyncio.open_unix_connection(folder / "0")
            writer.write(rubbish)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        answer = await http.get(f"http://127.0.0.1:{port}/socket.io/", params={"EIO": "4", "transport": "polling"})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("data", "enough", "owner"),
    [
        (b"GET /socket.io/?EIO=4&sid=w1.abc&x HTTP/1.1\r\n", True, 1),
        (b"POST /socket.io/?sid=w1.abc HTTP/1.1\r\nsid=w0.", True, 1),
        (b"GET /socket.io/?EIO=4&sid=w0.abc HTTP/1.1\r\n", True, None),
        (b"GET /socket.io/?EIO=4&sid=w2.abc HTTP/1.1\r\n", True, None),
        (b"GET /socket.io/?EIO=4&nosid=w1.abc HTTP/1.1\r\n", True, None),
        (b"GET /socket.io/?EIO=4 HTTP/1.1\r\nCookie: &sid=w1.x", True, None),
        (b"GET /socket.io/?EIO=4&sid=w1.ab", False, None),
        (b"GET /soc", False, None),
        (b"G", False, None),
        (b"GET /api/chats?sid=w1.x HTTP", True, None),
        (b"PUT /socket.io/?sid=w1.x HTTP/1.1\r\n", True, None),
        (b"\x00\xff", True, None),
    ],
)
def test_whose_a_request_is(data: bytes, enough: bool, owner: int | None) -> None:
    passing = Passing(Path("/nowhere"), 0, 2)
    assert passing.knows_enough(data) is enough
    if enough:
        assert passing.owner(data) == owner
