"""The Python client (python-socketio) on every transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import socketio

from tests.harness.clients import new_client
from tests.interop.servers import Process

each_way = pytest.mark.parametrize(
    "transports", [["websocket"], ["polling"], None], ids=["websocket", "polling", "default"]
)


@asynccontextmanager
async def connected(
    server: Process, transports: list[str] | None, namespaces: list[str], **options: Any
) -> AsyncIterator[socketio.AsyncClient]:
    """A client that is connected to the namespaces."""
    async with new_client() as client:
        await client.connect(server.url, transports=transports, namespaces=namespaces, wait_timeout=5, **options)
        yield client


def events_of(client: socketio.AsyncClient, name: str, namespace: str = "/") -> asyncio.Queue[tuple[Any, ...]]:
    """What comes under that name."""
    queue: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
    client.on(name, lambda *arguments: queue.put_nowait(arguments), namespace=namespace)
    return queue


@each_way
async def test_the_echo_example(echo: Process, transports: list[str] | None) -> None:
    async with connected(echo, transports, ["/", "/custom"], auth={"token": "t"}) as client:
        values = (1, "€", [b"\x00\xff", None], {"a": [1.5, True]})
        for namespace in ("/", "/custom"):
            back = events_of(client, "message-back", namespace)
            await client.emit("message", values, namespace=namespace)
            assert await asyncio.wait_for(back.get(), 5) == values
            assert await client.call("message-with-ack", values, namespace=namespace, timeout=5) == values
        await asyncio.sleep(1)
        assert client.connected, "heartbeats kept it alive"


@each_way
async def test_acks_and_broadcasts_from_the_server(application: Process, transports: list[str] | None) -> None:
    async with connected(application, transports, ["/"]) as client:
        client.on("question", lambda a, b, c: (a * b, c))
        told = events_of(client, "told")
        assert (await client.call("tell", timeout=5)) == {"ok": True}
        assert await asyncio.wait_for(told.get(), 5) == ({"by": client.get_sid()}, b"\x00\xff")
        ended = events_of(client, "disconnect")
        await client.emit("leave")
        await asyncio.wait_for(ended.get(), 5)
    async with new_client() as client:
        refused = events_of(client, "connect_error", "/private")
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(
                application.url, transports=transports, namespaces=["/private"], auth={"word": "foe"}, wait_timeout=5
            )
        assert await refused.get() == ({"message": "speak", "data": {"code": "unauthenticated"}},)
