"""Long-polling down to the requests: statuses and bodies as the reference implementation gives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from tests.harness.wires import wire
from tests.unit.realtime.pollers import SETTINGS, Poller, Recorder
from tests.unit.realtime.serving import raw_engine, until


async def test_the_handshake(poller: Poller) -> None:
    data = await poller.open()
    assert data == {
        "sid": poller.sid, "upgrades": ["websocket"], "pingInterval": 400, "pingTimeout": 300, "maxPayload": 10_000,
    }  # fmt: skip
    assert len(poller.sid) == 20


async def test_messages_come_back_and_a_post_answers_exactly_ok(poller: Poller) -> None:
    await poller.open()
    answer = await poller.post("4hello\x1ebAQID\x1e4€")
    assert (answer.status_code, answer.content) == (200, b"ok")
    poll = await poller.get()
    assert poll.text == "4hello\x1ebAQID\x1e4€"
    assert poll.headers["content-type"] == "text/plain; charset=UTF-8"
    assert poll.headers["cache-control"] == "no-store"


async def test_a_poll_waits_for_packets(poller: Poller) -> None:
    await poller.open()
    poll = asyncio.create_task(poller.get())
    await asyncio.sleep(0.05)
    assert not poll.done()
    await poller.post("4now")
    assert (await poll).text == "4now"


async def test_heartbeats_in_milliseconds(poller: Poller) -> None:
    await poller.open()
    for _ in range(3):
        started = asyncio.get_running_loop().time()
        assert (await poller.get()).text == "2"
        assert asyncio.get_running_loop().time() - started > 0.3
        assert (await poller.post("3")).text == "ok"
    assert (await poller.get()).text == "2"
    closing = await poller.get()
    assert closing.text == "1"
    assert poller.ended == ["ping timeout"]
    assert (await poller.get()).json() == {"code": 1, "message": "Session ID unknown"}


BAD_QUERIES = [
    ({"transport": ""}, 0, "Transport unknown"),
    ({"transport": "smoke"}, 0, "Transport unknown"),
    ({"transport": "__proto__"}, 0, "Transport unknown"),
    ({"sid": "nobody"}, 1, "Session ID unknown"),
    ({"transport": "websocket"}, 3, "Bad request"),
    ({"EIO": ""}, 5, "Unsupported protocol version"),
    ({"EIO": "3"}, 5, "Unsupported protocol version"),
    ({"EIO": "abc"}, 5, "Unsupported protocol version"),
]


@pytest.mark.parametrize(("changes", "code", "message"), BAD_QUERIES)
async def test_bad_handshakes(poller: Poller, changes: dict[str, str], code: int, message: str) -> None:
    answer = await poller.get(**changes)
    assert answer.status_code == 400
    assert answer.json() == {"code": code, "message": message}
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_bad_methods(poller: Poller, method: str) -> None:
    answer = await poller.http.request(method, "/socket.io/", params=poller.query())
    assert answer.status_code == 400
    if method != "HEAD":
        assert answer.json() == {"code": 2, "message": "Bad handshake method"}
    await poller.open()
    if method != "POST":
        answer = await poller.http.request(method, "/socket.io/", params=poller.query())
        assert answer.status_code == 400


async def test_a_query_of_too_many_fields(poller: Poller) -> None:
    answer = await poller.http.get("/socket.io/?" + "&".join(["a=1"] * 100))
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


@pytest.mark.parametrize("body", ["", "abc", "4a\x1e", "bA", "2", "7", "4a\x1e0", b"4\xff"])
async def test_a_malformed_packet_closes_the_session(poller: Poller, body: str | bytes) -> None:
    await poller.open()
    waiting = asyncio.create_task(poller.get())
    await asyncio.sleep(0.02)
    answer = await poller.post(body)
    assert answer.status_code in (200, 400)
    assert (await waiting).text in ("1", "4a"), "what was valid had been echoed"
    assert poller.ended == ["parse error"]
    assert (await poller.get()).status_code == 400


async def test_two_polls_at_once_close_the_session(poller: Poller) -> None:
    await poller.open()
    first = asyncio.create_task(poller.get())
    await asyncio.sleep(0.05)
    second = await poller.get()
    assert second.status_code == 400
    assert ((await first).status_code, (await first).text) == (200, "1")
    assert poller.ended == ["transport error"]


async def test_two_posts_at_once_close_the_session(poller: Poller) -> None:
    await poller.open()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"4slow"
        await asyncio.sleep(0.2)
        yield b"ly"

    first = asyncio.create_task(poller.http.post("/socket.io/", params=poller.query(), content=slowly()))
    await asyncio.sleep(0.05)
    assert (await poller.post("4quick")).status_code == 400
    await asyncio.gather(first, return_exceptions=True)
    assert poller.ended == ["transport error"]


async def test_binary_bodies_belong_to_an_older_revision(poller: Poller) -> None:
    await poller.open()
    assert (await poller.post(b"4x", **{"content-type": "application/octet-stream"})).status_code == 400
    assert poller.ended == ["transport error"]


async def test_35_a_body_over_the_limit_is_refused_and_the_session_lives(poller: Poller) -> None:
    await poller.open()
    assert (await poller.post("4" + "x" * 10_000)).status_code == 413

    async def chunked() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"4" + b"x" * 1_000

    assert (await poller.http.post("/socket.io/", params=poller.query(), content=chunked())).status_code == 413
    assert (await poller.post("4fine")).text == "ok"
    assert (await poller.get()).text == "4fine"


async def test_a_session_that_timed_out_between_two_polls_is_unknown(poller: Poller) -> None:
    await poller.open()
    await asyncio.sleep(0.9)
    assert poller.ended == ["ping timeout"]
    assert (await poller.get()).json() == {"code": 1, "message": "Session ID unknown"}


async def test_a_client_that_closes(poller: Poller) -> None:
    await poller.open()
    poll = asyncio.create_task(poller.get())
    await asyncio.sleep(0.02)
    assert (await poller.post("1")).text == "ok"
    assert (await poll).text == "6"
    assert poller.ended == ["transport close"]
    assert (await poller.get()).status_code == 400


async def test_a_poll_that_is_given_up_ends_the_session(poller: Poller) -> None:
    await poller.open()
    poll = asyncio.create_task(poller.get())
    await asyncio.sleep(0.05)
    poll.cancel()
    await until(lambda: poller.ended)
    assert poller.ended == ["transport error"]


async def test_last_words_wait_for_the_next_poll_and_not_for_ever(poller: Poller) -> None:
    await poller.open()
    session = poller.engine.sessions[poller.sid]
    session.send_text(b"bye")
    session.close("forced close")
    # the heartbeat of a client that does not know yet must not keep it from hearing the rest
    assert (await poller.http.post("/socket.io/", params=poller.query(), content=b"3")).text == "ok"
    assert (await poller.get()).text == "4bye"
    assert (await poller.get()).text == "1"
    assert (await poller.get()).json()["code"] == 1
    poller.sid = ""
    await poller.open()
    poller.engine.sessions[poller.sid].close("forced close")
    await asyncio.sleep(0.5)
    assert (await poller.get()).json()["code"] == 1
    assert poller.engine.last_words == {}


async def test_a_queue_nobody_polls_is_bounded(poller: Poller) -> None:
    await poller.open()
    session = poller.engine.sessions[poller.sid]
    while not session.closed and session.queued < 10 * SETTINGS.max_queue:
        session.send_text(b"x" * 10_000)
    assert session.closed
    assert session.out_frames == []


async def test_16_18_origins_on_polling(poller: Poller) -> None:
    async def ask(origin: str, method: str = "GET") -> httpx.Response:
        return await poller.http.request(method, "/socket.io/", params=poller.query(), headers={"Origin": origin})

    own = str(poller.http.base_url).rstrip("/")
    for origin in (own, "https://app.example"):
        answer = await ask(origin)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["vary"] == "Origin"
    for origin in ("null", "https://evil.example", own.replace("http", "https")):
        for method in ("GET", "OPTIONS"):
            answer = await ask(origin, method)
            assert "access-control-allow-origin" not in answer.headers
        assert (await ask(origin)).status_code == 403
        assert (await ask(origin)).json() == {"code": 4, "message": "Forbidden"}
    preflight = await ask("https://app.example", "OPTIONS")
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert (await poller.http.get("/socket.io/", params=poller.query(), headers={"Sec-Fetch-Site": "cross-site"})
            ).status_code == 403  # fmt: skip


async def test_polling_alone_offers_no_upgrade() -> None:
    settings = replace(SETTINGS, transports=("polling",))
    Recorder.ended = []
    async with (
        raw_engine(Recorder, settings) as (engine, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        assert (await Poller(http, engine, []).open())["upgrades"] == []
        async with wire(port) as ws:
            assert ws.status == 400
