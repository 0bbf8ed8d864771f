"""What the tests fork instead of starting it is the same to whoever looks at it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.harness import forge
from tests.harness.server import Server

HERE = {name: value for name, value in os.environ.items() if not name.startswith("BATIYOUN_")}


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (["--version"], {}),
        (["nonsense"], {}),
        (["config"], {"BATIYOUN_DATA_DIR": "somewhere", "BATIYOUN_PORT": "12345"}),
        (["config"], {"BATIYOUN_PORT": "no number"}),
    ],
)
def test_a_command_says_and_returns_the_same(tmp_path: Path, arguments: list[str], settings: dict[str, str]) -> None:
    real = subprocess.run(
        [*forge.BATIYOUN, *arguments],
        env=HERE | settings, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    done = forge.run(*arguments, environment=HERE | settings, folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (real.returncode, real.stdout, real.stderr)


def test_a_server_ends_as_a_program_does(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    process = psutil.Process(server.pid)
    assert process.cwd() == str(tmp_path)
    assert server.stop() == 0
    assert not psutil.pid_exists(process.pid)
    server.start()
    os.kill(server.pid, signal.SIGKILL)
    assert server.exit_code() == -signal.SIGKILL


def test_no_two_of_them_draw_the_same_lots(tmp_path: Path) -> None:
    names = set()
    for number in range(2):
        said = forge.run(
            "user", "create", "asha", "asha@example.org",
            environment=HERE | {"BATIYOUN_DATA_DIR": str(tmp_path / str(number)), "BATIYOUN_PASSWORD_COST": "4"},
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        names.add(said.stdout.rsplit(maxsplit=1)[-1])
    assert len(names) == 2
