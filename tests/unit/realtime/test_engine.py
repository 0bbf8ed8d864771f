"""Socket.IO over real connections: namespaces, connecting, acknowledgements both ways, leaving, draining."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from batiyoun.errors import Unauthenticated
from batiyoun.realtime import (
    ConnectRefused,
    Engine,
    EngineSettings,
    Limits,
    Namespace,
    NotConnected,
    Socket,
    TooManyAcks,
)
from batiyoun.wire.packets import Event
from tests.harness.wires import Wire, wire
from tests.unit.realtime.serving import NO_LIMITS, engine_of, until

QUICK = EngineSettings(connect_timeout_ms=200, close_timeout_ms=200, limits=NO_LIMITS)


class App:
    """An application that writes down what happens to it."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.auths: list[Any] = []
        self.events: list[tuple[str, list[Any]]] = []
        self.ended: list[tuple[str, str]] = []
        self.gate: asyncio.Event | None = None
        self.refusal: Exception | None = None

    async def connect(self, socket: Socket, auth: dict[str, Any] | None) -> dict[str, Any]:
        self.sockets.append(socket)
        self.auths.append(auth)
        socket.emit("during-connect", 1)
        if self.gate is not None:
            await self.gate.wait()
        if self.refusal is not None:
            raise self.refusal
        return {"protocol": 1}

    def disconnect(self, socket: Socket, reason: str) -> None:
        self.ended.append((socket.id, reason))

    def on_event(self, socket: Socket, event: Event) -> None:
        self.events.append((event.name, event.arguments()))
        socket.ack(event.ack, *event.arguments())

    def namespace(self) -> Namespace:
        return Namespace(self.on_event, self.connect, self.disconnect)


# ── connecting ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
        (ConnectRefused("no"), {"message": "no"}),
        (ConnectRefused("no", {"code": "x"}), {"message": "no", "data": {"code": "x"}}),
        (
            Unauthenticated(),
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
async def test_a_refused_connect(refusal: Exception, answer: dict[str, Any]) -> None:
    app = App()
    app.refusal = refusal
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


async def test_item_36_a_client_that_says_nothing_is_closed() -> None:
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


# ── events and acknowledgements ───────────────────────────────────────────────────────────────────────────────────────


async def test_acks_only_when_asked_for() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        client.send('42["silent",1]')
        client.send('420["asked",1,{"a":[null]}]')
        assert await client.text() == '430[1,{"a":[null]}]'
        assert app.events == [("silent", [1]), ("asked", [1, {"a": [None]}])]


async def test_binary_events_and_acks() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        client.send('452-5["blob",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]')
        client.send(b"first")
        client.send(b"second")
        assert await client.text() == ('462-5[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        assert [(await client.receive())[1] for _ in range(2)] == [b"second", b"first"]
        assert app.events == [("blob", [b"second", b"first"])]


async def test_server_acks() -> None:
    app = App()
    async with engine_of(app.namespace()) as (_, port), wire(port) as client:
        await client.open()
        await client.text()
        (socket,) = app.sockets
        first = asyncio.create_task(socket.emit_with_ack("a", 1, timeout=2))
        second = asyncio.create_task(socket.emit_with_ack("b", timeout=2))
        assert await client.text() == '420["a",1]'
        assert await client.text() == '421["b"]'
        client.send("431[2]")
        client.send('430["x",{"y":1}]')
        client.send('430["again"]')
        client.send("4399[]")
        assert await first == ["x", {"y": 1}]
        assert await second == [2]
        with pytest.raises(TimeoutError):
            await socket.emit_with_ack("c", timeout=0.05)
        assert await client.text() == '422["c"]'
        client.send("432[]")
        assert await client.call("alive", 1) == 1
        waiting = asyncio.create_task(socket.emit_with_ack("d", timeout=5))
        await client.text()
        client.close()
        with pytest.raises(NotConnected):
            await waiting
        with pytest.raises(NotConnected):
            await socket.emit_with_ack("e", timeout=1)


async def test_item_33_a_client_owes_only_so_many_acks() -> None:
    app = App()
    settings = EngineSettings(limits=Limits(enabled=False, owed_acks=3))
    async with engine_of(app.namespace(), settings=settings) as (_, port), wire(port) as client:
        await client.open()
        (socket,) = app.sockets
        waiting = [asyncio.create_task(socket.emit_with_ack("a", timeout=5)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyAcks):
            await socket.emit_with_ack("a", timeout=5)
        client.send("430[]")
        assert await waiting[0] == []
        client.close()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_item_33_a_client_has_only_so_many_namespaces() -> None:
    app = App()
    settings = EngineSettings(limits=Limits(enabled=False, namespaces=1))
    async with engine_of(app.namespace(), app.namespace(), settings=settings) as (_, port), wire(port) as client:
        await client.open()
        client.send("40/custom,")
        assert await client.closed() == 1002


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


# ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def polling_get(port: int, **query: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(
            f"http://127.0.0.1:{port}/socket.io/", params={"EIO": "4", "transport": "polling", **query}
        )


async def test_draining_refuses_new_clients_and_tells_the_old_ones_to_come_back() -> None:
    app = App()
    async with engine_of(app.namespace()) as (engine, port):
        clients = [await Wire.connect(port) for _ in range(30)]
        for client in clients:
            await client.open()
            await client.text()
        draining = asyncio.create_task(engine.drain(2))
        await asyncio.sleep(0)
        refused = await polling_get(port)
        assert refused.status_code == 503
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        async with wire(port) as late:
            assert late.status == 503
            assert "retry-after" in late.headers
        assert await asyncio.gather(*(client.closed() for client in clients)) == [1012] * 30
        await draining
        assert engine.stats().sessions == engine.stats().websockets == 0
        assert {reason for _, reason in app.ended} == {"server shutting down"}


async def test_draining_spreads_the_goodbyes() -> None:
    times: list[float] = []
    app = Namespace(App().on_event, disconnect=lambda *_: times.append(asyncio.get_running_loop().time()))
    async with engine_of(app) as (engine, port):
        clients = [await Wire.connect(port) for _ in range(100)]
        for client in clients:
            await client.open()
        closing = [asyncio.create_task(client.closed()) for client in clients]
        await engine.drain(4)
        assert await asyncio.gather(*closing) == [1012] * 100
        assert max(times) - min(times) > 0.05, "not all in the same instant"


async def test_draining_takes_no_longer_than_its_limit_whatever_clients_do() -> None:
    async with engine_of() as (engine, port), wire(port) as client:
        await client.open()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
        started = asyncio.get_running_loop().time()
        await engine.drain(0.3)
        assert asyncio.get_running_loop().time() - started < 0.6


async def test_an_engine_that_is_closed_ends_connects_that_hang() -> None:
    app = App()
    app.gate = asyncio.Event()
    engine: Engine
    async with engine_of(app.namespace()) as (engine, port), wire(port) as client:
        await client.text()
        client.send("40")
        await until(lambda: app.sockets)
        engine.close()
        assert await client.closed() == 1001
