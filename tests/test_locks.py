"""Lock files name packages, versions and hashes, never where somebody's machine got them from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"]
NODE_LOCKS = sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts
)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)")


def _pins(lock: str) -> dict[str, str]:
    found = (PINNED.match(line) for line in (ROOT / lock).read_text().splitlines())
    return {canonicalize_name(pin[1]): pin[2] for pin in found if pin}


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_a_python_lock_holds_only_pins_and_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    for line in text.splitlines():
        assert PINNED.match(line) or line.startswith("    --hash=sha256:"), line


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_an_npm_lock_names_no_host(lock: str) -> None:
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / lock).read_text())["packages"]
    addresses = [name for name, package in packages.items() if "resolved" in package and not package.get("link")]
    assert not addresses
    hashless = [name for name, package in packages.items() if name and not package.get("integrity")]
    assert not hashless


@pytest.mark.parametrize(("lock", "groups"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["dev"])])
def test_a_lock_satisfies_the_project(lock: str, groups: list[str]) -> None:
    """A dependency that was added or raised without `make lock` is found here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted: list[str] = list(project["project"]["dependencies"])
    todo = list(groups)
    while todo:
        for entry in project["dependency-groups"][todo.pop()]:
            if isinstance(entry, str):
                wanted.append(entry)
            else:
                todo.append(entry["include-group"])
    pins = _pins(lock)
    for requirement in map(Requirement, wanted):
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{name} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(pins[name]), f"{lock} has {name} {pins[name]}: run `make lock`"


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_an_npm_lock_satisfies_its_package(lock: str) -> None:
    wanted = json.loads((ROOT / lock).with_name("package.json").read_text())
    locked = json.loads((ROOT / lock).read_text())["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        assert locked.get(kind, {}) == wanted.get(kind, {}), f"{lock} is stale: run `make lock`"
