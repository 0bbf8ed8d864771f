"""The client's own engine of encrypted groups against the real server, on every message store."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.harness.message_stores import STORES, prepare
from tests.harness.server import ROOT, Server


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", STORES)
def test_groups_of_the_client_on_the_real_server(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node, "Node is not on PATH: run `make test`, which finds or fetches one"
    with Server(tmp_path, **prepare(kind, request)) as server:
        environment = os.environ | {"BATIYOUN_TEST_URL": server.url}
        vitest = [node, "node_modules/vitest/vitest.mjs", "run", "--project", "live", "groups.live"]
        done = subprocess.run(vitest, cwd=ROOT / "client", env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
