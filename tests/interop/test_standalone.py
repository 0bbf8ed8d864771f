"""Engines without an application around them (`batiyoun.web.standalone`), as the echo example runs them."""

from __future__ import annotations

import httpx
import socketio

from tests.interop.servers import Process, running


def test_a_path_of_no_engine_is_not_found(echo: Process) -> None:
    assert httpx.get(f"{echo.url}/elsewhere").status_code == 404
    for path in ("/socket.io/", "/engine.io/"):
        assert httpx.get(f"{echo.url}{path}?EIO=4&transport=polling").text.startswith("0{")


def test_sigterm_drains_every_engine() -> None:
    with running("examples.echo") as process, socketio.SimpleClient() as client:
        client.connect(process.url)
        client.emit("message", 1)
        assert process.stop() == 0
