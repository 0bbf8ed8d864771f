"""Rooms and fan-out: who gets what, and in which form."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from batiyoun.realtime import Engine, Hub
from batiyoun.realtime.hub import Room
from tests.harness.wires import Wire, wire
from tests.unit.realtime.apps import Lobby, joined
from tests.unit.realtime.serving import engine_of, until


async def test_everybody_in_the_room_gets_the_same_bytes() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port):
        clients = [await joined(port) for _ in range(20)]
        outsider = await joined(port)
        lobby.hub.leave(lobby.sockets[-1], "room")
        lobby.hub.publish("room", "told", {"n": 1}, "two")
        first = lobby.sockets[0].session.out[0]
        assert all(socket.session.out[0] is first for socket in lobby.sockets[:-1]), "one frame, shared"
        for client in clients:
            assert await client.text() == '42["told",{"n":1},"two"]'
        assert await outsider.quiet()
        for client in (*clients, outsider):
            client.close()


async def test_membership_takes_effect_at_once() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port), wire(port) as client:
        await client.open()
        (socket,) = lobby.sockets
        lobby.hub.publish("room", "before")
        lobby.hub.leave(socket, "room")
        lobby.hub.publish("room", "kicked")
        lobby.hub.join(socket, "room")
        lobby.hub.publish("room", "after")
        assert await client.text() == '42["before"]'
        assert await client.text() == '42["after"]'


async def test_skip_leaves_out_one_or_some() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port):
        clients = [await joined(port) for _ in range(3)]
        lobby.hub.publish("room", "one", skip=lobby.sockets[0])
        lobby.hub.publish("room", "some", skip=set(lobby.sockets[:2]))
        lobby.hub.publish("room", "all")
        got = [await clients[0].text(), await clients[1].text(), await clients[2].text()]
        assert got == ['42["all"]', '42["one"]', '42["one"]']
        assert await clients[1].text() == '42["all"]'
        assert await clients[2].text() == '42["some"]'
        for client in clients:
            client.close()


async def test_every_parser_and_transport_gets_its_own_form() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        text = await joined(port)
        pack = await Wire.connect(port)
        await pack.text()
        pack.send(msgspec.msgpack.encode({"type": 0, "nsp": "/"}))
        await pack.receive()
        query = {"EIO": "4", "transport": "polling"}
        query["sid"] = (await http.get("/socket.io/", params=query)).text.split('"')[3]
        await http.post("/socket.io/", params=query, content="40")
        assert (await http.get("/socket.io/", params=query)).text.startswith("40{")
        lobby.hub.publish("room", "told", {"n": b"\x01"})
        assert await text.text() == '451-["told",{"n":{"_placeholder":true,"num":0}}]'
        assert await text.receive() == (2, b"\x01")
        opcode, payload = await pack.receive()
        assert opcode == 2
        assert msgspec.msgpack.decode(payload)["data"] == ["told", {"n": b"\x01"}]
        poll = await http.get("/socket.io/", params=query)
        assert poll.text == '451-["told",{"n":{"_placeholder":true,"num":0}}]\x1ebAQ=='
        text.close()
        pack.close()


async def test_a_publish_that_cannot_be_encoded_reaches_nobody() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port), wire(port) as client:
        await client.open()
        with pytest.raises(TypeError):
            lobby.hub.publish("room", "bad", object())
        lobby.hub.publish("room", "good")
        assert await client.text() == '42["good"]'


async def test_a_namespace_has_its_own_rooms() -> None:
    one, two = Lobby(), Lobby()
    async with engine_of(one.namespace, two.namespace) as (_, port), wire(port) as client:
        await client.open()
        await client.join("/custom")
        two.hub.publish("room", "told")
        assert await client.text() == '42/custom,["told"]'


async def test_a_closed_transport_does_not_stop_the_others() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port):
        clients = [await joined(port) for _ in range(5)]

        def refuse(_: bytes) -> None:
            raise RuntimeError("a transport that fails to write")

        broken = lobby.sockets[2].session.transport
        broken._tcp = Failing(broken._tcp, refuse)  # type: ignore[attr-defined]  # the WebSocket's
        lobby.hub.publish("room", "told")
        for client in (*clients[:2], *clients[3:]):
            assert await client.text() == '42["told"]'
        assert await clients[2].closed() is None
        lobby.hub.publish("room", "again")
        assert await clients[0].text() == '42["again"]'
        for client in clients:
            client.close()


class Failing:
    """A transport whose `write` fails."""

    def __init__(self, real: Any, write: Any) -> None:
        self._real = real
        self.write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


# ── rooms ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_all_sockets_of_a_user_join_and_leave_together() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port):
        clients = [await joined(port) for _ in range(3)]
        for socket in lobby.sockets[:2]:
            lobby.hub.join(socket, "user:ann")
        lobby.hub.join_all("user:ann", "chat:1")
        assert set(lobby.hub.members("chat:1")) == set(lobby.sockets[:2])
        assert lobby.sockets[0].rooms == {"room", "user:ann", "chat:1"}
        lobby.hub.leave_all("user:ann", "chat:1")
        assert lobby.hub.members("chat:1") == ()
        assert "chat:1" not in lobby.hub.rooms
        for client in clients:
            client.close()
        await until(lambda: not lobby.hub.rooms)


async def test_a_socket_that_is_gone_joins_nothing() -> None:
    lobby = Lobby()
    async with engine_of(lobby.namespace) as (_, port):
        client = await joined(port)
        client.close()
        await until(lambda: lobby.sockets[0].is_gone)
        lobby.hub.join(lobby.sockets[0], "room")
        assert lobby.hub.rooms == set()
        assert lobby.sockets[0].rooms == set()


class Rooms(RuleBasedStateMachine):
    """Join and leave in any order against plain sets."""

    class Member:
        """What a hub needs of a socket."""

        def __init__(self) -> None:
            self.is_gone = False
            self.in_rooms: list[Room] = []

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub()
        self.sockets: list[Any] = [self.Member() for _ in range(12)]
        self.model: dict[str, set[Any]] = {}

    @rule(who=st.integers(0, 11), room=st.sampled_from("abc"))
    def join(self, who: int, room: str) -> None:
        self.hub.join(self.sockets[who], room)
        self.model.setdefault(room, set()).add(self.sockets[who])

    @rule(who=st.integers(0, 11), room=st.sampled_from("abc"))
    def leave(self, who: int, room: str) -> None:
        self.hub.leave(self.sockets[who], room)
        self.model.get(room, set()).discard(self.sockets[who])

    @rule(who=st.integers(0, 11))
    def leave_everything(self, who: int) -> None:
        self.hub.leave_everything(self.sockets[who])
        for members in self.model.values():
            members.discard(self.sockets[who])

    @rule(of=st.sampled_from("abc"), room=st.sampled_from("abc"))
    def join_all(self, of: str, room: str) -> None:
        self.hub.join_all(of, room)
        self.model.setdefault(room, set()).update(self.model.get(of, set()))

    @invariant()
    def agrees(self) -> None:
        assert self.hub.rooms == {room for room, members in self.model.items() if members}
        for room in "abc":
            members = self.hub.members(room)
            assert len(members) == len(set(members)) == self.hub.size(room)
            assert set(members) == self.model.get(room, set())
        for socket in self.sockets:
            names = [room.name for room in socket.in_rooms]
            assert len(names) == len(set(names))
            assert set(names) == {room for room, members in self.model.items() if socket in members}


TestRooms = Rooms.TestCase


@given(st.integers(0, 30))
def test_small_rooms_are_tuples(size: int) -> None:
    room = Room("x")
    sockets: list[Any] = [Rooms.Member() for _ in range(size)]
    for socket in sockets:
        assert room.add(socket)
        assert not room.add(socket)
    assert isinstance(room.members, tuple) == (size <= Room.FEW)
    for socket in sockets:
        assert room.remove(socket)
        assert not room.remove(socket)
    assert len(room.members) == 0


def test_an_unbound_hub_has_nobody_to_tell() -> None:
    hub = Hub()
    hub.publish("room", "told")
    assert hub.members("room") == ()
    assert hub.deliveries == 0


async def test_deliveries_are_counted() -> None:
    lobby = Lobby()
    engine: Engine
    async with engine_of(lobby.namespace) as (engine, port):
        clients = [await joined(port) for _ in range(3)]
        lobby.hub.publish("room", "told")
        assert lobby.hub.deliveries == 3
        assert engine.stats().websockets == 3
        for client in clients:
            client.close()
