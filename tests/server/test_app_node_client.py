"""The whole app through the official JavaScript client, on every transport it has."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from tests.harness.server import ROOT, Server

SCRIPT = ROOT / "tests" / "interop" / "app.mjs"


@pytest.mark.parametrize(
    ("transports", "ends_on"),
    [(["websocket"], "websocket"), (["polling"], "polling"), ([], "websocket")],
    ids=["websocket", "polling", "polling-then-upgrade"],
)
async def test_the_official_client_talks(shared_server: Server, transports: list[str], ends_on: str) -> None:
    node = shutil.which("node")
    assert node, "Node is not on PATH: run `make test`, which finds or fetches one"
    process = await asyncio.create_subprocess_exec(
        node,
        str(SCRIPT),
        shared_server.url,
        *transports,
        cwd=SCRIPT.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, complained.decode()
    assert json.loads(said) == {"transport": ends_on, "seq": 1}
