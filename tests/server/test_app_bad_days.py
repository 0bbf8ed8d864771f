"""Bad days of an administrator: each gets a sentence with a way out and an exit code, never a traceback."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import httpx

from tests.harness.server import ROOT, Server

# sysexits.h
UNAVAILABLE, CANNOT_CREATE, CONFIG = 69, 73, 78


def _refused(server: Server) -> tuple[int, str]:
    server.launch()
    code = server.exit_code()
    assert "Traceback" not in server.output, server.output
    return code, server.output


def test_an_unwritable_data_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    code, said = _refused(Server(tmp_path, DATA_DIR=str(tmp_path / "file" / "data")))
    assert code == CANNOT_CREATE
    assert str(tmp_path / "file") in said
    assert "BATIYOUN_DATA_DIR" in said


def test_a_port_in_use_is_named_and_the_first_server_lives_on(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    code, said = _refused(Server(other, PORT=str(server.port)))
    assert code == UNAVAILABLE
    assert f"127.0.0.1:{server.port}: Address already in use" in said
    assert "BATIYOUN_PORT" in said
    assert server.is_ready()


def test_a_client_that_was_not_built_is_explained(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "batiyoun", tmp_path / "batiyoun", ignore=shutil.ignore_patterns("static", "__pycache__"))
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from batiyoun.cli import main; main()"
    with Server(tmp_path, command=[sys.executable, "-c", program, "serve"]) as server:
        page = httpx.get(server.url)
        assert page.status_code == 503
        assert "make run" in page.text
        assert httpx.get(f"{server.url}/api/auth/check-username", params={"username": "asha"}).status_code == 200


def test_plain_http_beyond_loopback_is_refused(tmp_path: Path) -> None:
    code, said = _refused(Server(tmp_path, HOST="192.0.2.1"))
    assert code == CONFIG
    assert "BATIYOUN_TLS_CERT" in said


def test_secrets_and_data_are_private(server: Server) -> None:
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    for path in server.data_dir.rglob("*"):
        # databases are protected by the directory; whatever is no database is a secret
        if path.is_file() and ".db" not in path.name:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_secret_that_others_can_read_is_refused(server: Server) -> None:
    [secret, *_] = [path for path in server.data_dir.rglob("*") if path.is_file() and ".db" not in path.name]
    server.stop()
    secret.chmod(0o644)
    code, said = _refused(server)
    assert code == CONFIG
    assert f"chmod 600 {secret}" in said


def test_settings_are_shown_with_secrets_masked() -> None:
    command = [sys.executable, "-c", "from batiyoun.cli import main; main()", "config"]
    url = "postgresql://asha:hush-hush@db.example.org/batiyoun"
    environment = {"BATIYOUN_DATABASE_URL": url, "PATH": "/usr/bin:/bin"}
    said = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    assert "hush-hush" not in said
    assert "BATIYOUN_DATABASE_URL" in said
