"""The official JavaScript clients, on every transport and with both parsers."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from tests.interop.servers import HERE, Process, node, running

WAYS = [
    ("default", "websocket"),
    ("websocket", "websocket"),
    ("polling", "polling"),
]
each_way = pytest.mark.parametrize(("transports", "ends_on"), WAYS, ids=[way for way, _ in WAYS])
each_parser = pytest.mark.parametrize("parser", ["json", "msgpack"])


@each_parser
@each_way
async def test_the_echo_example(echo: Process, transports: str, ends_on: str, parser: str) -> None:
    assert await node("echo.mjs", echo.url, transports, parser) == {
        "socketIo": ends_on,
        "engineIo": ends_on if parser == "json" else None,
    }


@each_parser
@each_way
async def test_acks_broadcasts_refusals_and_endings(
    application: Process, transports: str, ends_on: str, parser: str
) -> None:
    assert await node("application.mjs", application.url, transports, parser) == {"done": True}


@each_way
async def test_a_restart_brings_clients_back_by_themselves(transports: str, ends_on: str) -> None:
    executable = shutil.which("node")
    assert executable
    with running("tests.interop.application") as server:
        client = await asyncio.create_subprocess_exec(
            executable, "application.mjs", server.url, transports, "json", "restart", cwd=HERE,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert client.stdout is not None
        assert (await asyncio.wait_for(client.stdout.readline(), 20)).strip() == b"ready"
        assert await asyncio.to_thread(server.stop) == 0
        await asyncio.to_thread(server.start)
        said = json.loads(await asyncio.wait_for(client.stdout.read(), 20))
        assert await client.wait() == 0
        assert said["reason"] == "transport close"
        assert said["backAfter"] < 15_000
