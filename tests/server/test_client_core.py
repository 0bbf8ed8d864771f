"""The client's core against the real server: its `*.live.test.ts`, with a server that they may kill and start again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.harness.server import ROOT, Server


@contextmanager
def control(server: Server) -> Iterator[str]:
    """The address where `POST` kills the server and starts it again; answers when it is ready."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.kill()
            server.start()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The tests say what went wrong."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = Thread(target=listener.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_port}"
        finally:
            listener.shutdown()
            thread.join()


@pytest.mark.timeout(400)
def test_the_core_of_the_client_on_the_real_server(server: Server) -> None:
    node = shutil.which("node")
    assert node, "Node is not on PATH: run `make test`, which finds or fetches one"
    with control(server) as address:
        environment = os.environ | {"BATIYOUN_TEST_URL": server.url, "BATIYOUN_TEST_CONTROL": address}
        vitest = [
            node,
            "node_modules/vitest/vitest.mjs",
            "run",
            "--project",
            "live",
            "--exclude",
            "**/groups.live.test.ts",
        ]
        done = subprocess.run(vitest, cwd=ROOT / "client", env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
