"""The client's core against the real server: its `*.live.test.ts`, with a server that they may kill and start again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
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
def test_the_core_of_the_client_on_the_real_server(tmp_path: Path) -> None:
    """Without encryption, which has tests of its own below: here people of the harness talk to those of the client."""
    with Server(tmp_path, ENCRYPTION="off") as server, control(server) as address:
        variables = {"BATIYOUN_TEST_URL": server.url, "BATIYOUN_TEST_CONTROL": address}
        vitest("live", variables, "--exclude", "**/groups.live.test.ts")


@pytest.mark.timeout(400)
def test_encrypted_chats_of_the_client_on_the_real_server(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        vitest("sealed", {"BATIYOUN_TEST_URL": server.url}, "--exclude", "**/nothing-readable.sealed.test.ts")


def vitest(project: str, variables: dict[str, str], *options: str) -> None:
    """Run the client's tests of that project; fails with their output."""
    node = shutil.which("node")
    assert node, "Node is not on PATH: run `make test`, which finds or fetches one"
    command = [node, "node_modules/vitest/vitest.mjs", "run", "--project", project, *options]
    environment = os.environ | variables
    done = subprocess.run(command, cwd=ROOT / "client", env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
