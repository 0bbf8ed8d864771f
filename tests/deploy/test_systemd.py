"""The systemd unit: accepted, locked down, and with a server that lives under the strictest of its rules."""

from __future__ import annotations

import configparser
import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from batiyoun import startup
from batiyoun.settings import Settings, file_variables, variables
from tests.deploy.compose import DEPLOY
from tests.harness.server import SERVE, Server

UNIT = DEPLOY / "batiyoun.service"
#: of systemd-analyze(1): 0 is locked in, 10 is free; what a network service with a data directory can reach
EXPOSURE = 15


@pytest.fixture
def analyze() -> str:
    """The path of `systemd-analyze`."""
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("systemd-analyze is not installed")
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit with a program that is there: `verify` looks for it."""
    text = UNIT.read_text()
    program = "/opt/batiyoun/bin/batiyoun"
    assert text.count(program) == 1
    path = tmp_path / UNIT.name
    path.write_text(text.replace(program, sys.executable))
    return path


def read() -> dict[str, list[str]]:
    """The options of [Service]; some occur more than once."""
    found: dict[str, list[str]] = {}
    section = UNIT.read_text().partition("[Service]")[2].partition("[Install]")[0]
    for line in section.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_systemd_accepts_it(analyze: str, installed: Path) -> None:
    done = subprocess.run([analyze, "verify", "--man=no", str(installed)], capture_output=True, text=True, check=False)
    # other units of the machine may be broken
    complaints = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert not complaints, done.stderr


def test_51_little_is_left_to_reach(analyze: str, installed: Path) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", str(installed)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_it_is_an_ini_file_with_three_sections() -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(UNIT.read_text())
    assert parser.sections() == ["Unit", "Service", "Install"]


def test_its_environment_is_ours() -> None:
    named = set(re.findall(r"BATIYOUN_[A-Z_]+(?==)", UNIT.read_text()))
    assert named
    assert named <= {*variables(), *file_variables()}


def test_it_waits_for_the_drain_and_does_not_insist_on_what_cannot_work() -> None:
    service = read()
    assert service["TimeoutStopSec"] == ["30s"]
    # uvicorn's requests in flight get 5 s after the drain (web/shell.py)
    assert Settings.model_fields["drain_seconds"].default + 5 < 30
    prevented = {int(code) for code in service["RestartPreventExitStatus"][0].split()}
    assert prevented == {startup.EXIT_CANNOT_CREATE, startup.EXIT_CONFIG}


def _forbids_writable_code() -> bool:
    """prctl(2) PR_GET_MDWE, Linux 6.3."""
    return bool(ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) >= 0)


def test_the_server_lives_without_writable_and_executable_memory(tmp_path: Path) -> None:
    """`MemoryDenyWriteExecute=yes` and `NoNewPrivileges=yes`, set by the same calls; a foreign-function library or a
    just-in-time compiler among the dependencies would end here."""
    assert read()["MemoryDenyWriteExecute"] == ["yes"]
    if not _forbids_writable_code():
        pytest.skip("this kernel is older than 6.3")
    strict = (
        "import ctypes, mmap, os, sys\n"
        "prctl = ctypes.CDLL(None, use_errno=True).prctl\n"
        "assert prctl(38, 1, 0, 0, 0) == 0 and prctl(65, 1, 0, 0, 0) == 0\n"
        "try:\n"
        "    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
        "except PermissionError:\n"
        "    os.execv(sys.argv[1], sys.argv[1:])\n"
        "sys.exit('the rule does not hold')\n"
    )
    with Server(tmp_path, command=[sys.executable, "-c", strict, *SERVE]) as server:
        person = {"username": "asha", "email": "asha@example.org", "password": "mango-lassi-at-the-ghat"}
        with httpx.Client(base_url=server.url, headers={"Origin": server.url}) as browser:
            assert browser.post("/api/auth/signup", json=person).status_code == 201
            assert browser.get("/api/auth/verify-me").status_code == 200
