"""Closed connections are freed by their reference counts: the collector of cycles seldom runs (`calm_collector`)."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from batiyoun.realtime.client import Client
from batiyoun.realtime.session import Session
from batiyoun.realtime.socket import Socket
from batiyoun.realtime.websocket import WebSocketTransport
from tests.harness.wires import wire
from tests.unit.realtime.serving import engine_of, until


@pytest.fixture(autouse=True)
def without_collector() -> Iterator[None]:
    """Nothing is collected while the test runs."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _living() -> list[str]:
    kinds = (Client, Session, Socket, WebSocketTransport)
    return [type(each).__name__ for each in gc.get_objects() if type(each) in kinds]


@pytest.mark.parametrize("polite", [True, False])
async def test_a_connection_that_is_over_leaves_nothing_behind(polite: bool) -> None:
    async with engine_of() as (engine, port):
        async with wire(port) as client:
            await client.open()
            assert sorted(_living()) == ["Client", "Session", "Socket", "WebSocketTransport"]
            if polite:
                client.send("41")
                client.frame(8, b"")
            else:
                client.writer.transport.abort()
            await until(lambda: not engine.io.websockets)
        await until(lambda: not _living())
