"""What `pip install .` and `uvx --from .` give: a wheel that holds the client and serves it."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from scripts import client
from tests.harness.server import Server

ROOT = Path(__file__).resolve().parent.parent
BUILD = [sys.executable, "-m", "hatchling", "build", "--directory"]


def _build(kind: str, source: Path, target: Path, *, node: bool = True) -> Path:
    """Build without fetching anything; without Node on PATH when the client must not be built again."""
    environment = dict(os.environ)
    if not node:
        empty = target / "empty"
        empty.mkdir(parents=True)
        environment["PATH"] = str(empty)
    command = [*BUILD, str(target), "--target", kind]
    done = subprocess.run(command, cwd=source, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive as an index would, on a machine without Node."""
    client.ensure_built()
    archive = _build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    source = tmp_path_factory.mktemp("source")
    # not shutil: its `filter` came with Python 3.11.4, and leaving it out is a warning from 3.12 on
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(source)], check=True)
    return _build("wheel", next(source.iterdir()), tmp_path_factory.mktemp("wheel"), node=False)


def test_the_wheel_holds_the_client_and_the_server_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "batiyoun/static/index.html" in names
    assert any(name.startswith("batiyoun/static/assets/") and name.endswith(".js.br") for name in names)
    assert "batiyoun/cli.py" in names
    strangers = {name.split("/")[0] for name in names} - {"batiyoun"}
    assert all(name.endswith(".dist-info") for name in strangers), strangers


def test_an_installed_wheel_serves_the_client(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own: nothing of the source tree is importable there but our dependencies."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    packages = next(home.glob("lib/python*/site-packages"))
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    packages.joinpath("dependencies.pth").write_text("\n".join(site.getsitepackages()))
    with Server(tmp_path, command=[str(home / "bin" / "batiyoun"), "serve"]) as server:
        page = httpx.get(server.url)
        assert page.status_code == httpx.codes.OK
        assert page.headers["content-type"].startswith("text/html")
        assert "data-app>" in page.text


def test_the_stamp_follows_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of any input makes the build stale, a change of a test does not."""
    sources = tmp_path / "client"
    (sources / "src").mkdir(parents=True)
    (sources / "package.json").write_text("{}")
    monkeypatch.setattr(client, "CLIENT", sources)
    monkeypatch.setattr(client, "STAMP", tmp_path / "stamp")
    assert not client.is_fresh()
    client.STAMP.write_text(client.fingerprint())
    assert client.is_fresh()
    (sources / "src" / "chat.test.ts").write_text("test()")
    (sources / "node_modules").mkdir()
    (sources / "node_modules" / "x.js").write_text("x")
    assert client.is_fresh()
    (sources / "src" / "chat.ts").write_text("export {}")
    assert not client.is_fresh()
