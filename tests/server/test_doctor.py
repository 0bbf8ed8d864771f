"""`batiyoun doctor` and `batiyoun health` as an administrator types them."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.harness import forge
from tests.harness.forge import BATIYOUN
from tests.harness.server import Server


def run(server: Server, *arguments: str, **settings: str) -> tuple[int, str]:
    """The command on the server's settings: its exit code, and what it said."""
    environment = server.environment | {f"BATIYOUN_{name}": value for name, value in settings.items()}
    if server.fresh:
        done = subprocess.run([*BATIYOUN, *arguments], env=environment, capture_output=True, text=True, check=False)
    else:
        done = forge.run(*arguments, environment=environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def lines(said: str) -> dict[str, str]:
    """Grade by subject, the worst last."""
    found = {}
    for line in said.splitlines():
        grade, _, rest = line.partition(" ")
        found[rest.strip().partition(":")[0]] = grade
    return found


def test_before_the_first_start_it_changes_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.fresh = True
    code, said = run(server, "doctor")
    assert code == 0, said
    assert not server.data_dir.exists()


def test_beside_a_running_server(server: Server) -> None:
    code, said = run(server, "doctor")
    assert code == 0, said
    found = lines(said)
    assert found.pop("clock") in {"ok", "warning"}  # a virtual machine's may not be synchronised
    found.pop("disk space")
    assert set(found.values()) == {"ok"}, said
    assert {"settings", "data directory", "accounts", "messages"} <= set(found)
    assert server.is_ready()


def test_settings_that_contradict_each_other(tmp_path: Path) -> None:
    code, said = run(Server(tmp_path), "doctor", HOST="0.0.0.0")  # noqa: S104
    assert code == 78
    assert "BATIYOUN_TLS_CERT" in said


@pytest.mark.parametrize(
    ("settings", "subject", "variable"),
    [
        ({"DATABASE_URL": "postgresql://a:s3cret@127.0.0.1:1/x"}, "accounts", "BATIYOUN_DATABASE_URL"),
        ({"MESSAGES_URL": "postgresql://a:s3cret@127.0.0.1:1/x"}, "messages", "BATIYOUN_MESSAGES_URL"),
        ({"MESSAGES_URL": "mongodb://a:s3cret@127.0.0.1:1/x", "MESSAGES_TIMEOUT_MS": "500"}, "messages",
         "BATIYOUN_MESSAGES_URL"),
        ({"REDIS_URL": "redis://:s3cret@127.0.0.1:1/0"}, "redis", "BATIYOUN_REDIS_URL"),
    ],
)  # fmt: skip
def test_stores_that_do_not_answer(settings: dict[str, str], subject: str, variable: str, tmp_path: Path) -> None:
    code, said = run(Server(tmp_path), "doctor", **settings)
    assert code == 69, said
    assert lines(said)[subject] == "PROBLEM"
    assert variable in said
    assert "s3cret" not in said


def test_damage(server: Server) -> None:
    server.stop()
    accounts = server.data_dir / "accounts.db"
    accounts.write_bytes(accounts.read_bytes()[:8000])
    code, said = run(server, "doctor")
    assert code == 65, said
    assert "batiyoun restore" in said


async def test_health_says_whether_it_is_ready(server: Server) -> None:
    for options in ((), ("--live",)):
        code, said = await asyncio.to_thread(run, server, "health", *options)
        assert (code, '"ok"' in said) == (0, True)
    await asyncio.to_thread(server.stop)
    code, said = await asyncio.to_thread(run, server, "health")
    assert (code, "batiyoun serve" in said) == (69, True)
    code, said = await asyncio.to_thread(run, server, "health", PORT="0")
    assert code == 78
