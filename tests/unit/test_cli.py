"""cli.py: what goes wrong is one sentence with a way out and an exit code, never a traceback."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from batiyoun import __version__
from batiyoun.cli import main
from batiyoun.settings import variables


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Every command starts from the defaults, with its data in a folder of the test."""
    for name in (*variables(), "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATIYOUN_DATA_DIR", str(tmp_path / "data"))
    root = logging.getLogger()
    mask, handlers, level = os.umask(0o022), root.handlers[:], root.level
    yield
    os.umask(mask)
    root.handlers[:] = handlers
    root.setLevel(level)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)


def test_version_and_help() -> None:
    assert __version__ in run("--version").output
    shown = run("-h").output
    for command in ("serve", "migrate", "config", "schema"):
        assert command in shown


def test_config_prints_what_is_in_effect_and_masks(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("BATIYOUN_PORT=1234\n")
    result = run("--env-file", str(file), "config", BATIYOUN_DATABASE_URL="postgresql://asha:s3cret@db/x")
    assert result.exit_code == 0
    assert "BATIYOUN_PORT=1234" in result.stdout.splitlines()
    assert "asha:••••@db" in result.stdout
    assert "s3cret" not in result.output


def test_misspelt_settings_are_noticed() -> None:
    result = run("config", BATIYOUN_PROT="1")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == ["Warning: BATIYOUN_PROT is not a setting: did you mean BATIYOUN_PORT?"]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BATIYOUN_HOST": "0.0.0.0"}, ["BATIYOUN_TLS_CERT", "127.0.0.1"]),  # noqa: S104
        ({"BATIYOUN_PORT": "x", "BATIYOUN_LOG_LEVEL": "y"}, ["BATIYOUN_PORT", "BATIYOUN_LOG_LEVEL"]),
        ({"BATIYOUN_RATE_LIMITS": "perhaps"}, ["BATIYOUN_RATE_LIMITS"]),
    ],
)
@pytest.mark.parametrize("command", ["serve", "migrate", "config"])
def test_settings_that_cannot_work_stop_every_command(
    command: str, environment: dict[str, str], words: list[str]
) -> None:
    result = run(command, **environment)
    assert result.exit_code == 78
    assert result.stderr.startswith("Error: ")
    assert all(word in result.stderr for word in words)
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_an_unwritable_data_directory(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run(command, BATIYOUN_DATA_DIR=str(tmp_path / "file" / "data"))
    assert result.exit_code == 73
    assert "BATIYOUN_DATA_DIR" in result.stderr
    assert "Traceback" not in result.output


def test_a_database_that_does_not_answer() -> None:
    result = run("migrate", BATIYOUN_DATABASE_URL="postgresql://asha:s3cret@127.0.0.1:1/x")
    assert result.exit_code == 69
    assert result.stderr == "Error: The database does not answer: start it, or correct BATIYOUN_DATABASE_URL.\n"


def test_53_serving_with_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "data" / "keys" / "signing-20260101T000000000Z.pem"
    key.parent.mkdir(mode=0o700, parents=True)
    key.write_text("key")
    key.chmod(0o644)
    result = run("serve")
    assert result.exit_code == 78
    assert f"chmod 600 {key}" in result.stderr


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run("serve", BATIYOUN_PORT=port)
    assert result.exit_code == 69
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert port in line
    assert "BATIYOUN_PORT" in line
    assert "Traceback" not in result.output


def test_53_what_the_server_makes_is_for_its_user_alone(tmp_path: Path) -> None:
    run("migrate")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run("serve", BATIYOUN_PORT=str(taken.getsockname()[1]))
    made = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert "accounts.db" in {path.name for path in made}
    assert [path.name[:8] for path in made if path.parent.name == "keys"] == ["signing-"]
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


def test_the_contract_is_one_json_document() -> None:
    document = json.loads(run("schema").stdout)
    assert "/api/auth/login" in document["openapi"]["paths"]
    assert document["sockets"]


def test_a_command_that_needs_little_imports_little() -> None:
    code = "import sys, batiyoun.cli; print(','.join({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert not {"fastapi", "sqlalchemy", "uvicorn", "alembic", "bcrypt"} & set(done.stdout.strip().split(","))
