"""Connection state recovery: who gets what back, and who does not."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from batiyoun.realtime import ConnectRefused, Hub, Namespace, Recovery, Socket
from batiyoun.realtime.recovery import RECOVERABLE
from batiyoun.storage.memory.bus import MemoryExchange
from tests.harness.wires import Wire
from tests.unit.realtime.serving import engine_of, ignore, until


class Lobby:
    """Everybody joins `lobby` and is greeted while connecting."""

    def __init__(self, hub: Hub | None = None, recovery: Recovery | None = None) -> None:
        self.hub = hub or Hub()
        self.recovery = recovery or Recovery()
        self.sockets: list[Socket] = []
        self.refuse = False
        self.ended: list[str] = []
        self.namespace = Namespace(
            ignore, self.connect, lambda _, reason: self.ended.append(reason), self.hub, self.recovery
        )

    async def connect(self, socket: Socket, auth: dict[str, Any] | None) -> None:
        if self.refuse:
            raise ConnectRefused("no")
        socket.identity = (auth or {}).get("user")
        self.sockets.append(socket)
        self.hub.join(socket, "chat:lobby")
        socket.emit("greeting")
        await asyncio.sleep(0)


class Client:
    """What an official client keeps: its private id and the offset of the last event."""

    def __init__(self, port: int, user: str = "ann") -> None:
        self._port = port
        self._user = user
        self.pid: str | None = None
        self.offset: str | None = None
        self.sid = ""
        self.recovered = False
        self.wire: Wire | None = None

    async def connect(self) -> None:
        """Connect, with what is left of the last time."""
        if self.wire is not None:
            self.wire.close()
        self.wire = await Wire.connect(self._port)
        auth: dict[str, Any] = {"user": self._user}
        if self.pid is not None:
            auth |= {"pid": self.pid, **({} if self.offset is None else {"offset": self.offset})}
        reply = await self.live.open(auth=auth)
        self.recovered = reply["pid"] == self.pid
        self.pid, self.sid = reply["pid"], reply["sid"]

    async def event(self) -> list[Any]:
        """The next event without its offset."""
        name_and_arguments: list[Any] = msgspec.json.decode((await self.live.text())[2:])
        self.offset = name_and_arguments.pop()
        return name_and_arguments

    @property
    def live(self) -> Wire:
        """The connection."""
        assert self.wire is not None
        return self.wire

    def close(self) -> None:
        """Cut the connection."""
        self.live.close()

    async def cut(self, lobby: Lobby) -> None:
        """Lose the connection, and wait until the server has noticed."""
        ends = len(lobby.ended)
        self.close()
        await until(lambda: len(lobby.ended) > ends)


@asynccontextmanager
async def talking(lobby: Lobby) -> AsyncIterator[Client]:
    """A client that has seen the greeting and one event."""
    async with engine_of(lobby.namespace) as (_, port):
        client = Client(port)
        await client.connect()
        assert await client.event() == ["greeting"]
        lobby.hub.publish("chat:lobby", "told", 1)
        assert await client.event() == ["told", 1]
        yield client
        client.close()


async def test_a_client_that_comes_back_gets_its_id_its_rooms_and_what_it_missed() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        lobby.hub.join(lobby.sockets[0], "extra")
        old = client.sid
        await client.cut(lobby)
        lobby.hub.publish("chat:lobby", "told", 2)
        lobby.hub.publish("extra", "told", 3, {"x": b"\x01"})
        lobby.hub.publish("elsewhere", "told", 4)
        await client.connect()
        assert client.recovered
        assert client.sid == old
        assert await client.event() == ["told", 2]
        assert (await client.live.text()).startswith('451-["told",3,')
        assert await client.live.receive() == (2, b"\x01")
        assert await client.event() == ["greeting"]
        assert lobby.sockets[1].recovered
        assert lobby.sockets[1].id == old
        assert lobby.sockets[1].rooms == {"chat:lobby", "extra"}
        lobby.hub.publish("extra", "told", 5)
        assert await client.event() == ["told", 5]
        lobby.sockets[1].emit("direct", 6)
        assert await client.event() == ["direct", 6]
        assert await client.live.quiet()


async def test_what_is_told_to_several_rooms_is_on_record_in_each() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        lobby.hub.join(lobby.sockets[0], "extra")
        lobby.hub.publish_all(("chat:lobby", "extra"), "both", 1)
        assert await client.event() == ["both", 1]
        first = client.offset
        assert await client.event() == ["both", 1]
        assert client.offset != first
        await client.cut(lobby)
        lobby.hub.publish_all(("extra", "elsewhere"), "both", 2)
        await client.connect()
        assert await client.event() == ["both", 2]
        assert await client.event() == ["greeting"]


async def test_what_is_published_while_connecting_comes_once_and_after_the_reply() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        await client.cut(lobby)
        publishing = asyncio.create_task(_publish_often(lobby))
        await client.connect()
        got = [await client.event() for _ in range(51)]
        await publishing
        assert [event for event in got if event[0] == "told"] == [["told", number] for number in range(50)]


async def _publish_often(lobby: Lobby) -> None:
    for number in range(50):
        lobby.hub.publish("chat:lobby", "told", number)
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("change", ["offset", "pid", "no offset", "numbers"])
async def test_a_client_that_shows_the_wrong_things_starts_anew(change: str) -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        old = client.sid
        await client.cut(lobby)
        lobby.hub.publish("chat:lobby", "told", 2)
        match change:
            case "offset":
                client.offset = "unknown"
            case "pid":
                client.pid = "unknown"
            case "no offset":
                client.offset = None
            case _:
                client.offset = 7  # type: ignore[assignment]  # as a client might
        await client.connect()
        assert not client.recovered
        assert client.sid != old
        assert await client.event() == ["greeting"]
        assert await client.live.quiet()


async def test_30_another_user_recovers_nothing() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        lobby.hub.join(lobby.sockets[0], "private")
        await client.cut(lobby)
        lobby.hub.publish("private", "secret")
        thief = Client(client._port, user="eve")
        thief.pid, thief.offset = client.pid, client.offset
        await thief.connect()
        assert not thief.recovered
        assert thief.sid != client.sid
        assert await thief.event() == ["greeting"]
        assert await thief.live.quiet()
        assert lobby.sockets[1].rooms == {"chat:lobby"}
        thief.close()


async def test_30_recovery_works_once() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        await client.cut(lobby)
        twin = Client(client._port)
        twin.pid, twin.offset = client.pid, client.offset
        await client.connect()
        await twin.connect()
        assert client.recovered
        assert not twin.recovered
        assert twin.sid != client.sid
        twin.close()


async def test_30_whoever_may_not_connect_any_more_recovers_nothing() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        await client.cut(lobby)
        lobby.refuse = True
        wire = await Wire.connect(client._port)
        await wire.text()
        wire.send(f'40{{"user":"ann","pid":"{client.pid}","offset":"{client.offset}"}}')
        assert await wire.text() == '44{"message":"no"}'
        wire.close()


async def test_25_a_kick_counts_for_the_absent_too() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        for room in ("user:ann", "chat:1"):
            lobby.hub.join(lobby.sockets[0], room)
        await client.cut(lobby)
        lobby.hub.leave_all("user:ann", "chat:1")
        lobby.hub.publish("chat:1", "secret")
        await client.connect()
        assert client.recovered
        assert lobby.sockets[1].rooms == {"chat:lobby", "user:ann"}
        assert await client.event() == ["greeting"]


async def test_skipped_events_stay_skipped() -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        socket = lobby.sockets[0]
        lobby.hub.publish("chat:lobby", "typing", skip=socket)
        lobby.hub.publish("chat:lobby", "told", 2)
        await client.cut(lobby)
        await client.connect()
        assert client.recovered
        assert await client.event() == ["told", 2]
        assert await client.event() == ["greeting"]


@pytest.mark.parametrize("goodbye", ["41", "1", None])
async def test_only_those_who_were_cut_off_come_back(goodbye: str | None) -> None:
    lobby = Lobby()
    async with talking(lobby) as client:
        if goodbye is None:
            lobby.sockets[0].disconnect(close=True)
        else:
            client.live.send(goodbye)
        await until(lambda: lobby.ended)
        await client.connect()
        assert client.recovered == (lobby.ended[0] in RECOVERABLE)
        assert client.recovered == (goodbye == "1")


async def test_nodes_share_the_record_over_the_bus() -> None:
    exchange = MemoryExchange()
    here = Lobby(Hub(exchange.node()))
    there = Lobby(Hub(exchange.node()))
    async with engine_of(there.namespace) as (_, other_port), talking(here) as client:
        neighbour = Client(other_port)
        await neighbour.connect()
        there.hub.publish("chat:lobby", "told", 2)
        assert await client.event() == ["told", 2]
        await client.cut(here)
        stayer = Client(client._port, user="sam")  # somebody else on this node keeps the channel open
        await stayer.connect()
        there.hub.publish("chat:lobby", "told", 3)
        await asyncio.sleep(0.05)
        await client.connect()
        assert client.recovered
        assert await client.event() == ["told", 3]
        neighbour.close()
        stayer.close()


# ── what is remembered ────────────────────────────────────────────────────────────────────────────────────────────────


def bound(recovery: Recovery, clock: list[float]) -> Recovery:
    """On a clock the test turns."""
    ids = itertools.count()
    recovery.bind("/", lambda: f"id{next(ids)}-", lambda: clock[0])
    return recovery


def test_events_are_bounded_in_number_and_time() -> None:
    clock = [0.0]
    recovery = bound(Recovery(max_ms=10_000, max_events=5), clock)
    for number in range(8):
        recovery.note("room", "told", (number,))
    assert len(list(recovery.since(0, "sid", {"room"}))) == 5
    clock[0] = 11.0
    recovery.note("room", "told", (9,))
    assert len(list(recovery.since(0, "sid", {"room"}))) == 1
    assert len(recovery._numbers) == 1


class Leaver:
    """What the record needs of a socket that goes."""

    def __init__(self, pid: str) -> None:
        self.pid, self.id, self.identity, self.rooms = pid, pid, "ann", frozenset({"room"})


def test_lost_clients_are_bounded_in_number_and_time() -> None:
    clock = [0.0]
    recovery = bound(Recovery(max_ms=10_000, max_lost=3), clock)
    offset = recovery.note("room", "told", ()).last_argument()
    for number in range(5):
        leaver: Any = Leaver(str(number))
        recovery.lose(leaver, "transport close")
    assert recovery.find({"pid": "1", "offset": offset}) is None
    found = recovery.find({"pid": "4", "offset": offset})
    assert found is not None
    assert (found.sid, found.seen) == ("4", 1)
    clock[0] = 11.0
    assert recovery.find({"pid": "3", "offset": offset}) is None
    late: Any = Leaver("late")
    recovery.lose(late, "transport close")
    assert list(recovery._lost) == ["late"]
