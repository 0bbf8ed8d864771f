"""Security check 21: the web app is built of its sources alone, and everybody can see whether a server serves that."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import client
from tests.harness.accounts import open_accounts

ROOT = Path(__file__).resolve().parent.parent
SUMS = "sha256sums.txt"
STEPS = (
    ("node_modules/vite/bin/vite.js", "build"),
    ("scripts/minify.mjs",),
    ("scripts/worker.mjs",),
    ("scripts/precompress.mjs",),
    ("scripts/checksums.mjs",),
)


def _build(folder: Path) -> Path:
    """The web app, built in a folder of its own from a copy of the sources; where it is."""
    node = client.ensure_node()
    client.install(node)
    ignore = shutil.ignore_patterns("node_modules", "dist", "*.tsbuildinfo")
    shutil.copytree(ROOT / "client", folder / "client", ignore=ignore)
    (folder / "client" / "node_modules").symlink_to((ROOT / "client" / "node_modules").resolve())
    for step in STEPS:
        command = [node.executable, *step]
        done = subprocess.run(command, cwd=folder / "client", check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "batiyoun" / "static"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(tmp_path_factory.mktemp("once"))


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_21_the_same_sources_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another and longer place"
    elsewhere.mkdir()
    once, twice = _files(built), _files(_build(elsewhere))
    assert len(once) > 50
    assert once.keys() == twice.keys()
    assert [name for name in once if once[name] != twice[name]] == []


def test_21_what_make_builds_is_what_the_steps_here_build() -> None:
    script = json.loads((ROOT / "client" / "package.json").read_text())["scripts"]["build"]
    steps = " && ".join(f"node {' '.join(step)}" for step in STEPS[1:])
    assert script == f"npm run -s typecheck && vite build && {steps}"


async def test_21_every_file_is_served_as_its_published_hash_says(built: Path, tmp_path: Path) -> None:
    async with open_accounts(tmp_path, client_dir=built) as server, server.client() as browser:
        published = await browser.get(f"/{SUMS}")
        assert published.headers["content-type"] == "text/plain; charset=utf-8"
        assert published.headers["cache-control"] == "no-cache"
        sums = {name: digest for digest, _, name in (line.partition("  ") for line in published.text.splitlines())}
        whole = {name for name in _files(built) if not name.endswith((".br", ".gz"))}
        assert sums.keys() == whole - {SUMS}, "every file is in the list"
        for encoding in ("identity", "gzip"):
            for name, digest in sums.items():
                answer = await browser.get(f"/{name}", headers={"accept-encoding": encoding})
                assert answer.status_code == 200
                assert hashlib.sha256(answer.content).hexdigest() == digest, name


def test_21_scripts_and_styles_come_from_here_alone(built: Path) -> None:
    page = (built / "index.html").read_text()
    loaded = re.findall(r"<(?:script|link|img|iframe|object|embed)\b[^>]*?\b(?:src|href|data)=\"([^\"]*)\"", page)
    assert any(place.endswith(".js") for place in loaded)
    for place in loaded:
        assert place.startswith("/"), place
        assert not place.startswith("//"), place
        assert (built / place.lstrip("/")).is_file(), place
    assert re.findall(r"<script\b(?![^>]*\bsrc=)", page) == [], "inline scripts are refused by the policy"
    for name, content in _files(built).items():
        if name.endswith(".js"):
            assert not re.search(rb"\b(?:import|importScripts)\s*\(\s*[\"'](?:https?:)?//", content), name
        if name.endswith(".css"):
            assert not re.search(rb"(?:@import|url\()\s*[\"']?(?:https?:)?//", content), name
