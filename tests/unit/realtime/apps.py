"""Applications of an engine, for tests."""

from __future__ import annotations

import asyncio
from typing import Any

from batiyoun.realtime import Hub, Namespace, Socket
from batiyoun.wire.packets import Event
from tests.harness.wires import Wire
from tests.unit.realtime.serving import ignore


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


class Lobby:
    """Every client joins `room` when it connects; the sockets in order."""

    def __init__(self, hub: Hub | None = None) -> None:
        self.sockets: list[Socket] = []
        self.hub = hub or Hub()
        self.namespace = Namespace(ignore, self.connect, hub=self.hub)

    async def connect(self, socket: Socket, auth: dict[str, Any] | None) -> None:
        self.sockets.append(socket)
        self.hub.join(socket, "room")


async def joined(port: int, namespace: str = "/") -> Wire:
    """A client in the room."""
    client = await Wire.connect(port)
    await client.open(namespace)
    return client
