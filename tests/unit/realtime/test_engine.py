"""Socket.IO over real connections: namespaces, connecting, leaving, and the parser of each connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from batiyoun.errors import Unauthenticated
from batiyoun.realtime import (
    ConnectRefused,
    EngineSettings,
    Namespace,
    Socket,
)
from tests.harness.wires import wire
from tests.unit.realtime.apps import App
from tests.unit.realtime.serving import NO_LIMITS, engine_of, until

QUICK = EngineSettings(connect_timeout_ms=200, close_timeout_ms=200, limits=NO_LIMITS)


async def test_the_reply_comes_first_and_carries_what_connect_returned() -> None:
    app = App()
    async with engine_of(app.namespace()) as (engine, port), wire(port, headers={"Cookie": "a=1"}) as client:
        reply = await client.open(auth={"token": "t"})
        (socket,) = app.sockets
        assert reply == {"sid": socket.id, "protocol": 1}
        assert socket.id != socket.session.sid, "the session's id is a secret, the socket's is not"
        assert await client.text() == '42["during-connect",1]'
        assert app.auths == [{"token": "t"}]
        assert socket.headers == {"cookie": "a=1"}
        assert socket.query["transport"] == "websocket"
        assert socket.remote_address == "127.0.0.1"
        assert engine.stats().sockets == 1


async def test_namespaces_share_a_connection_and_nothing_else() -> None:
    first, second = App(), App()
    async with engine_of(first.namespace(), second.namespace()) as (_, port), wire(port) as client:
        await client.open()
        assert await client.text() == '42["during-connect",1]'
        reply = await client.join("/custom", {"x": 1})
        assert reply["sid"] == second.sockets[0].id != first.sockets[0].id
        assert await client.text() == '42/custom,["during-connect",1]'
        client.send('42/custom,7["hello"]')
        assert await client.text() == "43/custom,7[]"
        client.send("41/custom,")
        await until(lambda: second.ended)
        assert second.ended == [(second.sockets[0].id, "client namespace disconnect")]
        assert await client.call("still", "here") == "here"
        assert first.ended == []
        await client.join("/custom")
        assert len(second.sockets) == 2
        client.close()
        await until(lambda: first.ended)
        assert first.ended[0][1] == second.ended[1][1] == "transport close"


async def test_an_unknown_namespace_is_refused_in_the_reference_s_words() -> None:
    async with engine_of() as (_, port), wire(port) as client:
        await client.text()
        client.send("40/nowhere,")
        assert await client.text() == '44/nowhere,{"message":"Invalid namespace"}'
        await client.join()


@pytest.mark.parametrize(
    ("refusal", "answer"),
    [
        # made in the test: an exception keeps the frames it went through
        (lambda: ConnectRefused("no"), {"message": "no"}),
        (lambda: ConnectRefused("no", {"code": "x"}), {"message": "no", "data": {"code": "x"}}),
        (
            Unauthenticated,
            {
                "message": "You are not signed in. Sign in and try again.",
                "data": {
                    "code": "unauthenticated",
                    "message": "You are not signed in. Sign in and try again.",
                    "retryable": False,
                },
            },
        ),
    ],
)
async def test_a_refused_connect(refusal: Callable[[], Exception], answer: dict[str, Any]) -> None:
    app = App()
    app.refusal = refusal()
    async with engine_of(app.namespace()) as (engine, port), wire(port) as client:
        await client.text()
        client.send("40")
        message = await client.text()
        assert message.startswith("44")
        assert msgspec.json.decode(message[2:]) == answer
        assert app.ended == [], "what never connected does not disconnect"
        assert engine.stats().sockets == 0
        app.refusal = None
        await client.join()


async def test_a_connect_that_fails_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    app.refusal = RuntimeError("the secret reason")
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.text()
        client.send("40")
        message = await client.text()
        assert msgspec.json.decode(message[2:])["data"]["code"] == "internal"
        assert "secret" not in message
        assert "A connect handler failed" in caplog.text


async def test_36_a_client_that_says_nothing_is_closed() -> None:
    async with engine_of(settings=QUICK) as (engine, port), wire(port) as client:
        await client.text()
        assert await client.closed(1) == 1000
        assert engine.stats().sessions == 0


async def test_a_refused_client_that_stays_is_closed_too() -> None:
    app = App()
    app.refusal = ConnectRefused("no")
    async with engine_of(app.namespace(), settings=QUICK) as (_, port), wire(port) as client:
        await client.text()
        client.send("40")
        await client.text()
        assert await client.closed(1) == 1000


async def test_a_connect_that_hangs_is_refused() -> None:
    app = App()
    app.gate = asyncio.Event()
    async with engine_of(app.namespace(), settings=QUICK) as (_, port), wire(port) as client:
        await client.text()
        client.send("40")
        assert (await client.text()).startswith("44")


async def test_a_client_that_leaves_during_connect_is_disconnected_once() -> None:
    app = App()
    app.gate = asyncio.Event()
    async with engine_of(app.namespace()) as (engine, port):
        async with wire(port) as client:
            await client.text()
            client.send("40")
            await until(lambda: app.sockets)
        await until(lambda: engine.stats().sessions == 0)
        assert app.ended == []
        app.gate.set()
        await until(lambda: app.ended)
        assert app.ended == [(app.sockets[0].id, "transport close")]
        assert engine.stats().sockets == 0


async def test_what_is_emitted_during_a_long_connect_is_bounded() -> None:
    app = App()
    app.gate = asyncio.Event()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.text()
        client.send("40")
        await until(lambda: app.sockets)
        for number in range(1_000):
            app.sockets[0].emit("n", number)
        app.gate.set()
        assert (await client.text()).startswith("40{")
        got = [await client.text() for _ in range(257)]
        assert got[0] == '42["during-connect",1]'
        assert got[-2] == '42["n",254]'
        assert got[-1] == '42["resync",{"reason":"slow"}]', "what was dropped is told"


OUT_OF_ORDER = ['42["early"]', "41", '431["x"]', '44{"message":"no"}', '451-["a"]', "4", "4abc", "40[]", "40/,x"]


@pytest.mark.parametrize("packet", OUT_OF_ORDER)
async def test_anything_but_connect_before_connecting_closes(packet: str) -> None:
    async with engine_of() as (_, port), wire(port) as client:
        await client.text()
        client.send(packet)
        assert await client.closed() == 1002


@pytest.mark.parametrize("packet", ["40", '42/custom,["a"]', '44{"message":"no"}', "42[]", '42["connect"]', "4"])
async def test_packets_out_of_order_close(packet: str) -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        client.send(packet)
        assert await client.closed() == 1002
        assert app.ended[0][1] == "parse error"


async def test_events_before_the_reply_close() -> None:
    app = App()
    app.gate = asyncio.Event()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.text()
        client.send("40")
        client.send('42["early"]')
        assert await client.closed() == 1002
        app.gate.set()


# ── leaving ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_disconnecting_one_namespace_keeps_the_connection() -> None:
    first, second = App(), App()
    async with engine_of(first.namespace(), second.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        await client.join("/custom")
        await client.text()
        socket = first.sockets[0]
        socket.emit("goodbye")
        socket.disconnect()
        socket.disconnect()
        socket.emit("too late")
        assert await client.text() == '42["goodbye"]'
        assert await client.text() == "41"
        assert first.ended == [(socket.id, "server namespace disconnect")]
        client.send('42/custom,1["alive"]')
        assert await client.text() == "43/custom,1[]"


async def test_disconnecting_with_close_ends_everything() -> None:
    first, second = App(), App()
    async with engine_of(first.namespace(), second.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        await client.join("/custom")
        await client.text()
        first.sockets[0].disconnect(close=True, reason="session revoked")
        assert await client.text() == "41"
        assert await client.text() == "41/custom,"
        assert await client.closed() == 1000
        assert first.ended == [(first.sockets[0].id, "session revoked")]
        assert second.ended == [(second.sockets[0].id, "session revoked")]


async def test_a_failing_disconnect_handler_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fail(socket: Socket, reason: str) -> None:
        raise RuntimeError

    hub_of: list[Socket] = []

    async def connect(socket: Socket, auth: Any) -> None:
        hub_of.append(socket)
        socket.app.hub.join(socket, "room")

    app = Namespace(App().on_event, connect, fail)
    async with engine_of(app) as (engine, port):
        async with wire(port) as client:
            await client.open()
        await until(lambda: engine.stats().sessions == 0)
        assert "A disconnect handler failed" in caplog.text
        assert app.hub.size("room") == 0
        async with wire(port) as client:
            await client.open()


async def test_after_flush() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        (socket,) = app.sockets
        left: list[int] = []
        socket.emit("x")
        socket.after_flush(lambda: left.append(len(socket.session.out)))
        await until(lambda: left)
        assert left == [0]


# ── msgpack ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_parser_is_chosen_by_the_first_packet() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.text()

        async def received() -> Any:
            opcode, payload = await client.receive()
            assert opcode == 2
            return msgspec.msgpack.decode(payload)

        client.send(msgspec.msgpack.encode({"type": 0, "nsp": "/", "data": {"token": "t"}}))
        assert await received() == {"type": 0, "nsp": "/", "data": {"sid": app.sockets[0].id, "protocol": 1}}
        assert await received() == {"type": 2, "nsp": "/", "data": ["during-connect", 1]}
        client.send(msgspec.msgpack.encode({"type": 2, "nsp": "/", "data": ["a", b"bytes"], "id": 3}))
        assert await received() == {"type": 3, "nsp": "/", "data": [b"bytes"], "id": 3}
        app.sockets[0].app.hub.join(app.sockets[0], "room")
        app.sockets[0].app.hub.publish("room", "told", {"n": 1})
        assert await received() == {"type": 2, "nsp": "/", "data": ["told", {"n": 1}]}
        client.send('42["text"]')
        assert await client.closed() == 1002
