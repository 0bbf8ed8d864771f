"""What a browser has to fetch stays small: the first load, and the service worker."""

from __future__ import annotations

import re

import pytest

from scripts import client

#: in bytes, compressed with brotli as the server sends them
FIRST_LOAD = 150_000
WORKER = 90_000


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    client.ensure_built()


def _sent(path: str) -> int:
    """How many bytes the server sends for a file of the build."""
    file = client.STATIC / path
    small = file.with_name(f"{file.name}.br")
    return (small if small.exists() else file).stat().st_size


def test_the_first_load_is_small() -> None:
    page = (client.STATIC / "index.html").read_text()
    # what has no `rel` yet is for who is not signed in
    named = re.findall(r'<(?:script|link rel)[^>]*(?:src|href)="/([^"]+\.(?:js|css))"', page)
    assert any(path.startswith("assets/") for path in named), "no code was found in the page"
    sizes = {path: _sent(path) for path in ["index.html", *named]}
    assert sum(sizes.values()) <= FIRST_LOAD, sizes


def test_the_service_worker_is_small_and_whole() -> None:
    assert _sent("sw.js") <= WORKER
    script = (client.STATIC / "sw.js").read_text()
    assert not re.search(r"\bimport\s*[({\"']|\bimportScripts\s*\(", script), "it runs when nothing can be fetched"


def test_the_service_worker_knows_every_file_that_the_app_may_want() -> None:
    script = (client.STATIC / "sw.js").read_text()
    endings = {".js", ".css", ".woff2"}
    wanted = {path.name for path in (client.STATIC / "assets").iterdir() if path.suffix in endings}
    missing = sorted(name for name in wanted if f'"/assets/{name}"' not in script and f"`/assets/{name}`" not in script)
    assert wanted
    assert not missing
    assert "/index.html" in script
